// What commands read: a file, standard input, or all files below a folder.
#pragma once

#include "gateway/result.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace auditgate::gateway::cli {

// The bytes of a file, "-" for standard input. not_found when it cannot be read.
[[nodiscard]] result<std::string> read_input(const std::filesystem::path& file);

// The files named, and for a folder every file below it that is not hidden, sorted by path.
[[nodiscard]] result<std::vector<std::filesystem::path>>
list_files(const std::vector<std::filesystem::path>& named);

} // namespace auditgate::gateway::cli
