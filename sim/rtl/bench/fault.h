// What ends a simulation early: the design broke a rule, or hangs. main.cpp reports it as JSON.
#pragma once

#include <cstdint>
#include <cstdio>
#include <stdexcept>
#include <string>

struct Fault : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// A broken rule of the memory port or its checker.
[[noreturn]] inline void fail(const std::string& text) { throw Fault(text); }

inline std::string hex(uint64_t value) {
    char text[24];
    std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(value));
    return text;
}
