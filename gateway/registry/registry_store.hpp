// What a registry keeps: for each sender and record the last version, and the content of all its versions until it is
// retracted. SQLite in WAL mode with synchronous=FULL; contents and their hashes are sealed by a key of their own for each
// record, which is erased with them. Ids and pseudonyms come in re-keyed (rekey.hpp): nothing here is as a hospital knows it.
#pragma once

#include "gateway/result.hpp"
#include "gateway/security/key_file.hpp"
#include "gateway/store/store.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace auditgate::gateway::registry {

struct incoming_record {
    std::string sender;
    std::string record_key; // re-keyed record id
    std::string dataset;
    int version = 0;
    bool retract = false;
    std::string hash;    // content_hash() of the record as it was sent; "" for a retract
    std::string content; // the record, re-keyed, as JSON; not kept of a retract
};

struct stored_version {
    int version = 0;
    std::string hash; // "" after a retract
};

enum class intake_end {
    created,  // first version of this record
    updated,  // a later version
    repeated, // this very version is here already
    conflict, // a later version is here, or this version with other content: `current`
};

struct intake_outcome {
    intake_end end{};
    stored_version current;
};

struct current_record {
    std::string record_key;
    std::optional<std::string> content; // none: its key is gone, or what is stored is damaged
};

// Any thread may call any member; calls wait for each other.
class registry_store {
public:
    // Opens or makes the database. The ring must outlive the store. wrong_key: made with other keys.
    [[nodiscard]] static result<std::unique_ptr<registry_store>> open(const std::filesystem::path& file,
                                                                      security::key_ring& keys);
    ~registry_store();
    registry_store(const registry_store&) = delete;
    registry_store& operator=(const registry_store&) = delete;

    // On the disk when it returns. A retract erases the content of all versions of the record, and their key; when that
    // fails it is tried again with the next retract (this one repeated, for example), and at the next start.
    [[nodiscard]] result<intake_outcome> put(const incoming_record& record, store::utc_time now);

    // Up to `max` records of a dataset that are not retracted, by record key, after the given one ("" for the first). One
    // that cannot be opened is among them, so that it hides no other.
    [[nodiscard]] result<std::vector<current_record>> current(std::string_view dataset,
                                                              std::string_view after, int max);

    // Datasets of which there are records.
    [[nodiscard]] result<std::vector<std::string>> datasets();

private:
    struct state;
    explicit registry_store(std::unique_ptr<state> initial);

    std::unique_ptr<state> state_;
};

// The database and the keys of a registry's data folder.
[[nodiscard]] std::filesystem::path registry_database(const std::filesystem::path& data_folder);
[[nodiscard]] std::filesystem::path registry_keys(const std::filesystem::path& data_folder);

// Opens the keys of the data folder; makes the folder (0700) and new keys when there are neither keys nor a database.
[[nodiscard]] result<std::unique_ptr<security::key_ring>>
open_registry_keys(const std::filesystem::path& data_folder, std::chrono::sys_seconds now);

} // namespace auditgate::gateway::registry
