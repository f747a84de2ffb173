// What the generic driver knows of the module under test: a table of its ports and how to evaluate it.
// The binding that `build.ts` writes for each module fills it in.
#pragma once
#include <cstdint>
#include <vector>

struct Port {
  void* data;     // Verilator's variable: little endian, upper bits of the last unit 0
  uint32_t size;  // bytes of that variable
  uint32_t width; // bits of the port
};

struct Model {
  std::vector<Port> ports;
  Port clock;
  Port reset;  // data is null in a module without reset
  void (*eval)();
  void (*dump)(uint64_t time);  // writes a point of the trace, if the build has one
};

Model makeModel(const char* traceFile);
