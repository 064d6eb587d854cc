// What the readers of the parts of gateway.yaml have in common.
#pragma once

#include "gateway/config/gateway_config.hpp"
#include "mapping/yaml/document.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace auditgate::gateway {

// Knows where relative paths start, collects the files that have to be there, and tells mistakes.
class config_parts {
public:
    config_parts(std::filesystem::path folder, mapping::yaml::problem_sink& problems)
        : folder_(std::move(folder)), problems_(problems) {}

    [[nodiscard]] mapping::yaml::problem_sink& problems() { return problems_; }
    [[nodiscard]] std::vector<needed_file> take_needed_files() { return std::move(needed_files_); }

    [[nodiscard]] std::filesystem::path path(const std::string& written) const;
    [[nodiscard]] std::optional<std::filesystem::path> optional_path(mapping::yaml::map_reader& from,
                                                                     std::string_view key) const;
    // load_configuration() looks whether it is there.
    void need(mapping::yaml::map_reader& from, std::string_view key,
              const std::optional<std::filesystem::path>& file, needed_file::content holds);
    std::vector<std::filesystem::path> needed_paths(mapping::yaml::map_reader& from, std::string_view key);

private:
    std::filesystem::path folder_;
    mapping::yaml::problem_sink& problems_;
    std::vector<needed_file> needed_files_;
};

// Small letters, digits and hyphens: names become labels of metrics, parts of health and values of columns.
[[nodiscard]] bool is_config_name(std::string_view text);

// `name`, which none of the earlier ones may have.
template <class Named>
std::string read_name(mapping::yaml::map_reader& from, const std::vector<Named>& earlier) {
    std::string name = from.text("name");
    if (!name.empty() && !is_config_name(name))
        from.problem_at("name",
                        "`name` must be small letters, digits and hyphens, at most 40, not `" + name + "`");
    if (std::any_of(earlier.begin(), earlier.end(), [&](const Named& one) { return one.name == name; }))
        from.problem_at("name", "`" + name + "` is the name of another one already");
    return name;
}

// Of the value of `key`, else of the map.
[[nodiscard]] mapping::yaml::position place_of(mapping::yaml::map_reader& from, std::string_view key);
[[nodiscard]] std::uint16_t read_port(mapping::yaml::map_reader& from, std::uint16_t otherwise);
// From 1 ms to 30 days.
[[nodiscard]] std::chrono::milliseconds read_timeout(mapping::yaml::map_reader& from, std::string_view key,
                                                     std::chrono::milliseconds otherwise);

} // namespace auditgate::gateway
