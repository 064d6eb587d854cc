// config/registry.yaml: how one registry is set up. The file in this repository explains every key to its users; the
// defaults stand here.
#pragma once

#include "gateway/network/http_server.hpp"
#include "gateway/network/tls_server.hpp"
#include "gateway/observe/log.hpp"
#include "mapping/feed/layout.hpp"
#include "mapping/yaml/document.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace auditgate::gateway::registry {

// A hospital's gateway. It writes records of the organisations named, and no others.
struct sender_config {
    std::string name;
    std::filesystem::path token_file;
    std::vector<std::string> provider_orgs; // `*`: any, and records that name none
    mapping::yaml::position where{};        // in the file
};

// Somebody who may fetch the records.
struct reader_config {
    std::string name;
    std::filesystem::path token_file;
    mapping::yaml::position where{}; // in the file
};

struct registry_config {
    std::filesystem::path file; // this was read from; relative paths in it start from its folder
    std::filesystem::path data_folder;
    std::filesystem::path feed_folder;   // layouts of the dataset versions that are published
    std::vector<std::string> datasets;   // the published ones; empty: all of the folder
    mapping::yaml::position datasets_at; // where they are named
    observe::log_level log_least = observe::log_level::info;
    std::string address = "127.0.0.1";
    std::uint16_t port = 8480; // 0: any free one
    std::optional<network::tls_settings> tls;
    mapping::yaml::position tls_at; // in the file
    network::http_limits limits;
    std::vector<sender_config> senders;
    std::vector<reader_config> readers;
};

struct registry_config_load {
    std::optional<registry_config> loaded; // none when there is any problem
    std::vector<mapping::yaml::problem> problems;
};

[[nodiscard]] registry_config_load load_registry_config(const std::filesystem::path& file);
// The layouts of the feed folder that this registry publishes. Tells layouts with mistakes, and datasets that have none.
[[nodiscard]] std::vector<mapping::feed::layout>
published_layouts(const registry_config& config, std::vector<mapping::yaml::problem>& problems);

[[nodiscard]] registry_config_load parse_registry_config(std::string_view text,
                                                         const std::filesystem::path& file);

} // namespace auditgate::gateway::registry
