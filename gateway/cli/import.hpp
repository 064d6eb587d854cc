#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace auditgate::gateway::cli {

struct import_options {
    std::filesystem::path config = "config/gateway.yaml";
    std::vector<std::filesystem::path> files; // files, folders
    std::string source;                       // whose files they are; chooses the directory
    std::string directory;                    // by its name
    bool wait = false;                        // until the messages are mapped
    int timeout_s = 600;
    bool json = false;
};

// Hands files to the gateway through a watched directory, and with `wait` tells what became of them. 0: handed over, with
// `wait` also taken and mapped; 1: something needs attention; 2: which directory is not clear, or a file cannot be read; 3, 4 as
// always; 5: with `wait`, the gateway does not run or is not done in time (the files are handed over all the same).
[[nodiscard]] int run_import(const import_options& options);

} // namespace auditgate::gateway::cli
