#include "gateway/cli/reload_files.hpp"

#include "fhir/json.hpp"
#include "gateway/cli/check.hpp"
#include "gateway/security/durable_file.hpp"

#include <system_error>

namespace auditgate::gateway::cli {

namespace {

namespace fs = std::filesystem;
namespace json = fhir::json;

fs::path request_file(const fs::path& data_folder) {
    return data_folder / "reload.request";
}

fs::path report_file(const fs::path& data_folder) {
    return data_folder / "reload.json";
}

} // namespace

std::string to_json(const reload_report& report) {
    json::value keys = json::value::array();
    for (const std::string& one : report.needs_restart)
        keys.push_back(json::value(one));
    return write(
        json::make_object(
            {{"result", json::value(report.result == reload_result::activated ? "activated" : "refused")},
             {"begun_at", json::value(std::int64_t{report.begun_at.time_since_epoch().count()})},
             {"revision", json::value(report.revision)},
             {"recomputing", json::value(report.is_recomputing)},
             {"needs_restart", std::move(keys)},
             {"problems", to_json(report.problems)}}),
        json::layout::pretty);
}

std::optional<reload_report> reload_report_of(std::string_view text) {
    const json::parse_result parsed = json::parse(text);
    if (!parsed.document)
        return std::nullopt;
    const json::value& from = *parsed.document;
    const auto begun_at = from["begun_at"].as_integer();
    const std::string_view word = from["result"].text();
    if (!begun_at || (word != "activated" && word != "refused"))
        return std::nullopt;
    reload_report report;
    report.result = word == "activated" ? reload_result::activated : reload_result::refused;
    report.begun_at = store::utc_time(std::chrono::milliseconds(*begun_at));
    report.revision = from["revision"].text();
    report.is_recomputing = from["recomputing"].as_bool().value_or(false);
    for (const json::value& one : from["needs_restart"].items())
        report.needs_restart.emplace_back(one.text());
    for (const json::value& one : from["problems"].items())
        report.problems.push_back(
            {std::string(one["file"].text()), static_cast<int>(one["line"].as_integer().value_or(0)),
             static_cast<int>(one["column"].as_integer().value_or(0)), std::string(one["text"].text())});
    return report;
}

result<void> ask_for_reload(const fs::path& data_folder) {
    return security::replace_file(request_file(data_folder), "auditgate reload\n");
}

bool is_reload_asked_for(const fs::path& data_folder) {
    std::error_code none;
    return fs::exists(request_file(data_folder), none);
}

void forget_reload_request(const fs::path& data_folder) {
    std::error_code none;
    fs::remove(request_file(data_folder), none);
}

std::optional<reload_report> last_reload(const fs::path& data_folder) {
    const auto text = security::read_whole(report_file(data_folder));
    return text ? reload_report_of(*text) : std::nullopt;
}

result<void> write_reload_report(const fs::path& data_folder, const reload_report& report) {
    return security::replace_file(report_file(data_folder), to_json(report) + "\n");
}

void forget_last_reload(const fs::path& data_folder) {
    std::error_code none;
    fs::remove(report_file(data_folder), none);
}

} // namespace auditgate::gateway::cli
