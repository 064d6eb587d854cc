#include "gateway/config/config_parts.hpp"

namespace auditgate::gateway {

namespace yaml = mapping::yaml;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t name_bytes_max = 40;

} // namespace

std::filesystem::path config_parts::path(const std::string& written) const {
    return written.empty() ? std::filesystem::path() : (folder_ / written).lexically_normal();
}

std::optional<std::filesystem::path> config_parts::optional_path(yaml::map_reader& from,
                                                                 std::string_view key) const {
    const std::optional<std::string> written = from.optional_text(key);
    return written ? std::optional(path(*written)) : std::nullopt;
}

void config_parts::need(yaml::map_reader& from, std::string_view key,
                        const std::optional<std::filesystem::path>& file, needed_file::content holds) {
    const yaml::node* named = from.child(key);
    if (named != nullptr && file)
        needed_files_.push_back({*file, holds, std::string(key), named->where});
}

std::vector<std::filesystem::path> config_parts::needed_paths(yaml::map_reader& from, std::string_view key) {
    std::vector<std::filesystem::path> all;
    for (const yaml::node& one : from.list(key)) {
        if (const auto written = yaml::read_text(one, key, problems_)) {
            all.push_back(path(*written));
            needed_files_.push_back({all.back(), needed_file::content::any, std::string(key), one.where});
        }
    }
    return all;
}

bool is_config_name(std::string_view text) {
    const auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
    return !text.empty() && text.size() <= name_bytes_max && text.front() != '-' &&
           std::all_of(text.begin(), text.end(), allowed);
}

yaml::position place_of(yaml::map_reader& from, std::string_view key) {
    const yaml::node* value = from.child(key);
    return value == nullptr ? from.where() : value->where;
}

std::uint16_t read_port(yaml::map_reader& from, std::uint16_t otherwise) {
    return static_cast<std::uint16_t>(from.integer_or("port", otherwise, 0, 65535));
}

std::chrono::milliseconds read_timeout(yaml::map_reader& from, std::string_view key,
                                       std::chrono::milliseconds otherwise) {
    const std::chrono::milliseconds value = from.duration_or(key, otherwise);
    if (value < 1ms || value > 30 * 24h)
        from.problem_at(key, "`" + std::string(key) + "` must be from 1ms to 30d");
    return value;
}

} // namespace auditgate::gateway
