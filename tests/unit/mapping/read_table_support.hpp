// Tables for tests of their reading.
#pragma once

#include "mapping/read/read.hpp"
#include "tests/support/support.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace auditgate::mapping {

// What `table:` of a profile says, on top of what every table here has: a key, a patient, a date and one observation.
inline constexpr std::string_view small_table = "sender: LAB\n"
                                                "table:\n"
                                                "  name: small\n"
                                                "  key: ID\n"
                                                "  patient: {nhs_number: NHS}\n"
                                                "  date: DAY\n"
                                                "  events:\n"
                                                "    - tells: observation\n"
                                                "      columns: PAIN\n"
                                                "      code: L|PAIN-NRS\n"
                                                "      type: number\n";

inline source_profile_load load_table_profile(std::string_view text) {
    const test::temporary_folder folder;
    test::write_file(folder.path() / "small.yaml", text);
    return load_source_profile(folder.path() / "small.yaml");
}

inline source_profile table_profile_of(std::string_view text) {
    source_profile_load load = load_table_profile(text);
    std::string problems;
    for (const yaml::problem& one : load.problems)
        problems += to_string(one) + "\n";
    EXPECT_TRUE(load.profile.has_value()) << problems;
    return load.profile.value_or(source_profile());
}

inline read_result read_rows(std::string_view bytes, const source_profile& profile,
                             const std::string& file = "small.csv") {
    message_to_read message;
    message.bytes = bytes;
    message.format = message_format::table;
    message.reference = file;
    message.received_at = std::chrono::sys_days(std::chrono::year(2026) / 3 / 20);
    return read_message(message, profile);
}

} // namespace auditgate::mapping
