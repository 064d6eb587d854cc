// A golden case: a folder with messages, and the records that must go out after each step (docs: tests/acceptance).
#pragma once

#include "mapping/definition/load.hpp"
#include "mapping/release/destination.hpp"
#include "mapping/yaml/document.hpp"

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace auditgate::gateway::acceptance {

// Who is not cleared in a step; every other number was asked about and came back.
struct opt_out_setting {
    bool stale = false; // the list is too old to count
    std::vector<std::string> not_cleared;

    bool operator==(const opt_out_setting&) const = default;
};

struct golden_step {
    std::vector<std::string> receive; // names of files in messages/, in order
    opt_out_setting opt_out;
    std::chrono::local_days as_of{};
    bool retain =
        false; // what nobody needs any more is erased after the messages of the step, as by the gateway's eraser
};

struct golden_case {
    std::filesystem::path folder;
    std::string title;
    std::vector<std::string> datasets; // files in datasets/ without .yaml; empty: see load_environment()
    mapping::definition_settings definition;
    mapping::destination_settings destination;
    mapping::destination_keys keys;
    std::vector<golden_step> steps;
    bool permute = true;
    // Tables among the files: the name of each with that of its source profile, a file of config/sources without .yaml.
    std::map<std::string, std::string> tables;

    // The last part of the folder's path.
    [[nodiscard]] std::string name() const;
};

struct golden_case_load {
    std::optional<golden_case> loaded; // none when there is any problem
    std::vector<mapping::yaml::problem> problems;
};

// Reads case.yaml of a folder.
[[nodiscard]] golden_case_load load_golden_case(const std::filesystem::path& folder);

// "2026-03-09"; none for anything else.
[[nodiscard]] std::optional<std::chrono::local_days> parse_day(const std::string& text);

} // namespace auditgate::gateway::acceptance
