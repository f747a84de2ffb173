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

    // Job of a read burst. Reads may round up to the next 64-byte boundary. The tape is the same for all
    // jobs and read once from start to end by each, so that a burst at its start begins the next job's.
    std::size_t reader(uint64_t address, uint64_t bytes) {
        if (inside(address, bytes, m_file.tape, m_file.tape_bytes)) {
            if (address == m_file.tape) ++m_tapes_begun;
            if (m_tapes_begun == 0) fail("the first read of the tape is not at its start, but at " + hex(address));
            if (m_tapes_begun > m_traffic.size()) fail("the tape is read once more than there are jobs");
            return m_tapes_begun - 1;
        }
        for (std::size_t job = 0; job < m_file.jobs.size(); ++job) {
            if (inside(address, bytes, m_file.jobs[job].image, m_file.image_bytes)) return job;
            const uint64_t kept = scratch(job);
            const uint64_t end = m_file.jobs[job].result + m_file.buffer_bytes;
            if (kept < end && inside(address, bytes, kept, end - kept)) return job;
        }
        fail("read burst at " + hex(address) + " of " + std::to_string(bytes) +
             " bytes is neither tape nor image nor kept maps");
    }

    // Job whose result area holds `address`.
    std::size_t writer(uint64_t address) const {
        for (std::size_t job = 0; job < m_file.jobs.size(); ++job) {
            const uint64_t result = m_file.jobs[job].result;
            if (address >= result && address < result + m_file.buffer_bytes) return job;
        }
        fail("write burst at " + hex(address) + " begins in no result");
    }

    // Where the maps that are kept behind a job's result begin.
    uint64_t scratch(std::size_t job) const { return m_file.jobs[job].result + (m_file.result_bytes + 63) / 64 * 64; }

    bool in_scratch(std::size_t job, uint64_t address) const {
        return address >= scratch(job) && address < m_file.jobs[job].result + m_file.buffer_bytes;
    }

    // Address behind a job's result.
    uint64_t result_end(std::size_t job) const { return m_file.jobs[job].result + m_file.result_bytes; }

private:
    static bool inside(uint64_t address, uint64_t bytes, uint64_t start, uint64_t size) {
        return address >= start && address + bytes <= start + (size + 63) / 64 * 64;
    }

    const JobFile& m_file;
    std::vector<Traffic> m_traffic;
    std::size_t m_tapes_begun = 0;
};
