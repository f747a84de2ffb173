// What a campaign is, as TypeScript wrote it (test/bus-faults/campaign.ts): a text of lines, a keyword and its
// values each.
//
//   base ADDRESS              of the memory file's first byte; a burst that leaves the memory gets DECERR
//   tape ADDRESS BYTES ID
//   copy ADDRESS              of the same tape
//   burst BEATS               longest one allowed
//   limit CYCLES              a trial that takes longer hangs
//   register NAME OFFSET
//   job IMAGE RESULT HEX      addresses, and the bytes that must stand before the trailer
//   trial …                   one a line; jobs 0, 1, … are started, and the last one once more behind it
//
// A trial is a list of these words with their values, in any order and number:
//
//   jobs N                    STARTs, each with the addresses of job 0, 1, … N - 1 (of N mod 3 beyond the queue)
//   clean                     when all is over, the last job is run without fault and must be right
//   latency N                 of the memory
//   backpressure PERCENT SEED
//   tape OFFSET HEX           other bytes in the tape, not in its copy
//   copies                    jobs behind the first take the copy
//   set REGISTER VALUE        written before the first START
//   read BURST BEAT RESPONSE  of a beat of the n-th read burst, with RRESP
//   write BURST RESPONSE      of the n-th write burst, with BRESP
//   stall CHANNEL COUNT       AR, R, AW, W or B is dead after so many handshakes
//   abort CYCLE               after the first START
//   reset CYCLE
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

enum Channel { AR, R, AW, W, B, CHANNELS };

struct Patch {
    uint64_t offset;  // in the tape
    std::vector<uint8_t> bytes;
};

struct Trial {
    unsigned jobs = 1;
    bool clean = false;
    bool copies = false;
    uint64_t latency = 5;
    unsigned backpressure = 0;
    uint64_t seed = 1;
    std::vector<Patch> patches;
    std::vector<std::pair<std::string, uint32_t>> sets;
    std::map<uint64_t, std::pair<unsigned, unsigned>> reads;  // burst: beat, response
    std::map<uint64_t, unsigned> writes;                      // burst: response
    int64_t stall[CHANNELS] = {-1, -1, -1, -1, -1};
    int64_t abort = -1;
    int64_t reset = -1;
};

struct CampaignJob {
    uint64_t image;
    uint64_t result;
    std::vector<uint8_t> data;
};

struct Campaign {
    uint64_t base = 0;
    uint64_t tape = 0;
    uint64_t tape_bytes = 0;
    uint64_t copy = 0;
    uint32_t tape_id = 0;
    unsigned burst_beats = 256;
    uint64_t limit = 0;
    std::map<std::string, uint32_t> registers;
    std::vector<CampaignJob> jobs;
    std::vector<Trial> trials;
};

Campaign read_campaign(const std::string& path);
