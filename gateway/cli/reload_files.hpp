// How `auditgate reload` and a running gateway talk: two files in the data folder, which whoever may change the
// configuration of a gateway can write anyway, and which work across containers, where signals do not.
#pragma once

#include "gateway/result.hpp"
#include "gateway/store/store.hpp"
#include "mapping/yaml/document.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace auditgate::gateway::cli {

enum class reload_result {
    activated, // the configuration as it is on the disk is in force
    refused,   // the one before is; `problems` tell why
};

// What became of the last reload; kept in DATA/reload.json until the next one or a restart.
struct reload_report {
    reload_result result = reload_result::refused;
    store::utc_time begun_at{};             // before the first file was read
    std::string revision{};                 // of what is in force
    bool is_recomputing = false;            // that is another one: every case is computed again
    std::vector<std::string> needs_restart; // keys of gateway.yaml that count from the next start on
    std::vector<mapping::yaml::problem> problems;
};

[[nodiscard]] std::string to_json(const reload_report& report);
[[nodiscard]] std::optional<reload_report> reload_report_of(std::string_view json);

// The asking side: the gateway takes the request away when it begins.
[[nodiscard]] result<void> ask_for_reload(const std::filesystem::path& data_folder);
[[nodiscard]] bool is_reload_asked_for(const std::filesystem::path& data_folder);
void forget_reload_request(const std::filesystem::path& data_folder);

// None: there was none since the gateway started, or it cannot be read.
[[nodiscard]] std::optional<reload_report> last_reload(const std::filesystem::path& data_folder);
[[nodiscard]] result<void> write_reload_report(const std::filesystem::path& data_folder,
                                               const reload_report& report);
void forget_last_reload(const std::filesystem::path& data_folder);

} // namespace auditgate::gateway::cli
