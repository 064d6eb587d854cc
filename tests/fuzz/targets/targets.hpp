// What the fuzzers call: each takes any bytes and aborts when the library breaks its word. libFuzzer drives them one binary
// each (tests/fuzz/CMakeLists.txt); tests/fuzz/replay runs them over seeds and public messages in the ordinary tests.
#pragma once

#include <span>
#include <string_view>

namespace auditgate::fuzz {

struct target {
    std::string_view name; // also the folder of its seeds: tests/fuzz/seeds/<name>
    void (*run)(std::string_view bytes);
};

void run_acknowledgement(std::string_view bytes);
void run_batch(std::string_view bytes);
void run_charset(std::string_view bytes);
void run_escape(std::string_view bytes);
void run_framer(std::string_view bytes);
void run_message(std::string_view bytes);
void run_path(std::string_view bytes);
void run_table(std::string_view bytes);
void run_timestamp(std::string_view bytes);

[[nodiscard]] std::span<const target> all_targets();

// Aborts when it does not hold: also in builds without assertions.
void require(bool holds);

} // namespace auditgate::fuzz
