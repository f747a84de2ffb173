// Runs the trials of a campaign (campaign_file.h), thousands in one process, on the Verilated engine (class Vtop).
//
//   bench CAMPAIGN MEMORY
//
// MEMORY holds the bytes from the campaign's base address on. One line a trial goes to stdout:
//
//   CODE FAULT ERROR IDLE END DONE RESULTS CLEAN READS WRITES
//
// CODE is ERROR_CODE; FAULT, ERROR and IDLE are the cycles, from the first START, of the first fault that the engine
// could see (-1: none), of the interrupt and of BUSY falling; END the state then: idle, hung (the engine says that
// its port is dead) or stuck (nothing happened up to the limit). DONE is what DONE_COUNT rose by. RESULTS has a letter
// a job, CLEAN one for the job behind: r, right, with its trailer; w, WRONG with a valid trailer; -, no valid
// trailer. READS and WRITES count bursts. A broken rule of the port ends the campaign with exit code 1.
#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>

#include "Vtop.h"
#include "campaign_file.h"
#include "faulty_port.h"
#include "host.h"
#include "verilated.h"

namespace {

constexpr unsigned RESET_CYCLES = 16;
constexpr unsigned QUIET_CYCLES = 8;
constexpr unsigned POLL_CYCLES = 16;
constexpr unsigned AWAKE_CYCLES = 300;
constexpr uint32_t BUSY = 1, HUNG = 8, ERROR = 2, ALL = 3, ABORT = 1;

uint32_t crc32(const uint8_t* bytes, std::size_t length) {
    uint32_t crc = 0xffffffff;
    for (std::size_t i = 0; i < length; ++i) {
        crc ^= bytes[i];
        for (unsigned bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
    }
    return ~crc;
}

class Bench {
public:
    Bench(Vtop& top, const Campaign& campaign, std::vector<uint8_t>& memory)
        : m_top(top)
        , m_campaign(campaign)
        , m_memory(memory)
        , m_port(top, campaign, memory)
        , m_host(top, [this] { step(); }) {}

    void reset() {
        m_top.aresetn = 0;
        m_port.reset();
        for (unsigned i = 0; i < RESET_CYCLES; ++i) clock([] {});
        if (m_top.m_axi_arvalid || m_top.m_axi_awvalid || m_top.m_axi_wvalid) fail("a VALID is high during reset");
        // A VALID may rise at the first edge that sees ARESETn high, not before.
        m_top.aresetn = 1;
        clock([] {});
    }

    void run(const Trial& trial) {
        const std::vector<uint8_t> tape = swap_tape(trial.patches);
        for (const CampaignJob& job : m_campaign.jobs) std::fill_n(at(job.result), job.data.size() + 16, 0xa5);
        m_port.begin(trial);
        m_host.write(offset("IRQ_STATUS"), ALL);
        m_host.write(offset("IRQ_ENABLE"), ERROR);
        const uint32_t done = read("DONE_COUNT"), number = read("JOBS");
        start(trial);
        const char* const end = wait(trial);
        const int64_t idle = since_start(), error = m_error;
        const uint32_t code = read("ERROR_CODE");
        // Numbers and counts start anew with a reset.
        const bool was_reset = trial.reset >= 0;
        const uint32_t done_now = read("DONE_COUNT") - (was_reset ? 0 : done);
        std::string results;
        for (unsigned j = 0; j < trial.jobs && j < m_campaign.jobs.size(); ++j) results += judge(j, number + j);
        const uint64_t reads = m_port.reads_begun(), writes = m_port.writes_begun();
        const int64_t fault = m_port.fault_cycle() < 0 ? m_fault : m_port.fault_cycle() - static_cast<int64_t>(m_start);
        std::copy(tape.begin(), tape.end(), at(m_campaign.tape));
        if (end[0] == 'i') quiet();
        else recover(end);
        const char clean = trial.clean ? run_clean() : '-';
        std::printf("%u %lld %lld %lld %s %u %s %c %llu %llu\n", code, static_cast<long long>(fault),
                    static_cast<long long>(error), static_cast<long long>(idle), end, done_now, results.c_str(), clean,
                    static_cast<unsigned long long>(reads), static_cast<unsigned long long>(writes));
    }

    uint64_t cycles() const { return m_cycle; }

private:
    template <typename Drive>
    void clock(Drive drive) {
        m_top.aclk = 1;
        m_top.eval();
        drive();
        m_top.aclk = 0;
        m_top.eval();
        ++m_cycle;
    }

    void step() {
        m_port.sample(m_cycle);
        if (m_error < 0 && m_top.__SYM__interrupt) m_error = since_start();
        clock([&] { m_port.drive(m_cycle + 1); });
    }

    int64_t since_start() const { return static_cast<int64_t>(m_cycle - m_start); }
    uint32_t offset(const std::string& name) const { return m_campaign.registers.at(name); }
    uint32_t read(const std::string& name) { return m_host.read(offset(name)); }
    std::vector<uint8_t>::iterator at(uint64_t address) { return m_memory.begin() + (address - m_campaign.base); }

    std::vector<uint8_t> swap_tape(const std::vector<Patch>& patches) {
        const auto tape = at(m_campaign.tape);
        const std::vector<uint8_t> before(tape, tape + m_campaign.tape_bytes);
        for (const Patch& patch : patches) std::copy(patch.bytes.begin(), patch.bytes.end(), tape + patch.offset);
        return before;
    }

    void set_job(const CampaignJob& job, uint64_t tape) {
        m_host.write(offset("TAPE_ADDR_LO"), tape);
        m_host.write(offset("IMAGE_ADDR_LO"), job.image);
        m_host.write(offset("RESULT_ADDR_LO"), job.result);
    }

    void start(const Trial& trial) {
        for (unsigned j = 0; j < trial.jobs; ++j) {
            const uint64_t tape = trial.copies && j > 0 ? m_campaign.copy : m_campaign.tape;
            set_job(m_campaign.jobs[j % m_campaign.jobs.size()], tape);
            if (j == 0) {
                for (const auto& [name, value] : trial.sets) m_host.write(offset(name), value);
                m_start = m_cycle;
                m_error = -1;
            }
            m_host.write(offset("START"), 1);
        }
    }

    // Until the engine says that it is idle, or gives up, or the limit is over.
    const char* wait(const Trial& trial) {
        m_fault = -1;
        bool aborted = trial.abort < 0, was_reset = trial.reset < 0;
        for (;;) {
            if (!aborted && since_start() >= trial.abort) {
                aborted = true;
                m_host.write(offset("CONTROL"), ABORT);
                m_fault = since_start();
            }
            if (!was_reset && since_start() >= trial.reset) {
                was_reset = true;
                reset();
                m_fault = since_start();
            }
            const bool exact = m_error >= 0;
            if (exact || since_start() % POLL_CYCLES == 0) {
                const bool waits = (!aborted && trial.abort - since_start() < 2 * POLL_CYCLES) ||
                                   (!was_reset && trial.reset - since_start() < 2 * POLL_CYCLES);
                if (!waits) {
                    const uint32_t status = read("STATUS");
                    if (status & HUNG) return "hung";
                    // An abort comes, even if it finds nothing to do.
                    if (!(status & BUSY) && aborted && was_reset) return "idle";
                }
            }
            if (since_start() > static_cast<int64_t>(m_campaign.limit)) return "stuck";
            step();
        }
    }

    void quiet() {
        for (unsigned i = 0; i < QUIET_CYCLES; ++i) {
            m_port.check_idle();
            step();
        }
    }

    // Only a reset of both sides helps an engine whose port is dead: no abort, nor that the port answers after all.
    void recover(const std::string& end) {
        if (end == "hung") {
            static const Trial awake;
            m_host.write(offset("CONTROL"), ABORT);
            m_port.begin(awake);
            for (unsigned i = 0; i < AWAKE_CYCLES; ++i) step();
            if (!(read("STATUS") & HUNG)) fail("an engine went on after its port had been dead");
        }
        reset();
    }

    char judge(unsigned j, uint32_t number) {
        const CampaignJob& job = m_campaign.jobs[j];
        const uint8_t* const data = &*at(job.result);
        uint32_t trailer[4];
        std::memcpy(trailer, data + job.data.size(), sizeof trailer);
        const bool valid = trailer[2] == 1 && trailer[3] == crc32(data, job.data.size());
        if (!valid) return '-';
        const bool right = std::equal(job.data.begin(), job.data.end(), data) && trailer[0] == m_campaign.tape_id &&
                           trailer[1] == number;
        return right ? 'r' : 'w';
    }

    char run_clean() {
        static const Trial none;
        m_port.begin(none);
        const unsigned last = static_cast<unsigned>(m_campaign.jobs.size()) - 1;
        m_host.write(offset("IRQ_STATUS"), ALL);
        m_host.write(offset("IRQ_ENABLE"), ERROR);
        std::fill_n(at(m_campaign.jobs[last].result), m_campaign.jobs[last].data.size() + 16, 0xa5);
        const uint32_t done = read("DONE_COUNT"), number = read("JOBS");
        m_start = m_cycle;
        m_error = -1;
        set_job(m_campaign.jobs[last], m_campaign.tape);
        m_host.write(offset("START"), 1);
        const std::string end = wait(none);
        if (end != "idle") {
            recover(end);
            return 's';
        }
        quiet();
        return read("ERROR_CODE") == 0 && read("DONE_COUNT") == done + 1 ? judge(last, number) : '-';
    }

    Vtop& m_top;
    const Campaign& m_campaign;
    std::vector<uint8_t>& m_memory;
    FaultyPort m_port;
    Host m_host;
    uint64_t m_cycle = 0;
    uint64_t m_start = 0;
    int64_t m_error = -1;
    int64_t m_fault = -1;
};

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) {
        std::fprintf(stderr, "usage: bench CAMPAIGN MEMORY\n");
        return 2;
    }
    VerilatedContext context;
    const auto top = std::make_unique<Vtop>(&context);
    std::size_t number = 0;
    try {
        const Campaign campaign = read_campaign(argv[1]);
        std::ifstream in(argv[2], std::ios::binary);
        std::vector<uint8_t> memory{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
        Bench bench(*top, campaign, memory);
        top->aclk = 0;
        static const Trial none;
        bench.reset();
        for (const Trial& trial : campaign.trials) {
            bench.run(trial);
            ++number;
        }
        std::fprintf(stderr, "%llu cycles\n", static_cast<unsigned long long>(bench.cycles()));
    } catch (const Fault& fault) {
        std::fprintf(stderr, "trial %zu: %s\n", number, fault.what());
        return 1;
    }
    return 0;
}
