#include "gateway/cli/installation.hpp"

#include "gateway/cli/blocking_connection.hpp"

#include <iostream>
#include <system_error>

namespace auditgate::gateway::cli {
namespace {

opened_installation failed(const error& why) {
    std::cerr << why.message << '\n';
    return {std::nullopt, exit_code_of(why.code)};
}

} // namespace

opened_installation open_installation(const std::filesystem::path& config_file, store::sqlite_role role) {
    gateway_config_load load = load_gateway_config(config_file);
    if (!load.loaded) {
        print_problems(load.problems);
        tell_of_config_option(config_file);
        return {std::nullopt, exit_configuration};
    }
    installation opened;
    opened.config = std::move(*load.loaded);
    auto keys = security::key_ring::open(store::keys_folder(opened.config.data_folder));
    if (!keys)
        return failed(keys.error());
    opened.keys = std::move(*keys);
    store::sqlite_options options;
    options.role = role;
    auto store =
        store::create_sqlite_store(store::database_path(opened.config.data_folder), *opened.keys, options);
    if (!store)
        return failed(store.error());
    opened.store = std::move(*store);
    return {std::move(opened), exit_done};
}

bool is_running(const operations_config& operations) {
    constexpr std::chrono::seconds patience{2};
    return operations.port != 0 &&
           blocking_connection::connect(operations.address, operations.port, patience);
}

std::optional<configuration> load_whole_configuration(const installation& of) {
    configuration_load read = load_configuration(of.config, *of.keys);
    print_problems(read.problems);
    return std::move(read.loaded);
}

void tell_of_config_option(const std::filesystem::path& config_file) {
    std::error_code none;
    if (config_file == default_config_file && !std::filesystem::exists(config_file, none))
        std::cerr << "name the configuration file with --config\n";
}

void print_problems(std::span<const mapping::yaml::problem> problems) {
    for (const mapping::yaml::problem& one : problems)
        std::cerr << to_string(one) << '\n';
}

} // namespace auditgate::gateway::cli
