// What most commands begin with: the configuration, the keys and the store of this gateway.
#pragma once

#include "gateway/cli/exit_code.hpp"
#include "gateway/config/configuration.hpp"
#include "gateway/config/gateway_config.hpp"
#include "gateway/security/key_file.hpp"
#include "gateway/store/sqlite_store.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <span>

namespace auditgate::gateway::cli {

inline constexpr const char* default_config_file = "config/gateway.yaml";

struct installation {
    gateway_config config;
    std::unique_ptr<security::key_ring> keys;
    std::unique_ptr<store::store> store; // uses the keys: declared after them
};

struct opened_installation {
    std::optional<installation> value;
    exit_code exit = exit_done; // why there is none
};

// Reads the configuration file and opens its store: all commands but the gateway itself beside it. What is wrong is told
// on standard error.
[[nodiscard]] opened_installation open_installation(const std::filesystem::path& config_file,
                                                    store::sqlite_role role = store::sqlite_role::beside);

// The rest of the configuration: terminology, datasets, feeds, destinations. None when something is wrong with it; that has
// been told on standard error, and the command ends with exit_configuration.
[[nodiscard]] std::optional<configuration> load_whole_configuration(const installation& of);

// Whether a gateway answers on its operations port. With port 0 nobody can tell: no.
[[nodiscard]] bool is_running(const operations_config& operations);

// Says on standard error how to name the configuration, when the default file was to be read and is not there.
void tell_of_config_option(const std::filesystem::path& config_file);

// One a line on standard error, as editors understand it.
void print_problems(std::span<const mapping::yaml::problem> problems);

} // namespace auditgate::gateway::cli
