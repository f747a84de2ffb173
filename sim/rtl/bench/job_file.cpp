#include "job_file.h"

#include <fstream>

#include "fault.h"

JobFile read_job_file(const std::string& path) {
    std::ifstream in(path);
    JobFile job;
    std::string keyword;
    while (in >> keyword) {
        if (keyword == "base") in >> job.base;
        else if (keyword == "latency") in >> job.latency;
        else if (keyword == "backpressure") in >> job.backpressure;
        else if (keyword == "seed") in >> job.seed;
        else if (keyword == "burst") in >> job.burst_beats;
        else if (keyword == "slots") in >> job.slots;
        else if (keyword == "watchdog") in >> job.watchdog;
        else if (keyword == "tape") {
            Region tape{};
            in >> tape.start >> tape.bytes;
            job.tapes.push_back(tape);
        } else if (keyword == "job") {
            Job next{};
            in >> next.tape >> next.image.start >> next.image.bytes;
            in >> next.result.start >> next.result.bytes >> next.buffer_bytes;
            if (next.tape >= job.tapes.size()) fail("a job's tape is not in the job file");
            job.jobs.push_back(next);
        } else if (keyword == "write" && !job.jobs.empty()) {
            RegisterWrite write{};
            in >> write.offset >> write.value;
            job.jobs.back().writes.push_back(write);
        } else if (keyword == "status") {
            NamedRegister status{};
            in >> status.name >> status.offset;
            job.status.push_back(status);
        } else fail("unknown keyword in the job file: " + keyword);
        if (!in) fail("value missing in the job file behind " + keyword);
    }
    if (job.jobs.empty()) fail("no job in the job file");
    return job;
}
