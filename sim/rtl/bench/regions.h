// Which job an address of the memory port belongs to, and what each job has moved so far.
#pragma once

#include <cstdint>
#include <vector>

#include "fault.h"
#include "job_file.h"

struct Traffic {
    uint64_t read_bytes = 0;   // all beats, whole port width
    uint64_t write_bytes = 0;  // strobed bytes
    uint64_t open_writes = 0;  // bursts without their response
    int64_t done_cycle = -1;   // handshake of the response to the result's last burst
};

class Regions {
public:
    explicit Regions(const JobFile& file) : m_file(file), m_traffic(file.jobs.size()) {}

    Traffic& operator[](std::size_t job) { return m_traffic[job]; }

    // Job of a read burst. Reads may round up to the next 64-byte boundary. Jobs may share a tape; each reads
    // its own once from start to end, so that a burst at a tape's start begins the next job's.
    std::size_t reader(uint64_t address, uint64_t bytes) {
        for (std::size_t tape = 0; tape < m_file.tapes.size(); ++tape) {
            if (inside(address, bytes, m_file.tapes[tape])) return tape_reader(address, tape);
        }
        for (std::size_t job = 0; job < m_file.jobs.size(); ++job) {
            if (inside(address, bytes, m_file.jobs[job].image)) return job;
            const Region kept = scratch(job);
            if (kept.bytes > 0 && inside(address, bytes, kept)) return job;
        }
        fail("read burst at " + hex(address) + " of " + std::to_string(bytes) +
             " bytes is neither tape nor image nor kept maps");
    }

    // Job whose result area holds `address`.
    std::size_t writer(uint64_t address) const {
        for (std::size_t job = 0; job < m_file.jobs.size(); ++job) {
            const Job& owner = m_file.jobs[job];
            if (address >= owner.result.start && address < owner.result.start + owner.buffer_bytes) return job;
        }
        fail("write burst at " + hex(address) + " begins in no result");
    }

    bool in_scratch(std::size_t job, uint64_t address) const {
        const Region kept = scratch(job);
        return address >= kept.start && address < kept.start + kept.bytes;
    }

    // Address behind a job's result.
    uint64_t result_end(std::size_t job) const {
        const Region& result = m_file.jobs[job].result;
        return result.start + result.bytes;
    }

private:
    std::size_t tape_reader(uint64_t address, std::size_t tape) {
        if (address == m_file.tapes[tape].start) ++m_tapes_begun;
        if (m_tapes_begun == 0) fail("the first read of the tape is not at its start, but at " + hex(address));
        if (m_tapes_begun > m_traffic.size()) fail("a tape is read once more than there are jobs");
        const std::size_t job = m_tapes_begun - 1;
        if (m_file.jobs[job].tape != tape) {
            fail("job " + std::to_string(job) + " reads another job's tape, at " + hex(address));
        }
        return job;
    }

    // Where maps are kept behind a job's result.
    Region scratch(std::size_t job) const {
        const Job& owner = m_file.jobs[job];
        const uint64_t before = (owner.result.bytes + 63) / 64 * 64;
        return {owner.result.start + before, owner.buffer_bytes > before ? owner.buffer_bytes - before : 0};
    }

    static bool inside(uint64_t address, uint64_t bytes, const Region& region) {
        return address >= region.start && address + bytes <= region.start + (region.bytes + 63) / 64 * 64;
    }

    const JobFile& m_file;
    std::vector<Traffic> m_traffic;
    std::size_t m_tapes_begun = 0;
};
