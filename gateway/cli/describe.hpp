#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace auditgate::gateway::cli {

struct describe_options {
    std::filesystem::path config = "config"; // folder with datasets/, terminology/, feed/
    std::vector<std::string> datasets;       // files in datasets/ without .yaml; empty: all
    std::string ome_table = "uk";
};

// Prints what is audited as a page of Markdown: every item with its meaning, rule, codes and place in the feed. 0: done;
// 3: a file has mistakes.
[[nodiscard]] int run_describe(const describe_options& options);

} // namespace auditgate::gateway::cli
