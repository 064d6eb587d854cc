// What the messages of random event sets are made of.
#pragma once

#include "tests/property/event_sets.hpp"

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace auditgate::test {

// The clinician of every message, and the text that stands wherever a person may write.
inline constexpr std::string_view clinician = "C7654321^QUACKENBUSH^HORATIO";

struct moment {
    std::chrono::sys_days day{};
    int minute = 0; // 0: a date without a time
};
[[nodiscard]] moment happened(const telling& one);
[[nodiscard]] moment recorded(const telling& one);

// 20260305 or 202603051015; 2026-03-05 or 2026-03-05T10:15:00Z.
[[nodiscard]] std::string hl7v2_time(const moment& when);
[[nodiscard]] std::string fhir_time(const moment& when);
[[nodiscard]] std::string recorded_time(const telling& one);      // HL7 v2, always with a time
[[nodiscard]] std::string recorded_time_fhir(const telling& one); // always with a time

template <std::size_t size>
[[nodiscard]] std::string_view pick(const std::array<std::string_view, size>& from, int number) {
    return from[static_cast<std::size_t>(number) % size];
}

[[nodiscard]] std::string hl7v2_message(const telling& one, int family);
[[nodiscard]] std::string fhir_message(const telling& one, int family);

} // namespace auditgate::test
