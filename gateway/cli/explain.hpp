#pragma once

#include <filesystem>

namespace auditgate::gateway::cli {

struct explain_options {
    std::filesystem::path file;    // "-": standard input
    std::filesystem::path profile; // source profile of a table; empty: none
    bool show_phi = false;         // show values that tell who somebody is
    bool full = false;             // do not cut long values
    bool json = false;
};

// Shows what is in one message. 0: nothing odd; 1: there are findings of level error or fatal; 2: no such file.
[[nodiscard]] int run_explain(const explain_options& options);

} // namespace auditgate::gateway::cli
