#include "gateway/intake/directory_settling.hpp"

#include <algorithm>
#include <array>
#include <tuple>

namespace auditgate::gateway::intake {

bool is_unfinished_name(std::string_view name) {
    constexpr auto endings =
        std::to_array<std::string_view>({".part", ".partial", ".filepart", ".tmp", ".writing"});
    return name.starts_with('.') || std::any_of(endings.begin(), endings.end(),
                                                [&](std::string_view one) { return name.ends_with(one); });
}

std::vector<std::string> directory_settling::settled(std::vector<listed_file> now_there,
                                                     std::chrono::steady_clock::time_point now) {
    std::map<std::string, sighting, std::less<>> seen;
    std::vector<listed_file> whole;
    for (listed_file& file : now_there) {
        const auto before = seen_.find(file.name);
        const bool unchanged = before != seen_.end() && before->second.file == file;
        const sighting sight{file, unchanged ? before->second.since : now};
        if (now - sight.since >= settle_)
            whole.push_back(file);
        seen.emplace(std::move(file.name), sight);
    }
    seen_ = std::move(seen);
    std::sort(whole.begin(), whole.end(), [](const listed_file& left, const listed_file& right) {
        return std::tie(left.changed, left.name) < std::tie(right.changed, right.name);
    });
    std::vector<std::string> names;
    for (listed_file& file : whole)
        names.push_back(std::move(file.name));
    return names;
}

} // namespace auditgate::gateway::intake
