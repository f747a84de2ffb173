// A memory behind the AXI4 port that answers with errors, falls silent, or does neither, as a trial wants it, and a
// checker of what the engine does there: the rules of protocol.h, no write but to the results, the trailer alone in
// its burst and behind all other responses, and nothing left when the engine says that it is idle.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "campaign_file.h"
#include "ports.h"
#include "protocol.h"
#include "random.h"

class FaultyPort {
public:
    FaultyPort(Vtop& top, const Campaign& campaign, std::vector<uint8_t>& memory)
        : m_top(top), m_campaign(campaign), m_memory(memory) {}

    // Counts bursts and handshakes from now on.
    void begin(const Trial& trial) {
        m_trial = &trial;
        m_fault_cycle = -1;
        m_reads_begun = m_writes_begun = 0;
        for (unsigned c = 0; c < CHANNELS; ++c) {
            m_handshakes[c] = 0;
            m_withhold[c] = std::make_unique<Withholding>(trial.seed, c, trial.backpressure);
        }
    }

    // Both sides were reset.
    void reset() {
        m_reads.clear();
        m_writes.clear();
        m_beats.clear();
        m_responses.clear();
        m_stable_ar.emplace("AR");
        m_stable_aw.emplace("AW");
        m_stable_w.emplace("W");
        m_r_presented = m_b_presented = false;
        m_top.m_axi_rvalid = m_top.m_axi_bvalid = 0;
    }

    void sample(uint64_t cycle) {
        if (m_top.m_axi_rvalid && m_top.m_axi_rready) take_read_beat(cycle);
        if (m_top.m_axi_bvalid && m_top.m_axi_bready) take_response(cycle);
        const bool ar = m_top.m_axi_arvalid, aw = m_top.m_axi_awvalid, w = m_top.m_axi_wvalid;
        m_stable_ar->check(ar, m_top.m_axi_arready, [&] { return ar_payload(m_top); });
        m_stable_aw->check(aw, m_top.m_axi_awready, [&] { return aw_payload(m_top); });
        m_stable_w->check(w, m_top.m_axi_wready, [&] { return w_payload(m_top); });
        if (ar && m_top.m_axi_arready) accept_read(cycle);
        if (aw && m_top.m_axi_awready) accept_write();
        if (w && m_top.m_axi_wready) {
            ++m_handshakes[W];
            m_beats.push_back(w_payload(m_top));
        }
        while (!m_writes.empty() && !m_beats.empty()) write_beat(cycle);
    }

    // Inputs of cycle `cycle`.
    void drive(uint64_t cycle) {
        m_top.m_axi_arready = open(AR);
        m_top.m_axi_awready = open(AW);
        m_top.m_axi_wready = open(W);
        if (!m_r_presented) {
            m_r_presented = !m_reads.empty() && m_reads.front().first_cycle <= cycle && open(R);
            m_top.m_axi_rvalid = m_r_presented;
            if (m_r_presented) present_read_beat();
        }
        if (!m_b_presented) {
            m_b_presented = !m_responses.empty() && m_responses.front().cycle <= cycle && open(B);
            m_top.m_axi_bvalid = m_b_presented;
            if (m_b_presented) m_top.m_axi_bresp = m_responses.front().response;
        }
    }

    void check_idle() const {
        if (!m_reads.empty()) fail("the engine is idle while a read burst is outstanding");
        if (!m_writes.empty() || !m_responses.empty()) fail("the engine is idle while a write burst is outstanding");
        if (!m_beats.empty()) fail("the engine is idle and has sent write data without an address");
        if (m_top.m_axi_arvalid || m_top.m_axi_awvalid || m_top.m_axi_wvalid) fail("a VALID is high in an idle engine");
    }

    // When the first thing went wrong on the port, or the first changed byte was read; -1 if nothing did.
    int64_t fault_cycle() const { return m_fault_cycle; }
    uint64_t reads_begun() const { return m_reads_begun; }
    uint64_t writes_begun() const { return m_writes_begun; }

private:
    static constexpr unsigned OKAY = 0, DECERR = 3;
    static constexpr uint64_t TRAILER_BYTES = 16;

    struct Read {
        uint64_t address, number;
        unsigned beats, beat;  // of all
        uint64_t first_cycle;
        bool outside;
    };
    struct Write {
        uint64_t address, number;
        unsigned beats;  // left
        bool outside;
        bool after_others;  // all earlier bursts were answered
        std::size_t job;
        bool data, trailer;
    };
    struct Response {
        uint64_t cycle;
        unsigned response;
    };

    bool open(Channel channel) {
        const bool held = (*m_withhold[channel])();
        const int64_t stall = m_trial->stall[channel];
        return !held && (stall < 0 || m_handshakes[channel] < stall);
    }

    void note_fault(uint64_t cycle) {
        if (m_fault_cycle < 0) m_fault_cycle = static_cast<int64_t>(cycle);
    }

    bool outside(const AddressPayload& burst) const {
        const uint64_t end = burst.address + uint64_t{burst.beats()} * PORT_BYTES;
        return burst.address < m_campaign.base || end > m_campaign.base + m_memory.size();
    }

    void accept_read(uint64_t cycle) {
        const AddressPayload burst = ar_payload(m_top);
        check_burst("AR", burst, m_campaign.burst_beats);
        ++m_handshakes[AR];
        m_reads.push_back({burst.address, m_reads_begun++, burst.beats(), 0, cycle + 1 + m_trial->latency,
                           outside(burst)});
    }

    void present_read_beat() {
        const Read& burst = m_reads.front();
        if (burst.outside) std::memset(&m_top.m_axi_rdata, 0, PORT_BYTES);
        else std::memcpy(&m_top.m_axi_rdata, &m_memory[burst.address - m_campaign.base], PORT_BYTES);
        m_top.m_axi_rlast = burst.beat + 1 == burst.beats;
        m_top.m_axi_rresp = burst.outside ? DECERR : OKAY;
        const auto fault = m_trial->reads.find(burst.number);
        if (fault != m_trial->reads.end() && std::min(fault->second.first, burst.beats - 1) == burst.beat) {
            m_top.m_axi_rresp = fault->second.second;
        }
    }

    void take_read_beat(uint64_t cycle) {
        Read& burst = m_reads.front();
        if (m_top.m_axi_rresp != OKAY || changed(burst.address)) note_fault(cycle);
        ++m_handshakes[R];
        m_r_presented = false;
        burst.address += PORT_BYTES;
        if (++burst.beat == burst.beats) m_reads.pop_front();
    }

    bool changed(uint64_t address) const {
        return std::any_of(m_trial->patches.begin(), m_trial->patches.end(), [&](const Patch& patch) {
            const uint64_t start = m_campaign.tape + patch.offset;
            return address < start + patch.bytes.size() && start < address + PORT_BYTES;
        });
    }

    void accept_write() {
        const AddressPayload burst = aw_payload(m_top);
        check_burst("AW", burst, m_campaign.burst_beats);
        ++m_handshakes[AW];
        const bool away = outside(burst);
        std::size_t job = 0;
        for (const CampaignJob& candidate : m_campaign.jobs) {
            if (burst.address >= candidate.result && burst.address < end_of(candidate)) break;
            ++job;
        }
        if (!away && job == m_campaign.jobs.size()) fail("write burst at " + hex(burst.address) + " begins in no result");
        m_writes.push_back({burst.address, m_writes_begun++, burst.beats(), away, m_writes.empty() && m_responses.empty(),
                            job, false, false});
    }

    static uint64_t end_of(const CampaignJob& job) { return job.result + job.data.size() + TRAILER_BYTES; }

    void write_beat(uint64_t cycle) {
        Write& burst = m_writes.front();
        const WriteBeat& beat = m_beats.front();
        if (beat.last != (burst.beats == 1)) fail("WLAST is wrong in the burst that reaches " + hex(burst.address));
        if (!burst.outside) {
            const uint64_t end = end_of(m_campaign.jobs[burst.job]);
            for (unsigned byte = 0; byte < PORT_BYTES; ++byte) {
                if (!(beat.strobe >> byte & 1)) continue;
                const uint64_t address = burst.address + byte;
                if (address >= end) fail("a byte is written behind the result, at " + hex(address));
                (address < end - TRAILER_BYTES ? burst.data : burst.trailer) = true;
                m_memory[address - m_campaign.base] = beat.data[byte];
            }
        }
        if (burst.trailer && burst.data) fail("the trailer shares a burst with other data");
        if (burst.trailer && !burst.after_others) fail("the trailer's burst was issued before all earlier responses");
        burst.address += PORT_BYTES;
        m_beats.pop_front();
        if (--burst.beats > 0) return;
        const auto fault = m_trial->writes.find(burst.number);
        const unsigned response = fault != m_trial->writes.end() ? fault->second : burst.outside ? DECERR : OKAY;
        m_responses.push_back({cycle + 1 + m_trial->latency, response});
        m_writes.pop_front();
    }

    void take_response(uint64_t cycle) {
        if (m_responses.front().response != OKAY) note_fault(cycle);
        ++m_handshakes[B];
        m_responses.pop_front();
        m_b_presented = false;
    }

    Vtop& m_top;
    const Campaign& m_campaign;
    std::vector<uint8_t>& m_memory;
    const Trial* m_trial = nullptr;
    std::unique_ptr<Withholding> m_withhold[CHANNELS];
    int64_t m_handshakes[CHANNELS] = {};
    std::deque<Read> m_reads;
    std::deque<Write> m_writes;
    std::deque<WriteBeat> m_beats;
    std::deque<Response> m_responses;
    std::optional<Stable<AddressPayload>> m_stable_ar, m_stable_aw;
    std::optional<Stable<WriteBeat>> m_stable_w;
    uint64_t m_reads_begun = 0, m_writes_begun = 0;
    bool m_r_presented = false, m_b_presented = false;
    int64_t m_fault_cycle = -1;
};
