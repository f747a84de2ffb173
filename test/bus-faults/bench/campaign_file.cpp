#include "campaign_file.h"

#include <fstream>
#include <sstream>

#include "fault.h"

namespace {

std::vector<uint8_t> from_hex(const std::string& text) {
    std::vector<uint8_t> bytes;
    for (std::size_t at = 0; at + 1 < text.size(); at += 2) {
        bytes.push_back(static_cast<uint8_t>(std::stoul(text.substr(at, 2), nullptr, 16)));
    }
    return bytes;
}

Channel channel(const std::string& name) {
    const std::map<std::string, Channel> channels{{"AR", AR}, {"R", R}, {"AW", AW}, {"W", W}, {"B", B}};
    return channels.at(name);
}

Trial read_trial(std::istream& in) {
    Trial trial;
    std::string word, text;
    while (in >> word) {
        if (word == "jobs") in >> trial.jobs;
        else if (word == "clean") trial.clean = true;
        else if (word == "copies") trial.copies = true;
        else if (word == "latency") in >> trial.latency;
        else if (word == "backpressure") in >> trial.backpressure >> trial.seed;
        else if (word == "tape") {
            Patch patch{};
            in >> patch.offset >> text;
            patch.bytes = from_hex(text);
            trial.patches.push_back(patch);
        } else if (word == "set") {
            uint32_t value = 0;
            in >> text >> value;
            trial.sets.emplace_back(text, value);
        } else if (word == "read") {
            uint64_t burst = 0;
            in >> burst;
            in >> trial.reads[burst].first >> trial.reads[burst].second;
        } else if (word == "write") {
            uint64_t burst = 0;
            in >> burst >> trial.writes[burst];
        } else if (word == "stall") {
            in >> text >> trial.stall[channel(text)];
        } else if (word == "abort") in >> trial.abort;
        else if (word == "reset") in >> trial.reset;
        else fail("unknown word in a trial: " + word);
        if (!in) fail("value missing in a trial behind " + word);
    }
    return trial;
}

}  // namespace

Campaign read_campaign(const std::string& path) {
    std::ifstream file(path);
    Campaign campaign;
    std::string line, keyword, text;
    while (std::getline(file, line)) {
        std::istringstream in(line);
        in >> keyword;
        if (keyword == "base") in >> campaign.base;
        else if (keyword == "tape") in >> campaign.tape >> campaign.tape_bytes >> campaign.tape_id;
        else if (keyword == "copy") in >> campaign.copy;
        else if (keyword == "burst") in >> campaign.burst_beats;
        else if (keyword == "limit") in >> campaign.limit;
        else if (keyword == "register") {
            in >> text;
            in >> campaign.registers[text];
        } else if (keyword == "job") {
            CampaignJob job{};
            in >> job.image >> job.result >> text;
            job.data = from_hex(text);
            campaign.jobs.push_back(job);
        } else if (keyword == "trial") {
            campaign.trials.push_back(read_trial(in));
            continue;
        } else fail("unknown keyword in the campaign: " + keyword);
        if (!in) fail("value missing in the campaign behind " + keyword);
    }
    if (campaign.jobs.size() < 2) fail("a campaign needs two jobs");
    return campaign;
}
