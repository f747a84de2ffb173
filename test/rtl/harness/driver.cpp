// The generic bench: reads a scenario (scenario.ts writes it), clocks the module, writes what it saw.
// A cycle: apply inputs, settle, sample everything, rising edge. In a reactive scenario the sampled
// ports go to stdout at every edge and the inputs of the next cycle come from stdin.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "bench.h"
#include "verilated.h"

double sc_time_stamp() { return 0; }

namespace {

struct Random {
  uint64_t state;
  uint32_t next() {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return static_cast<uint32_t>(state >> 16);
  }
  bool percent(uint32_t p) { return p > 0 && next() % 100 < p; }
};

struct Reader {
  std::vector<uint8_t> bytes;
  size_t at = 0;
  const uint8_t* take(size_t count) {
    if (at + count > bytes.size()) {
      fprintf(stderr, "scenario file too short\n");
      exit(1);
    }
    const uint8_t* p = bytes.data() + at;
    at += count;
    return p;
  }
  uint32_t u32() {
    uint32_t value;
    memcpy(&value, take(4), 4);
    return value;
  }
};

const uint32_t kNone = 0xffffffff;

struct Source {
  uint32_t valid, ready, gap, start;
  std::vector<uint32_t> fields;
  uint32_t itemBytes = 0;
  std::vector<uint8_t> items;
  uint32_t count;
  Random random;
  bool offered = false;
  std::vector<uint32_t> sentAt;
};

struct Sink {
  uint32_t valid, ready, stall, expect;
  std::vector<uint32_t> fields;
  Random random;
  uint32_t count = 0;
  std::vector<uint8_t> record;
};

Model model;

std::vector<uint32_t> readPorts(Reader& in) {
  std::vector<uint32_t> ports(in.u32());
  for (auto& port : ports) port = in.u32();
  return ports;
}

uint32_t bytesOf(const std::vector<uint32_t>& ports) {
  uint32_t total = 0;
  for (uint32_t p : ports) total += model.ports[p].size;
  return total;
}

void setPorts(const std::vector<uint32_t>& ports, const uint8_t* from) {
  for (uint32_t p : ports) {
    memcpy(model.ports[p].data, from, model.ports[p].size);
    from += model.ports[p].size;
  }
}

void sample(const std::vector<uint32_t>& ports, std::vector<uint8_t>& to) {
  for (uint32_t p : ports) {
    const uint8_t* data = static_cast<const uint8_t*>(model.ports[p].data);
    to.insert(to.end(), data, data + model.ports[p].size);
  }
}

void append(std::vector<uint8_t>& to, uint32_t value) {
  const uint8_t* p = reinterpret_cast<const uint8_t*>(&value);
  to.insert(to.end(), p, p + 4);
}

bool bit(uint32_t port) { return port == kNone || (*static_cast<uint8_t*>(model.ports[port].data) & 1); }

void setBit(uint32_t port, bool value) {
  if (port != kNone) *static_cast<uint8_t*>(model.ports[port].data) = value;
}

// Fields of a source without a valid item carry noise, so that nobody relies on them.
void scramble(uint32_t port, Random& random) {
  const Port& p = model.ports[port];
  uint8_t* data = static_cast<uint8_t*>(p.data);
  memset(data, 0, p.size);
  for (uint32_t i = 0; i < (p.width + 7) / 8; i++) data[i] = random.next();
  if (p.width % 8) data[p.width / 8] &= (1u << (p.width % 8)) - 1;
}

void clockEdge(uint64_t cycle) {
  *static_cast<uint8_t*>(model.clock.data) = 1;
  model.eval();
  model.dump(cycle * 2 + 1);
}

void settle(uint64_t cycle) {
  *static_cast<uint8_t*>(model.clock.data) = 0;
  model.eval();
  model.dump(cycle * 2);
}

void writeAll(FILE* file, const std::vector<uint8_t>& bytes) {
  if (!bytes.empty() && fwrite(bytes.data(), 1, bytes.size(), file) != bytes.size()) exit(1);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  Reader in;
  FILE* file = fopen(argv[1], "rb");
  if (!file) return 2;
  fseek(file, 0, SEEK_END);
  in.bytes.resize(ftell(file));
  fseek(file, 0, SEEK_SET);
  if (fread(in.bytes.data(), 1, in.bytes.size(), file) != in.bytes.size()) return 2;
  fclose(file);

  const uint32_t limit = in.u32(), settleCycles = in.u32(), seed = in.u32(), resetCycles = in.u32();
  // Registers without reset start at random values: what relies on them shows.
  const std::string seedArgument = "+verilator+seed+" + std::to_string((seed & 0x7fffffff) | 1);
  const char* arguments[] = {argv[0], "+verilator+rand+reset+2", seedArgument.c_str()};
  Verilated::commandArgs(3, arguments);
  model = makeModel(argc > 3 ? argv[3] : nullptr);

  std::vector<uint32_t> constants = readPorts(in);
  setPorts(constants, in.take(bytesOf(constants)));

  uint64_t streams = 0;
  auto freshRandom = [&] {
    Random random{(uint64_t(seed) << 20) + 0x9e3779b97f4a7c15ull * ++streams};
    for (int i = 0; i < 8; i++) random.next();
    return random;
  };
  std::vector<Source> sources(in.u32());
  for (auto& s : sources) {
    s.valid = in.u32();
    s.ready = in.u32();
    s.gap = in.u32();
    s.start = in.u32();
    s.fields = readPorts(in);
    s.itemBytes = bytesOf(s.fields);
    s.count = in.u32();
    const uint8_t* p = in.take(size_t(s.count) * s.itemBytes);
    s.items.assign(p, p + size_t(s.count) * s.itemBytes);
    s.random = freshRandom();
    setBit(s.valid, false);
  }
  std::vector<Sink> sinks(in.u32());
  for (auto& s : sinks) {
    s.valid = in.u32();
    s.ready = in.u32();
    s.stall = in.u32();
    s.expect = in.u32();
    s.fields = readPorts(in);
    s.random = freshRandom();
    setBit(s.ready, false);
  }
  const std::vector<uint32_t> probes = readPorts(in);
  const std::vector<uint32_t> driven = readPorts(in);
  const uint32_t drivenCycles = in.u32(), drivenBytes = bytesOf(driven);
  const uint8_t* drive = in.take(size_t(drivenCycles) * drivenBytes);
  // The resting values of the driven ports stand behind the last cycle's.
  const uint8_t* resting = in.take(drivenBytes);
  setPorts(driven, resting);
  const std::vector<uint32_t> observed = readPorts(in);
  const std::vector<uint32_t> reacting = readPorts(in);
  const uint32_t reactingBytes = bytesOf(reacting);
  const bool reactive = !observed.empty();
  setPorts(reacting, in.take(reactingBytes));

  uint64_t time = 0;
  if (model.reset.data) {
    *static_cast<uint8_t*>(model.reset.data) = 1;
    for (uint32_t i = 0; i < resetCycles; i++, time++) settle(time), clockEdge(time);
    *static_cast<uint8_t*>(model.reset.data) = 0;
  }

  std::vector<uint8_t> probeRecord, answer(reactingBytes), observation;
  uint32_t cycle = 0, quiet = 0;
  bool finished = false;
  for (; cycle < limit; cycle++, time++) {
    setPorts(driven, cycle < drivenCycles ? drive + size_t(cycle) * drivenBytes : resting);
    for (auto& s : sources) {
      const bool more = s.sentAt.size() < s.count && cycle >= s.start;
      if (!s.offered && more && !s.random.percent(s.gap)) s.offered = true;
      setBit(s.valid, s.offered);
      if (s.offered) {
        setPorts(s.fields, s.items.data() + s.sentAt.size() * s.itemBytes);
      } else {
        for (uint32_t p : s.fields) scramble(p, s.random);
      }
    }
    for (auto& s : sinks) setBit(s.ready, !s.random.percent(s.stall));

    settle(time);
    sample(probes, probeRecord);
    bool done = cycle >= drivenCycles;
    for (auto& s : sources) {
      if (s.offered && bit(s.ready)) {
        s.sentAt.push_back(cycle);
        s.offered = false;
      }
      done = done && s.sentAt.size() == s.count;
    }
    for (auto& s : sinks) {
      if (bit(s.valid) && bit(s.ready)) {
        append(s.record, cycle);
        sample(s.fields, s.record);
        s.count++;
      }
      done = done && s.count >= s.expect;
    }
    if (reactive) {
      observation.clear();
      sample(observed, observation);
      writeAll(stdout, observation);
      fflush(stdout);
      uint8_t go;
      if (fread(&go, 1, 1, stdin) != 1) return 1;
      if (go == 0) {
        finished = true;
        cycle++;
        break;
      }
      if (reactingBytes && fread(answer.data(), 1, reactingBytes, stdin) != reactingBytes) return 1;
    }
    clockEdge(time);
    if (reactive) setPorts(reacting, answer.data());
    if (Verilated::gotFinish()) break;
    quiet = done && !reactive ? quiet + 1 : 0;
    if (quiet > settleCycles) {
      finished = true;
      cycle++;
      break;
    }
  }

  std::vector<uint8_t> out;
  append(out, cycle);
  append(out, finished);
  for (auto& s : sources) {
    append(out, s.sentAt.size());
    for (uint32_t at : s.sentAt) append(out, at);
  }
  for (auto& s : sinks) {
    append(out, s.count);
    out.insert(out.end(), s.record.begin(), s.record.end());
  }
  out.insert(out.end(), probeRecord.begin(), probeRecord.end());
  FILE* result = fopen(argv[2], "wb");
  if (!result) return 2;
  writeAll(result, out);
  return fclose(result) == 0 ? 0 : 2;
}
