// Which files of a directory are whole. Pure: listings and times in, names out.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace auditgate::gateway::intake {

struct listed_file {
    std::string name;
    std::uintmax_t size = 0;
    std::int64_t changed = 0; // any count that changes with the file's time of change

    auto operator<=>(const listed_file&) const = default;
};

// Names that senders give to files they are still writing: hidden ones, and .part, .partial, .filepart, .tmp, .writing at
// the end.
[[nodiscard]] bool is_unfinished_name(std::string_view name);

// A value; for one thread.
class directory_settling {
public:
    explicit directory_settling(std::chrono::milliseconds settle) : settle_(settle) {}

    // The files that have not changed for `settle`, as seen here: the oldest first, by name where they are of one age.
    [[nodiscard]] std::vector<std::string> settled(std::vector<listed_file> now_there,
                                                   std::chrono::steady_clock::time_point now);

private:
    struct sighting {
        listed_file file;
        std::chrono::steady_clock::time_point since;
    };

    std::chrono::milliseconds settle_;
    std::map<std::string, sighting, std::less<>> seen_;
};

} // namespace auditgate::gateway::intake
