// The host: reads and writes registers over AXI4-Lite, one access at a time, while the clock runs on.
#pragma once

#include <cstdint>
#include <functional>

#include "fault.h"
#include "ports.h"

class Host {
public:
    // `step` runs one clock cycle.
    Host(Vtop& top, std::function<void()> step) : m_top(top), m_step(std::move(step)) {
        m_top.s_axi_bready = m_top.s_axi_rready = 1;
        m_top.s_axi_wstrb = 0xf;
    }

    void write(uint32_t offset, uint32_t value) {
        m_top.s_axi_awaddr = offset;
        m_top.s_axi_wdata = value;
        m_top.s_axi_awvalid = m_top.s_axi_wvalid = 1;
        m_top.eval();
        for (unsigned waited = 0; waited < LONGEST; ++waited) {
            const bool address = m_top.s_axi_awvalid && m_top.s_axi_awready;
            const bool data = m_top.s_axi_wvalid && m_top.s_axi_wready;
            const bool answered = m_top.s_axi_bvalid;
            if (answered && m_top.s_axi_bresp != 0) fail("AXI4-Lite: a write is not answered OKAY");
            m_step();
            if (address) m_top.s_axi_awvalid = 0;
            if (data) m_top.s_axi_wvalid = 0;
            m_top.eval();
            if (answered) return;
        }
        fail("AXI4-Lite: the write of register " + hex(offset) + " is not answered");
    }

    uint32_t read(uint32_t offset) {
        m_top.s_axi_araddr = offset;
        m_top.s_axi_arvalid = 1;
        m_top.eval();
        for (unsigned waited = 0; waited < LONGEST; ++waited) {
            const bool address = m_top.s_axi_arvalid && m_top.s_axi_arready;
            const bool answered = m_top.s_axi_rvalid;
            const uint32_t value = m_top.s_axi_rdata;
            m_step();
            if (address) m_top.s_axi_arvalid = 0;
            m_top.eval();
            if (answered) return value;
        }
        fail("AXI4-Lite: the read of register " + hex(offset) + " is not answered");
    }

private:
    static constexpr unsigned LONGEST = 100;

    Vtop& m_top;
    const std::function<void()> m_step;
};
