// A progress bar on standard error for long work; silent when standard error is no terminal.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace auditgate::gateway::cli {

// "sending  [#########...........]  45%  450/1000  120/s"
[[nodiscard]] std::string progress_line(std::string_view what, std::uint64_t done, std::uint64_t total,
                                        std::chrono::milliseconds elapsed);

// For one thread. The bar is wiped at the end of its scope, so that what is printed next stands alone.
class progress_bar {
public:
    progress_bar(std::string what, std::uint64_t total);
    ~progress_bar();
    progress_bar(const progress_bar&) = delete;
    progress_bar& operator=(const progress_bar&) = delete;

    // Draws at most ten times a second.
    void show(std::uint64_t done);

private:
    std::string what_;
    std::uint64_t total_;
    bool terminal_;
    bool drawn_ = false;
    std::chrono::steady_clock::time_point begun_;
    std::chrono::steady_clock::time_point last_drawn_;
};

} // namespace auditgate::gateway::cli
