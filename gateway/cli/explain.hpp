#pragma once

#include <filesystem>
#include <string>

namespace auditgate::gateway::cli {

struct explain_options {
    std::filesystem::path file; // "-": standard input
    bool show_phi = false;      // show values that tell who somebody is
    bool full = false;          // do not cut long values
    bool json = false;
    std::filesystem::path config; // folder with terminology/ and sources/; empty: `config` where there is one
    std::string profile = "default"; // its name in sources/, without .yaml, or the path of a .yaml file
};

// Shows what is in one message or table, and what became of each part of it. Without a configuration it is read as the
// standards say, and nobody looks whether its code systems are known. 0: nothing odd; 1: there are findings of level error
// or fatal; 2: no such file; 3: configuration.
[[nodiscard]] int run_explain(const explain_options& options);

} // namespace auditgate::gateway::cli
