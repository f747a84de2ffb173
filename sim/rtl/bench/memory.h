// The memory for which cycles are promised: an AXI4 slave that accepts any number of bursts and serves them
// whole and in order. The first beat of a read burst accepted in cycle t is valid in cycle
// max(t + 1 + latency, the cycle after the burst before it was taken whole), the others follow cycle by cycle;
// a response is valid latency + 1 cycles after WLAST. Reads and writes do not disturb one another. With
// back-pressure every channel withholds its ready or valid in that percentage of cycles.
//
// sample() looks at a cycle that has settled; drive() sets the inputs of the next one, behind the clock edge.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "job_file.h"
#include "ports.h"
#include "protocol.h"
#include "random.h"
#include "regions.h"
#include "ring.h"

class ReadChannel {
public:
    ReadChannel(Vtop& top, const JobFile& file, const std::vector<uint8_t>& memory, Regions& regions)
        : m_top(top)
        , m_file(file)
        , m_memory(memory)
        , m_regions(regions)
        , m_withhold_ar(file.seed, 0, file.backpressure)
        , m_withhold_r(file.seed, 1, file.backpressure) {}

    // True when anything moved.
    bool sample(uint64_t cycle) {
        const bool taken = m_top.m_axi_rvalid && m_top.m_axi_rready;
        if (taken) take_beat();
        const bool valid = m_top.m_axi_arvalid;
        const bool ready = m_top.m_axi_arready;
        m_stable.check(valid, ready, [&] { return ar_payload(m_top); });
        if (valid && ready) accept(cycle);
        return taken || (valid && ready);
    }

    // Inputs of cycle `cycle`.
    void drive(uint64_t cycle) {
        m_top.m_axi_arready = !m_withhold_ar();
        if (m_presented) return;
        const bool serve = !m_bursts.empty() && m_bursts.front().first_cycle <= cycle && !m_withhold_r();
        m_top.m_axi_rvalid = serve;
        if (!serve) return;
        const Burst& burst = m_bursts.front();
        std::memcpy(&m_top.m_axi_rdata, &m_memory[burst.address - m_file.base], PORT_BYTES);
        m_top.m_axi_rlast = burst.beats == 1;
        m_top.m_axi_rresp = 0;
        m_presented = true;
    }

    std::size_t outstanding() const { return m_bursts.size(); }
    std::size_t most_outstanding() const { return m_most; }
    bool waits_for_master() const { return m_presented; }

private:
    struct Burst {
        uint64_t address;  // of the next beat
        unsigned beats;    // left
        uint64_t first_cycle;
        std::size_t job;
    };

    void accept(uint64_t cycle) {
        const AddressPayload payload = ar_payload(m_top);
        check_burst("AR", payload, m_file.burst_beats);
        const std::size_t job = m_regions.reader(payload.address, uint64_t{payload.beats()} * PORT_BYTES);
        m_bursts.push({payload.address, payload.beats(), cycle + 1 + m_file.latency, job});
        m_most = std::max(m_most, m_bursts.size());
    }

    void take_beat() {
        Burst& burst = m_bursts.front();
        m_regions[burst.job].read_bytes += PORT_BYTES;
        burst.address += PORT_BYTES;
        if (--burst.beats == 0) m_bursts.pop();
        m_presented = false;
    }

    Vtop& m_top;
    const JobFile& m_file;
    const std::vector<uint8_t>& m_memory;
    Regions& m_regions;
    Withholding m_withhold_ar;
    Withholding m_withhold_r;
    Stable<AddressPayload> m_stable{"AR"};
    Ring<Burst, 4096> m_bursts;
    std::size_t m_most = 0;
    bool m_presented = false;  // a beat waits on R: it must stay until it is taken
};

class WriteChannel {
public:
    WriteChannel(Vtop& top, const JobFile& file, std::vector<uint8_t>& memory, Regions& regions)
        : m_top(top)
        , m_file(file)
        , m_memory(memory)
        , m_regions(regions)
        , m_withhold_aw(file.seed, 2, file.backpressure)
        , m_withhold_w(file.seed, 3, file.backpressure)
        , m_withhold_b(file.seed, 4, file.backpressure) {}

    // True when anything moved. `start` is the cycle that counts as 0.
    bool sample(uint64_t cycle, uint64_t start) {
        const bool answered = m_top.m_axi_bvalid && m_top.m_axi_bready;
        if (answered) take_response(cycle - start);
        const bool aw = m_top.m_axi_awvalid;
        const bool w = m_top.m_axi_wvalid;
        if (!aw && !w && !m_stable_aw.waiting() && !m_stable_w.waiting()) return answered;
        m_stable_aw.check(aw, m_top.m_axi_awready, [&] { return aw_payload(m_top); });
        m_stable_w.check(w, m_top.m_axi_wready, [&] { return w_payload(m_top); });
        const bool address = aw && m_top.m_axi_awready;
        const bool data = w && m_top.m_axi_wready;
        if (address) accept();
        if (data) m_beats.push(w_payload(m_top));
        // Data may come before its address: it waits for it here.
        while (!m_bursts.empty() && !m_beats.empty()) write_beat(cycle);
        return answered || address || data;
    }

    // Inputs of cycle `cycle`.
    void drive(uint64_t cycle) {
        m_top.m_axi_awready = !m_withhold_aw();
        m_top.m_axi_wready = !m_withhold_w();
        if (m_presented) return;
        m_presented = !m_responses.empty() && m_responses.front().cycle <= cycle && !m_withhold_b();
        m_top.m_axi_bvalid = m_presented;
        m_top.m_axi_bresp = 0;
    }

    std::size_t outstanding() const { return m_bursts.size() + m_responses.size(); }
    std::size_t early_beats() const { return m_beats.size(); }
    bool waits_for_master() const { return m_presented; }
    std::size_t jobs_done() const { return m_jobs_done; }

private:
    static constexpr uint64_t TRAILER_BYTES = 16;

    struct Burst {
        uint64_t address;  // of the next beat
        unsigned beats;    // left
        std::size_t job;
        uint64_t open_before;  // writes of the job without response when this one was issued
        bool data;             // holds bytes before the trailer
        bool trailer;          // holds bytes of the trailer
    };
    struct Response {
        uint64_t cycle;
        std::size_t job;
        bool trailer;
    };

    void accept() {
        const AddressPayload payload = aw_payload(m_top);
        check_burst("AW", payload, m_file.burst_beats);
        // Results begin at multiples of 64 bytes, so that a beat of any width belongs to one of them alone.
        const std::size_t job = m_regions.writer(payload.address);
        Traffic& traffic = m_regions[job];
        m_bursts.push({payload.address, payload.beats(), job, traffic.open_writes, false, false});
        ++traffic.open_writes;
    }

    void write_beat(uint64_t cycle) {
        Burst& burst = m_bursts.front();
        const WriteBeat& beat = m_beats.front();
        if (beat.last != (burst.beats == 1)) {
            fail("WLAST is wrong: " + std::to_string(burst.beats) + " beats are left of the burst that ends before " +
                 hex(burst.address + uint64_t{burst.beats} * PORT_BYTES));
        }
        Traffic& traffic = m_regions[burst.job];
        if (traffic.done_cycle >= 0) fail("a result is written after its trailer");
        const uint64_t end = m_regions.result_end(burst.job);
        for (unsigned byte = 0; byte < PORT_BYTES; ++byte) {
            if (!(beat.strobe >> byte & 1)) continue;
            const uint64_t address = burst.address + byte;
            const bool kept = m_regions.in_scratch(burst.job, address);
            if (address >= end && !kept) fail("a byte is written behind the result, at " + hex(address));
            (address < end - TRAILER_BYTES || kept ? burst.data : burst.trailer) = true;
            m_memory[address - m_file.base] = beat.data[byte];
            ++traffic.write_bytes;
        }
        if (burst.trailer && burst.data) fail("the trailer shares a burst with other data");
        if (burst.trailer && burst.open_before > 0) {
            fail("the trailer's burst was issued before the responses to all earlier writes");
        }
        burst.address += PORT_BYTES;
        m_beats.pop();
        if (--burst.beats > 0) return;
        m_responses.push({cycle + 1 + m_file.latency, burst.job, burst.trailer});
        m_bursts.pop();
    }

    void take_response(uint64_t cycle) {
        const Response& response = m_responses.front();
        Traffic& traffic = m_regions[response.job];
        --traffic.open_writes;
        if (response.trailer) {
            traffic.done_cycle = static_cast<int64_t>(cycle);
            ++m_jobs_done;
        }
        m_responses.pop();
        m_presented = false;
    }

    Vtop& m_top;
    const JobFile& m_file;
    std::vector<uint8_t>& m_memory;
    Regions& m_regions;
    Withholding m_withhold_aw;
    Withholding m_withhold_w;
    Withholding m_withhold_b;
    Stable<AddressPayload> m_stable_aw{"AW"};
    Stable<WriteBeat> m_stable_w{"W"};
    Ring<Burst, 1024> m_bursts;
    Ring<WriteBeat, 4096> m_beats;
    Ring<Response, 1024> m_responses;
    std::size_t m_jobs_done = 0;
    bool m_presented = false;
};
