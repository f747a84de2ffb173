// The design's memory port as bytes: Verilator keeps every width least significant byte first.
#pragma once

#include <cstdint>
#include <cstring>

#include "Vtop.h"

constexpr unsigned PORT_BYTES = sizeof(static_cast<Vtop*>(nullptr)->m_axi_rdata);

constexpr unsigned log2_of(unsigned value) { return value == 1 ? 0 : 1 + log2_of(value / 2); }

// A burst's address and everything that must stay with it while it waits.
struct AddressPayload {
    uint64_t address;
    uint32_t shape;  // len, size, burst, cache, prot

    bool operator==(const AddressPayload& other) const {
        return address == other.address && shape == other.shape;
    }
    unsigned beats() const { return (shape & 0xff) + 1; }
    unsigned size() const { return (shape >> 8) & 7; }
    unsigned burst() const { return (shape >> 11) & 3; }
};

inline uint32_t shape_of(uint32_t len, uint32_t size, uint32_t burst, uint32_t cache, uint32_t prot) {
    return len | size << 8 | burst << 11 | cache << 13 | prot << 17;
}

inline AddressPayload ar_payload(const Vtop& top) {
    return {top.m_axi_araddr, shape_of(top.m_axi_arlen, top.m_axi_arsize, top.m_axi_arburst, top.m_axi_arcache,
                                       top.m_axi_arprot)};
}

inline AddressPayload aw_payload(const Vtop& top) {
    return {top.m_axi_awaddr, shape_of(top.m_axi_awlen, top.m_axi_awsize, top.m_axi_awburst, top.m_axi_awcache,
                                       top.m_axi_awprot)};
}

struct WriteBeat {
    uint8_t data[PORT_BYTES];
    uint64_t strobe;
    bool last;

    bool operator==(const WriteBeat& other) const {
        return strobe == other.strobe && last == other.last && std::memcmp(data, other.data, PORT_BYTES) == 0;
    }
};

inline WriteBeat w_payload(const Vtop& top) {
    WriteBeat beat;
    std::memcpy(beat.data, &top.m_axi_wdata, PORT_BYTES);
    beat.strobe = top.m_axi_wstrb;
    beat.last = top.m_axi_wlast;
    return beat;
}
