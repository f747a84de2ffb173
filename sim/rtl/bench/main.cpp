// Runs the Verilated engine (class Vtop) on the jobs of a job file and prints a JSON summary.
//
//   bench JOBFILE MEMORY RESULTS PROBES [TRACE]
//
// MEMORY holds the bytes from the job file's base address on; RESULTS gets the results one after the other,
// PROBES the records of probes.h, TRACE (in a model built for it) the waveforms. Progress goes to stderr.
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>

#include "Vtop.h"
#include "control.h"
#include "job_file.h"
#include "memory.h"
#include "probes.h"
#include "regions.h"
#include "verilated.h"
#if VM_TRACE_FST
#include "verilated_fst_c.h"
#endif

namespace {

constexpr unsigned RESET_CYCLES = 16;
constexpr uint64_t HOUSEKEEPING_CYCLES = 4096;
constexpr std::chrono::milliseconds PROGRESS_EVERY{200};

class Bench {
public:
    Bench(Vtop& top, const JobFile& file, std::vector<uint8_t>& memory, const std::string& probes)
        : m_top(top)
        , m_file(file)
        , m_regions(file)
        , m_reads(top, file, memory, m_regions)
        , m_writes(top, file, memory, m_regions)
        , m_control(top, file)
        , m_probes(probes) {}

#if VM_TRACE_FST
    void trace(const std::string& path) {
        m_trace = std::make_unique<VerilatedFstC>();
        m_top.trace(m_trace.get(), 99);
        m_trace->open(path.c_str());
    }
#endif

    void reset() {
        m_top.aclk = 0;
        m_top.aresetn = 0;
        m_top.eval();
        for (unsigned i = 0; i < RESET_CYCLES; ++i) clock([] {});
        if (m_top.m_axi_arvalid || m_top.m_axi_awvalid || m_top.m_axi_wvalid) fail("a VALID is high during reset");
        clock([&] { m_top.aresetn = 1; });
    }

    void run() {
        const std::size_t jobs = m_file.jobs.size();
        while (m_writes.jobs_done() < jobs) {
            step();
            if (m_cycle % HOUSEKEEPING_CYCLES == 0) keep_house();
        }
        report_progress();
        // What the engine does behind the last result must keep the rules, too.
        for (unsigned i = 0; i < 2 * RESET_CYCLES; ++i) step();
    }

    void print_summary() {
        std::printf("{");
        print_list("doneCycles", [](const Traffic& traffic) { return traffic.done_cycle; });
        print_list("readBytes", [](const Traffic& traffic) { return static_cast<int64_t>(traffic.read_bytes); });
        print_list("writeBytes", [](const Traffic& traffic) { return static_cast<int64_t>(traffic.write_bytes); });
        std::printf("\"simulatedCycles\":%llu,", static_cast<unsigned long long>(m_cycle));
        std::printf("\"mostOutstanding\":%zu,\"runs\":%u,", m_reads.most_outstanding(), m_probes.runs());
        print_status();
        std::printf("}\n");
    }

    void print_fault(const std::string& text) {
        std::string escaped;
        for (const char c : text) {
            if (c == '"' || c == '\\') escaped += '\\';
            escaped += c;
        }
        const uint64_t start = m_control.start_cycle(m_cycle);
        std::printf("{\"fault\":\"%s\",\"cycle\":%llu,", escaped.c_str(),
                    static_cast<unsigned long long>(m_cycle - start));
        // The design may be beyond answering.
        try {
            print_status();
        } catch (const Fault&) {
            std::printf("\"registers\":{}");
        }
        std::printf("}\n");
    }

private:
    // One clock cycle; `drive` sets the inputs behind the edge.
    template <typename Drive>
    void clock(Drive drive) {
        m_top.aclk = 1;
        m_top.eval();
        dump(0);
        drive();
        m_top.aclk = 0;
        m_top.eval();
        dump(1);
        ++m_cycle;
    }

    void step() {
        bool moved = m_reads.sample(m_cycle);
        moved |= m_writes.sample(m_cycle, m_control.start_cycle(m_cycle));
        moved |= m_control.sample(m_cycle, m_writes.jobs_done());
        moved |= m_probes.sample();
        if (moved) m_last_move = m_cycle;
        clock([&] {
            m_reads.drive(m_cycle + 1);
            m_writes.drive(m_cycle + 1);
            m_control.drive(m_cycle + 1);
        });
    }

    void keep_house() {
        if (m_cycle - m_last_move > m_file.watchdog) fail(hanging());
        const auto now = std::chrono::steady_clock::now();
        if (now - m_last_report < PROGRESS_EVERY) return;
        m_last_report = now;
        report_progress();
    }

    void report_progress() const {
        std::fprintf(stderr, "progress %llu %zu\n", static_cast<unsigned long long>(m_cycle), m_writes.jobs_done());
    }

    std::string hanging() const {
        std::string text = "nothing moved for " + std::to_string(m_cycle - m_last_move) + " cycles: " +
                           std::to_string(m_writes.jobs_done()) + " of " + std::to_string(m_control.jobs_started()) +
                           " started jobs are done, " + std::to_string(m_probes.runs()) + " runs are written";
        if (m_reads.waits_for_master()) text += ", a read beat waits for RREADY";
        else if (m_reads.outstanding() == 0) text += ", no read is outstanding";
        if (m_writes.waits_for_master()) text += ", a response waits for BREADY";
        if (m_writes.early_beats() > 0) text += ", write data waits for its address";
        else if (m_writes.outstanding() > 0) text += ", a write burst waits for its data";
        return text;
    }

    template <typename Value>
    void print_list(const char* name, Value value) {
        std::printf("\"%s\":[", name);
        for (std::size_t job = 0; job < m_file.jobs.size(); ++job) {
            std::printf("%s%lld", job > 0 ? "," : "", static_cast<long long>(value(m_regions[job])));
        }
        std::printf("],");
    }

    // The engine's own view. The memory port is silent meanwhile: nobody looks at it any more.
    void print_status() {
        m_top.m_axi_arready = m_top.m_axi_awready = m_top.m_axi_wready = 0;
        m_top.m_axi_rvalid = m_top.m_axi_bvalid = 0;
        std::string text;
        for (const NamedRegister& status : m_file.status) {
            const uint32_t value = m_control.read(status.offset, [&] { clock([] {}); });
            text += (text.empty() ? "\"" : ",\"") + status.name + "\":" + std::to_string(value);
        }
        std::printf("\"registers\":{%s}", text.c_str());
    }

    void dump([[maybe_unused]] unsigned half) {
#if VM_TRACE_FST
        if (m_trace) m_trace->dump(2 * m_cycle + half);
#endif
    }

    Vtop& m_top;
    const JobFile& m_file;
    Regions m_regions;
    ReadChannel m_reads;
    WriteChannel m_writes;
    Control m_control;
    Probes m_probes;
    uint64_t m_cycle = 0;
    uint64_t m_last_move = 0;
    std::chrono::steady_clock::time_point m_last_report{};
#if VM_TRACE_FST
    std::unique_ptr<VerilatedFstC> m_trace;
#endif
};

std::vector<uint8_t> read_bytes(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

void write_results(const std::string& path, const JobFile& file, const std::vector<uint8_t>& memory) {
    std::ofstream out(path, std::ios::binary);
    for (const Job& job : file.jobs) {
        out.write(reinterpret_cast<const char*>(&memory[job.result.start - file.base]),
                  static_cast<std::streamsize>(job.result.bytes));
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 5) {
        std::fprintf(stderr, "usage: bench JOBFILE MEMORY RESULTS PROBES [TRACE]\n");
        return 2;
    }
    VerilatedContext context;
    const auto top = std::make_unique<Vtop>(&context);
    try {
        const JobFile file = read_job_file(argv[1]);
        std::vector<uint8_t> memory = read_bytes(argv[2]);
#if VM_TRACE_FST
        context.traceEverOn(true);
#endif
        Bench bench(*top, file, memory, argv[4]);
#if VM_TRACE_FST
        if (argc > 5) bench.trace(argv[5]);
#endif
        try {
            bench.reset();
            bench.run();
            bench.print_summary();
        } catch (const Fault& fault) {
            bench.print_fault(fault.what());
            return 1;
        }
        write_results(argv[3], file, memory);
    } catch (const Fault& fault) {
        std::fprintf(stderr, "%s\n", fault.what());
        return 2;
    }
    return 0;
}
