#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

namespace auditgate::gateway::cli {

struct send_options {
    std::string to = "127.0.0.1:2575";        // host:port
    std::vector<std::filesystem::path> files; // files, folders; - is standard input
    int connections = 1;
    int timeout_s = 30; // for an answer
    int attempts = 3;   // for each message
    bool json = false;
};

// Sends HL7 v2 messages over MLLP and matches the answers. 0: all accepted, 1: some refused, 5: some without an answer.
[[nodiscard]] int run_send(const send_options& options);

} // namespace auditgate::gateway::cli
