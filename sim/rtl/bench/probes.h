// Writes what passes inside the engine as records of fixed size (sim/rtl/probes.ts reads them): every write of
// post_unit to the feature memory, and every sum of global_pool.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "fault.h"
#include "verilated.h"
#include "verilated_sym_props.h"
#include "verilated_syms.h"

// A signal that sim/rtl/probes.vlt made visible.
class Signal {
public:
    Signal(const std::string& instance, const char* name) {
        const std::string ending = "." + instance;
        for (const auto& [path, scope] : *Verilated::scopeNameMap()) {
            const std::string text = path;
            const auto at = text.rfind(ending);
            if (at == std::string::npos || at + ending.size() != text.size()) continue;
            VerilatedVar* const found = scope->varFind(name);
            if (found == nullptr) continue;
            m_data = static_cast<const uint8_t*>(found->datap());
            m_bits = found->packed().elements();
            return;
        }
        fail("the design has no signal " + instance + "." + name);
    }

    bool high() const { return *m_data & 1; }
    unsigned bits() const { return m_bits; }
    unsigned bytes() const { return (m_bits + 7) / 8; }
    void copy(uint8_t* target) const { std::memcpy(target, m_data, bytes()); }
    uint32_t value() const {
        uint32_t value = 0;
        copy(reinterpret_cast<uint8_t*>(&value));
        return value;
    }
    // Two's complement of up to 64 bits.
    int64_t signed_value() const {
        int64_t value = 0;
        copy(reinterpret_cast<uint8_t*>(&value));
        const unsigned unused = 64 - m_bits;
        return static_cast<int64_t>(static_cast<uint64_t>(value) << unused) >> unused;
    }

private:
    const uint8_t* m_data = nullptr;
    unsigned m_bits = 0;
};

class Probes {
public:
    explicit Probes(const std::string& path) : m_file(std::fopen(path.c_str(), "wb")) {
        if (m_file == nullptr) fail("cannot write " + path);
        if (m_sum_data.bits() > 64 || m_mask.bits() > 32) fail("a probed signal is wider than its record");
        const uint32_t data_bytes = m_data.bytes();
        std::fwrite(&data_bytes, sizeof data_bytes, 1, m_file);
        m_record.resize(HEADER + std::max<std::size_t>(data_bytes, sizeof(int64_t)));
    }
    ~Probes() { std::fclose(m_file); }
    Probes(const Probes&) = delete;
    Probes& operator=(const Probes&) = delete;

    // True when anything happened in the settled cycle.
    bool sample() {
        const bool write = m_valid.high();
        const bool sum = m_sum_valid.high();
        const bool run = m_run_done.high();
        if (write) {
            put(WRITE, m_sub.value(), m_address.value(), m_mask.value());
            m_data.copy(&m_record[HEADER]);
            std::fwrite(m_record.data(), m_record.size(), 1, m_file);
        }
        if (sum) {
            put(SUM, 0, 0, 0);
            const int64_t value = m_sum_data.signed_value();
            std::memcpy(&m_record[HEADER], &value, sizeof value);
            std::fwrite(m_record.data(), m_record.size(), 1, m_file);
        }
        m_runs += run;
        return write || sum || run;
    }

    uint32_t runs() const { return m_runs; }

private:
    static constexpr uint8_t WRITE = 0;
    static constexpr uint8_t SUM = 1;
    static constexpr std::size_t HEADER = 16;

    // kind, sub, 2 bytes 0, run, address, mask
    void put(uint8_t kind, uint32_t sub, uint32_t address, uint32_t mask) {
        m_record[0] = kind;
        m_record[1] = static_cast<uint8_t>(sub);
        std::memcpy(&m_record[4], &m_runs, 4);
        std::memcpy(&m_record[8], &address, 4);
        std::memcpy(&m_record[12], &mask, 4);
    }

    std::FILE* const m_file;
    const Signal m_valid{"u_post", "write_valid_o"};
    const Signal m_mask{"u_post", "write_mask_o"};
    const Signal m_address{"u_post", "write_addr_o"};
    const Signal m_sub{"u_post", "write_sub_o"};
    const Signal m_data{"u_post", "write_data_o"};
    const Signal m_run_done{"u_post", "run_done_o"};
    const Signal m_sum_valid{"u_global_pool", "sum_valid_o"};
    const Signal m_sum_data{"u_global_pool", "sum_data_o"};
    std::vector<uint8_t> m_record;
    uint32_t m_runs = 0;
};
