// What is to be simulated, as TypeScript wrote it (sim/rtl/job-file.ts): a text of "keyword values" lines.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

struct RegisterWrite {
    uint32_t offset;
    uint32_t value;
};

struct NamedRegister {
    std::string name;
    uint32_t offset;
};

// Bytes in the memory; the size is not rounded up.
struct Region {
    uint64_t start;
    uint64_t bytes;
};

// One image: its tape, where it and its result lie, and the register writes that start it, START last.
struct Job {
    std::size_t tape;  // among the tapes
    Region image;
    Region result;
    uint64_t buffer_bytes;  // of the result and of what the engine keeps behind it
    std::vector<RegisterWrite> writes;
};

struct JobFile {
    uint64_t base = 0;         // address of the memory's first byte
    uint64_t latency = 0;
    unsigned backpressure = 0;  // percent
    uint64_t seed = 0;
    unsigned burst_beats = 256;  // longest burst allowed
    unsigned slots = 1;          // jobs that the engine holds
    uint64_t watchdog = 0;       // cycles without progress that count as hanging
    std::vector<Region> tapes;
    std::vector<Job> jobs;
    std::vector<NamedRegister> status;  // read when all is over
};

JobFile read_job_file(const std::string& path);
