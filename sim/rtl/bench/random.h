// Seeded decisions of one channel: whether it withholds its ready or valid in a cycle.
#pragma once

#include <cstdint>

class Withholding {
public:
    Withholding(uint64_t seed, uint64_t channel, unsigned percent)
        // 0 would stay 0 for ever; the multiplier spreads neighbouring seeds.
        : m_state((seed * 8 + channel + 1) * 0x9e3779b97f4a7c15ull | 1)
        , m_threshold(static_cast<uint64_t>(percent) * 0xffffffffull / 100) {}

    bool operator()() {
        if (m_threshold == 0) return false;
        m_state ^= m_state << 13;
        m_state ^= m_state >> 7;
        m_state ^= m_state << 17;
        return (m_state >> 32) < m_threshold;
    }

private:
    uint64_t m_state;
    const uint64_t m_threshold;
};
