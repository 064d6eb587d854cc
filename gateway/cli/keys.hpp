#pragma once

#include <filesystem>

namespace auditgate::gateway::cli {

struct keys_init_options {
    std::filesystem::path data_folder = "data";
};

struct keys_show_options {
    std::filesystem::path data_folder = "data";
    bool json = false;
};

// Makes the keys of a new installation in <data>/keys, once. 4: there are keys or data already, or the folder cannot
// be written.
[[nodiscard]] int run_keys_init(const keys_init_options& options);

// Tells ids and dates of the keys, no secrets. 3: there are none, or other users may read them; 4: they are damaged.
[[nodiscard]] int run_keys_show(const keys_show_options& options);

} // namespace auditgate::gateway::cli
