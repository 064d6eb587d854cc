// auditgate keys rotate: another master key; and what is to be known before a destination gets other keys.
#include "gateway/cli/keys.hpp"

#include "fhir/json.hpp"
#include "gateway/cli/exit_code.hpp"
#include "gateway/cli/installation.hpp"
#include "gateway/cli/message_list.hpp"
#include "gateway/registry/registry_store.hpp"
#include "gateway/security/key_file.hpp"
#include "gateway/store/sqlite_store.hpp"
#include "gateway/store/worker_lock.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <iostream>
#include <memory>
#include <vector>

namespace auditgate::gateway::cli {

namespace {

namespace fs = std::filesystem;
namespace json = fhir::json;

int tell(const error& failure) {
    std::cerr << failure.message << '\n';
    return exit_code_of(failure.code);
}

// Keys that do not open what is stored are not the ones to go on with: the right ones may still be in a backup.
result<void> check_keys(const fs::path& data_folder, security::key_ring& keys) {
    std::error_code failed;
    if (const auto database = store::database_path(data_folder); fs::exists(database, failed)) {
        store::sqlite_options options;
        options.role = store::sqlite_role::beside;
        if (const auto opened = store::create_sqlite_store(database, keys, options); !opened)
            return opened.error();
    }
    if (const auto database = registry::registry_database(data_folder); fs::exists(database, failed)) {
        if (const auto opened = registry::registry_store::open(database, keys); !opened)
            return opened.error();
    }
    return {};
}

void print(const security::key_ring_summary& keys, const keys_rotate_options& options) {
    if (options.json) {
        const json::value shown = json::make_object({
            {"master_key", json::value(keys.rotations + 1)},
            {"master_key_made", json::value(utc_text(keys.master_made_at))},
            {"wrapped_keys", json::value(static_cast<std::int64_t>(keys.wrapped_keys))},
        });
        std::cout << json::write(shown, json::layout::pretty) << '\n';
        return;
    }
    const fs::path folder = store::keys_folder(options.data_folder);
    std::cout << "Master key " << keys.rotations + 1 << " wraps all " << keys.wrapped_keys << " keys in "
              << folder.string()
              << "; the one before is gone.\n"
                 "Now back that folder up, whole and apart from the database, and destroy the copies of it "
                 "from before: they\n"
                 "still open old copies of the database.\n";
}

int tell_of_destination(const keys_rotate_options& options) {
    const opened_installation opened = open_installation(options.config, store::sqlite_role::beside);
    if (!opened.value)
        return opened.exit;
    const auto& all = opened.value->config.destinations;
    const auto found = std::find_if(all.begin(), all.end(),
                                    [&](const auto& one) { return one.name == options.destination; });
    if (found == all.end()) {
        std::vector<std::string_view> names;
        for (const destination_config& one : all)
            names.push_back(one.name);
        std::cerr << "the configuration has no destination `" << options.destination << '`'
                  << mapping::yaml::suggestion(options.destination, names) << '\n';
        return exit_usage;
    }
    const auto there = opened.value->store->records_there(found->name);
    if (!there)
        return tell(there.error());
    const std::string& key_id = found->settings.key_id;
    std::cout
        << "Nothing was changed: the keys of a destination are changed by its settings, and not without "
           "need.\n"
        << "Destination " << found->name << " has the keys `" << key_id << "` and up to " << *there
        << " records made with them.\n\n"
           "Other keys give every patient another pseudonym and every record another id. After the change\n"
           "- each record of an open case is retracted, and sent again as a new one;\n"
           "- records of closed cases stay there as they are: that they are of the same patients as newer "
           "ones can no longer\n"
           "  be told, and `auditgate retract` finds them by record id only, no more by number and date.\n\n";
    if (found->key_file) {
        std::cout << "The keys come from " << found->key_file->string()
                  << ", which hospitals share so that the registry can tell that two records are of one\n"
                     "patient: all of them must take the new file at the same time. To change them\n"
                     "1. agree on a day with the registry, which makes the file;\n"
                     "2. wait until `auditgate status` has nothing pending for "
                  << found->name
                  << ";\n"
                     "3. stop the gateway, replace the file, and write another `key_id` than `"
                  << key_id << "` into " << options.config.string() << ";\n";
    } else {
        std::cout << "To change them\n"
                     "1. agree on a day with the registry;\n"
                     "2. wait until `auditgate status` has nothing pending for "
                  << found->name
                  << ";\n"
                     "3. stop the gateway, and write a `key_id` that was never used instead of `"
                  << key_id << "` into " << options.config.string() << ";\n";
    }
    std::cout << "4. start it. `auditgate status` shows what is on its way.\n";
    return exit_findings;
}

} // namespace

int run_keys_rotate(const keys_rotate_options& options) {
    if (!options.destination.empty())
        return tell_of_destination(options);
    const fs::path folder = store::keys_folder(options.data_folder);
    const auto ring = security::key_ring::open(folder);
    if (!ring)
        return tell(ring.error());
    // A program that was started before an upgrade may not know that the master key can change under it.
    std::vector<std::unique_ptr<security::unique_descriptor>> locks;
    for (const fs::path& database :
         {store::database_path(options.data_folder), registry::registry_database(options.data_folder)}) {
        std::error_code failed;
        if (!fs::exists(database, failed))
            continue;
        auto lock = store::take_worker_lock(database);
        if (!lock) {
            std::cerr << lock.error().message
                      << "\nNothing was changed. Stop it, rotate, and start it again: senders wait "
                         "meanwhile, nothing is lost\n";
            return exit_store;
        }
        locks.push_back(std::move(*lock));
    }
    if (const auto checked = check_keys(options.data_folder, **ring); !checked)
        return tell(checked.error());
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    if (const auto rotated = (*ring)->rotate_master(now); !rotated)
        return tell(rotated.error());
    print((*ring)->summary(), options);
    return exit_done;
}

} // namespace auditgate::gateway::cli
