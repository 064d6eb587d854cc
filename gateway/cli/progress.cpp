#include "gateway/cli/progress.hpp"

#include <algorithm>
#include <iostream>
#include <unistd.h>

namespace auditgate::gateway::cli {

std::string progress_line(std::string_view what, std::uint64_t done, std::uint64_t total,
                          std::chrono::milliseconds elapsed) {
    constexpr std::uint64_t width = 30;
    const std::uint64_t of = std::max<std::uint64_t>(total, 1);
    const std::uint64_t filled = std::min(done, of) * width / of;
    const auto ms = static_cast<std::uint64_t>(std::max<std::int64_t>(elapsed.count(), 1));
    return std::string(what) + "  [" + std::string(filled, '#') + std::string(width - filled, '.') + "]  " +
           std::to_string(std::min(done, of) * 100 / of) + "%  " + std::to_string(done) + "/" +
           std::to_string(total) + "  " + std::to_string(done * 1000 / ms) + "/s";
}

progress_bar::progress_bar(std::string what, std::uint64_t total)
    : what_(std::move(what)), total_(total), terminal_(::isatty(STDERR_FILENO) == 1),
      begun_(std::chrono::steady_clock::now()), last_drawn_(begun_) {}

progress_bar::~progress_bar() {
    if (drawn_)
        std::cerr << "\r\x1b[K" << std::flush;
}

void progress_bar::show(std::uint64_t done) {
    constexpr std::chrono::milliseconds between{100};
    const auto now = std::chrono::steady_clock::now();
    if (!terminal_ || (drawn_ && now - last_drawn_ < between))
        return;
    drawn_ = true;
    last_drawn_ = now;
    const auto elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(now - begun_);
    std::cerr << '\r' << progress_line(what_, done, total_, elapsed) << "\x1b[K" << std::flush;
}

} // namespace auditgate::gateway::cli
