#include "gateway/cli/keys.hpp"

#include "fhir/json.hpp"
#include "gateway/cli/exit_code.hpp"
#include "gateway/cli/message_list.hpp"
#include "gateway/security/key_file.hpp"
#include "gateway/store/sqlite_store.hpp"

#include <chrono>
#include <iostream>
#include <string>

namespace auditgate::gateway::cli {

namespace {

namespace json = fhir::json;

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
            {"created", json::value(utc_text(keys.created_at))},
            {"master_key", json::value(keys.rotations + 1)},
            {"master_key_made", json::value(utc_text(keys.master_made_at))},
            {"wrapped_keys", json::value(static_cast<std::int64_t>(keys.wrapped_keys))},
        });
        if (keys.oldest_key && keys.newest_key) {
            shown.set("oldest_key", json::value(utc_text(*keys.oldest_key)));
            shown.set("newest_key", json::value(utc_text(*keys.newest_key)));
        }
        std::cout << json::write(shown, json::layout::pretty) << '\n';
        return exit_done;
    }
    std::cout
        << "installation      " << keys.installation << "\ncreated           " << utc_text(keys.created_at)
        << "\nmaster key        " << keys.rotations + 1 << ", made " << utc_text(keys.master_made_at)
        << "; wraps the keys below. `auditgate keys rotate` makes another"
        << "\nindex key         as created; finds patients without their numbers being stored. Never changes"
        << "\ndestination keys  as created; make record ids and pseudonyms, by the `key_id` of each "
           "destination"
        << "\nwrapped keys      " << keys.wrapped_keys
        << "; each seals a day of messages, a patient's facts or a record\n";
    if (keys.oldest_key && keys.newest_key)
        std::cout << "oldest, newest    " << utc_text(*keys.oldest_key) << ", " << utc_text(*keys.newest_key)
                  << '\n';
    return exit_done;
}

} // namespace auditgate::gateway::cli
