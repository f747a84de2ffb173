// Rules of AXI4 that a master must keep, checked on what it drives.
#pragma once

#include <string>

#include "fault.h"
#include "ports.h"

// VALID stays until READY, and its payload with it.
template <typename Payload>
class Stable {
public:
    explicit Stable(const char* channel) : m_channel(channel) {}

    // Once a cycle. `payload` is only called when VALID is high or was refused a cycle ago.
    template <typename Read>
    void check(bool valid, bool ready, Read payload) {
        if (m_waiting) {
            const std::string channel = m_channel;
            if (!valid) fail(channel + "VALID fell before " + channel + "READY");
            if (!(payload() == m_payload)) fail(channel + " payload changed while it waited for READY");
        } else if (valid && !ready) {
            m_payload = payload();
        }
        m_waiting = valid && !ready;
    }

    bool waiting() const { return m_waiting; }

private:
    const char* const m_channel;
    bool m_waiting = false;
    Payload m_payload{};
};

// A burst is INCR, as wide as the port, aligned to it, short enough, and inside 4 KiB.
inline void check_burst(const char* channel, const AddressPayload& burst, unsigned burst_beats) {
    const auto require = [&](bool holds, const char* reason) {
        if (!holds) fail(std::string(channel) + " burst at " + hex(burst.address) + " " + reason);
    };
    require(burst.burst() == 1, "is not INCR");
    require(burst.size() == log2_of(PORT_BYTES), "is not as wide as the port");
    require(burst.address % PORT_BYTES == 0, "is not aligned to the port's width");
    require(burst.beats() <= burst_beats, "is longer than the engine's longest burst");
    const uint64_t last = burst.address + uint64_t{burst.beats()} * PORT_BYTES - 1;
    require(burst.address / 4096 == last / 4096, "crosses a 4 KiB boundary");
}
