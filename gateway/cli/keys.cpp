#include "gateway/cli/keys.hpp"

#include "fhir/json.hpp"
#include "gateway/cli/exit_code.hpp"
#include "gateway/security/key_file.hpp"
#include "gateway/store/sqlite_store.hpp"

#include <chrono>
#include <cstdio>
#include <iostream>
#include <string>

namespace auditgate::gateway::cli {

namespace {

namespace json = fhir::json;

std::string to_text(std::chrono::sys_seconds time) {
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss clock(time - day);
    char text[32];
    std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02dZ", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                  static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                  static_cast<int>(clock.seconds().count()));
    return text;
}

int tell(const error& failure) {
    std::cerr << failure.message << '\n';
    return exit_code_of(failure.code);
}

} // namespace

int run_keys_init(const keys_init_options& options) {
    const auto folder = store::keys_folder(options.data_folder);
    const auto database = store::database_path(options.data_folder);
    if (std::filesystem::exists(database)) {
        std::cerr << "there is data in " << options.data_folder.string()
                  << " already: new keys could not open it. Put its own folder of keys back, or choose "
                     "another data "
                     "folder\n";
        return exit_store;
    }
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    if (const auto made = security::key_ring::create(folder, now); !made) {
        std::cerr << made.error().message << '\n';
        return exit_store;
    }
    std::cout
        << "Keys made in " << folder.string()
        << ".\nBack this folder up, apart from the database: without it nothing stored can be read again.\n";
    return exit_done;
}

int run_keys_show(const keys_show_options& options) {
    const auto ring = security::key_ring::open(store::keys_folder(options.data_folder));
    if (!ring)
        return tell(ring.error());
    const security::key_ring_summary keys = (*ring)->summary();
    if (options.json) {
        json::value shown = json::make_object({
            {"installation", json::value(keys.installation)},
            {"created", json::value(to_text(keys.created_at))},
            {"wrapped_keys", json::value(static_cast<std::int64_t>(keys.wrapped_keys))},
        });
        if (keys.oldest_key && keys.newest_key) {
            shown.set("oldest_key", json::value(to_text(*keys.oldest_key)));
            shown.set("newest_key", json::value(to_text(*keys.newest_key)));
        }
        std::cout << json::write(shown, json::layout::pretty) << '\n';
        return exit_done;
    }
    std::cout << "installation   " << keys.installation << "\ncreated        " << to_text(keys.created_at)
              << "\nwrapped keys   " << keys.wrapped_keys << '\n';
    if (keys.oldest_key && keys.newest_key)
        std::cout << "oldest, newest " << to_text(*keys.oldest_key) << ", " << to_text(*keys.newest_key)
                  << '\n';
    return exit_done;
}

} // namespace auditgate::gateway::cli
