// The AXI4-Lite master: sets a job's addresses and starts it, as long as the engine has room. It asks nothing
// while jobs run: that a job ends is seen on the memory port, and an error interrupts.
#pragma once

#include <cstdint>

#include "job_file.h"
#include "protocol.h"

class Control {
public:
    Control(Vtop& top, const JobFile& file) : m_top(top), m_file(file) {
        m_top.s_axi_bready = 1;
        m_top.s_axi_rready = 1;
        m_top.s_axi_wstrb = 0xf;
    }

    // Cycle of the first START's data handshake; before it, the cycle asked for.
    uint64_t start_cycle(uint64_t cycle) const { return m_started ? m_start : cycle; }

    // True when anything moved.
    bool sample(uint64_t cycle, std::size_t jobs_done) {
        if (m_top.__SYM__interrupt) fail("the engine reports an error");
        if (jobs_done != m_jobs_done) {
            m_jobs_done = jobs_done;
            m_room_cycle = cycle + ROOM_CYCLES;
        }
        if (m_phase == Phase::IDLE) return false;
        bool moved = false;
        if (m_top.s_axi_awvalid && m_top.s_axi_awready) moved = m_address_taken = true;
        if (m_top.s_axi_wvalid && m_top.s_axi_wready) {
            moved = m_data_taken = true;
            if (!m_started && last_write()) {
                m_started = true;
                m_start = cycle;
            }
        }
        if (m_top.s_axi_bvalid) {
            if (!m_address_taken || !m_data_taken) fail("AXI4-Lite: B before the write was taken");
            if (m_top.s_axi_bresp != 0) fail("AXI4-Lite: the write of a register was not answered OKAY");
            finish_write();
            moved = true;
        }
        return moved;
    }

    void drive(uint64_t cycle) {
        if (m_phase == Phase::IDLE && may_start(cycle)) {
            m_phase = Phase::WRITING;
            m_address_taken = m_data_taken = false;
            const RegisterWrite& write = m_file.jobs[m_job].writes[m_write];
            m_top.s_axi_awaddr = write.offset;
            m_top.s_axi_wdata = write.value;
        }
        m_top.s_axi_awvalid = m_phase == Phase::WRITING && !m_address_taken;
        m_top.s_axi_wvalid = m_phase == Phase::WRITING && !m_data_taken;
    }

    std::size_t jobs_started() const { return m_job; }

    // Reads a register; `cycle` runs one clock cycle. Only when no write is under way.
    template <typename Cycle>
    uint32_t read(uint32_t offset, Cycle cycle) {
        m_top.s_axi_araddr = offset;
        m_top.s_axi_arvalid = 1;
        bool taken = false;
        for (unsigned waited = 0; waited < READ_CYCLES; ++waited) {
            if (m_top.s_axi_rvalid && taken) {
                const uint32_t value = m_top.s_axi_rdata;
                cycle();
                return value;
            }
            const bool ready = m_top.s_axi_arready;
            cycle();
            if (ready && !taken) {
                taken = true;
                m_top.s_axi_arvalid = 0;
                m_top.eval();
            }
        }
        fail("AXI4-Lite: the read of register " + hex(offset) + " is not answered");
    }

private:
    enum class Phase { IDLE, WRITING };

    // The engine counts a job done a few cycles after the response that ends it.
    static constexpr uint64_t ROOM_CYCLES = 32;
    static constexpr unsigned READ_CYCLES = 1000;

    bool may_start(uint64_t cycle) const {
        if (m_job == m_file.jobs.size()) return false;
        return m_job < m_file.slots || (m_job < m_jobs_done + m_file.slots && cycle >= m_room_cycle);
    }

    bool last_write() const { return m_write + 1 == m_file.jobs[m_job].writes.size(); }

    void finish_write() {
        m_phase = Phase::IDLE;
        if (!last_write()) {
            ++m_write;
            return;
        }
        m_write = 0;
        ++m_job;
    }

    Vtop& m_top;
    const JobFile& m_file;
    Phase m_phase = Phase::IDLE;
    bool m_address_taken = false;
    bool m_data_taken = false;
    std::size_t m_job = 0;
    std::size_t m_write = 0;
    std::size_t m_jobs_done = 0;
    uint64_t m_room_cycle = 0;
    bool m_started = false;
    uint64_t m_start = 0;
};
