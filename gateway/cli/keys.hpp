#pragma once

#include "gateway/cli/installation.hpp"

#include <filesystem>
#include <string>

namespace auditgate::gateway::cli {

struct keys_init_options {
    std::filesystem::path data_folder = "data";
};

struct keys_show_options {
    std::filesystem::path data_folder = "data";
    bool json = false;
};

struct keys_rotate_options {
    std::filesystem::path data_folder = "data"; // of a gateway or a registry
    bool json = false;
    std::string destination; // tell how its keys are changed, and what follows; "": rotate the master key
    std::filesystem::path config = default_config_file; // with `destination`
};

// Makes the keys of a new installation in <data>/keys, once. 4: there are keys or data already, or the folder cannot
// be written.
[[nodiscard]] int run_keys_init(const keys_init_options& options);

// Tells ids and dates of the keys, no secrets. 3: there are none, or other users may read them; 4: they are damaged.
[[nodiscard]] int run_keys_show(const keys_show_options& options);
// Wraps all keys of the data folder by a new master key, while nobody else works on it. 4: a gateway or registry does; the
// keys do not belong to the database there; the folder cannot be written. With a destination it changes nothing and ends
// with 1: its keys are named in the configuration.
[[nodiscard]] int run_keys_rotate(const keys_rotate_options& options);

} // namespace auditgate::gateway::cli
