#include "gateway/registry/registry_store.hpp"

#include "gateway/store/sqlite.hpp"

#include <mutex>
#include <system_error>

namespace auditgate::gateway::registry {

namespace sqlite = store::sqlite;

namespace {

constexpr const char* schema = R"sql(
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA secure_delete = ON;
CREATE TABLE IF NOT EXISTS registry(
    schema_version INTEGER NOT NULL,
    key_check TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS record(
    id INTEGER PRIMARY KEY,
    sender TEXT NOT NULL,
    record_key TEXT NOT NULL,
    dataset TEXT NOT NULL,
    version INTEGER NOT NULL,
    hash TEXT NOT NULL,
    key_id INTEGER,
    received_at INTEGER NOT NULL,
    UNIQUE(sender, record_key)) STRICT;
CREATE INDEX IF NOT EXISTS record_live ON record(dataset, record_key, id) WHERE key_id IS NOT NULL;
CREATE TABLE IF NOT EXISTS version(
    record INTEGER NOT NULL REFERENCES record(id),
    version INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    content BLOB,
    PRIMARY KEY(record, version)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS key_to_erase(key_id INTEGER PRIMARY KEY) STRICT;
)sql";

constexpr int schema_version = 2;
constexpr int schema_of_clear_hashes = 1;

struct record_row {
    std::int64_t id = 0;
    stored_version current;
    std::optional<security::key_id> key;
};

std::string place_row(std::int64_t record, std::int64_t version) {
    return std::to_string(record) + "/" + std::to_string(version);
}

} // namespace

struct registry_store::state {
    std::mutex mutex;
    sqlite::connection db;
    security::key_ring& keys;

    state(const std::filesystem::path& file, security::key_ring& ring) : db(file, {}), keys(ring) {
        db.execute(schema);
        if (prepare() == schema_of_clear_hashes) {
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)"); // until then the old pages lie in the file
        }
        erase_keys();
    }

    // Checks that the keys belong to the database, and brings it up to date; the schema version that it had.
    int prepare() {
        sqlite::transaction change(db, sqlite::transaction::kind::write);
        int version = schema_version;
        {
            auto row = db.use("SELECT schema_version, key_check FROM registry");
            if (!row.step()) {
                db.use("INSERT INTO registry VALUES (?, ?)").bind(schema_version, keys.check_value()).run();
            } else if (row.text(1) != keys.check_value()) {
                throw sqlite::failure({errc::wrong_key, "the registry's keys do not belong to its database"});
            } else {
                version = static_cast<int>(row.number(0));
            }
        }
        if (version > schema_version) {
            throw sqlite::failure({errc::store_version, "the registry's database is of a newer auditgate"});
        }
        if (version == schema_of_clear_hashes) {
            seal_clear_hashes();
        }
        change.commit();
        return version;
    }

    void seal_clear_hashes() {
        auto row = db.use("SELECT id, version, hash, key_id FROM record WHERE key_id IS NOT NULL");
        while (row.step()) {
            const bool has_key = keys.key(row.number(3)).has_value();
            const std::string sealed =
                has_key ? seal_hash(row.number(3), row.number(0), row.number(1), row.text(2)) : "";
            db.use("UPDATE record SET hash = ? WHERE id = ?").bind(sealed, row.number(0)).run();
        }
        db.use("UPDATE registry SET schema_version = ?").bind(schema_version).run();
    }

    // Erases the keys that the database has let go. Their ids left it in the transaction that let their contents go and stay
    // in key_to_erase until they are erased, however often the process ends or the disk fails in between.
    void erase_keys() {
        std::vector<security::key_id> ids;
        {
            auto row = db.use("SELECT key_id FROM key_to_erase");
            while (row.step()) {
                ids.push_back(row.number(0));
            }
        }
        if (ids.empty()) {
            return;
        }
        sqlite::need(keys.erase(ids));
        for (const security::key_id id : ids) {
            db.use("DELETE FROM key_to_erase WHERE key_id = ?").bind(id).run();
        }
    }

    std::string seal_content(security::key_id id, std::int64_t record, int version,
                             const std::string& content) {
        const security::secret_key key = sqlite::need(keys.key(id));
        const std::string row = place_row(record, version);
        return security::seal(key, content, {"version", "content", row, id});
    }

    // The hash of a record as its sender has it: in clear it would tell whether a guess at the record is right.
    std::string seal_hash(security::key_id id, std::int64_t record, std::int64_t version,
                          const std::string& hash) {
        const security::secret_key key = sqlite::need(keys.key(id));
        const std::string row = place_row(record, version);
        return security::to_hex(security::seal(key, hash, {"record", "hash", row, id}));
    }

    std::string open_hash(security::key_id id, std::int64_t record, std::int64_t version,
                          const std::string& sealed) {
        const security::secret_key key = sqlite::need(keys.key(id));
        const std::string row = place_row(record, version);
        return sqlite::need(security::open(key, security::from_hex(sealed), {"record", "hash", row, id}));
    }

    std::optional<record_row> find(const incoming_record& record);
    intake_outcome put(const incoming_record& record, std::int64_t now);
    void insert_version(const incoming_record& record, std::int64_t id, std::optional<security::key_id> key,
                        std::int64_t now);
    std::vector<current_record> current(std::string_view dataset, std::string_view after, int max);
    std::optional<std::string> open_if_possible(const std::string& place, security::key_id id,
                                                std::string_view sealed);
};

std::optional<record_row> registry_store::state::find(const incoming_record& record) {
    auto row = db.use("SELECT id, version, hash, key_id FROM record WHERE sender = ? AND record_key = ?");
    if (!row.bind(record.sender, record.record_key).step()) {
        return std::nullopt;
    }
    record_row found{row.number(0), {static_cast<int>(row.number(1)), ""}, std::nullopt};
    // A record whose key is gone can still be retracted, or sent anew.
    if (!row.is_null(3) && keys.key(row.number(3))) {
        found.key = row.number(3);
        found.current.hash = open_hash(*found.key, found.id, found.current.version, row.text(2));
    }
    return found;
}

intake_outcome registry_store::state::put(const incoming_record& record, std::int64_t now) {
    if (record.retract) {
        erase_keys(); // this may be the repeat of one whose key could not be erased
    }
    sqlite::transaction change(db, sqlite::transaction::kind::write);
    const auto found = find(record);
    if (found && record.version <= found->current.version) {
        const bool same = record.version == found->current.version && record.hash == found->current.hash;
        return {same ? intake_end::repeated : intake_end::conflict, found->current};
    }
    std::optional<security::key_id> key = found ? found->key : std::nullopt;
    if (!record.retract && !key) {
        key = sqlite::need(keys.make_key());
    }
    std::int64_t id = found ? found->id : 0;
    if (!found) {
        auto inserted = db.use("INSERT INTO record(sender, record_key, dataset, version, hash, received_at) "
                               "VALUES (?, ?, ?, 0, '', ?) RETURNING id");
        (void)inserted.bind(record.sender, record.record_key, record.dataset, now).step();
        id = inserted.number(0);
        inserted.run();
    }
    insert_version(record, id, key, now);
    change.commit();
    if (record.retract) {
        erase_keys();
    }
    return {found ? intake_end::updated : intake_end::created, {record.version, record.hash}};
}

void registry_store::state::insert_version(const incoming_record& record, std::int64_t id,
                                           std::optional<security::key_id> key, std::int64_t now) {
    std::string hash;
    if (record.retract) {
        db.use("UPDATE version SET content = NULL WHERE record = ?").bind(id).run();
        db.use("INSERT INTO version VALUES (?, ?, ?, NULL)").bind(id, record.version, now).run();
        if (key) {
            db.use("INSERT INTO key_to_erase VALUES (?)").bind(*key).run();
        }
    } else {
        hash = seal_hash(*key, id, record.version, record.hash);
        const std::string content = seal_content(*key, id, record.version, record.content);
        db.use("INSERT INTO version VALUES (?, ?, ?, ?)")
            .bind(id, record.version, now, sqlite::blob{content})
            .run();
    }
    db.use("UPDATE record SET dataset = ?, version = ?, hash = ?, key_id = ?, received_at = ? WHERE id = ?")
        .bind(record.dataset, record.version, hash, record.retract ? std::nullopt : key, now, id)
        .run();
}

std::vector<current_record> registry_store::state::current(std::string_view dataset, std::string_view after,
                                                           int max) {
    std::vector<current_record> records;
    auto row =
        db.use("SELECT record.id, record.record_key, record.version, record.key_id, version.content "
               "FROM record JOIN version ON version.record = record.id AND version.version = record.version "
               "WHERE dataset = ? AND record_key > ? AND key_id IS NOT NULL ORDER BY record_key LIMIT ?");
    row.bind(dataset, after, max);
    while (row.step()) {
        const std::string place = place_row(row.number(0), row.number(2));
        records.push_back({row.text(1), open_if_possible(place, row.number(3), row.bytes(4))});
    }
    return records;
}

// None: the key is gone, or the content does not authenticate. Keys that cannot be read just now are a failure of all.
std::optional<std::string> registry_store::state::open_if_possible(const std::string& place,
                                                                   security::key_id id,
                                                                   std::string_view sealed) {
    const auto is_lasting = [](const error& why) {
        return why.code == errc::wrong_key || why.code == errc::store_corrupt;
    };
    auto key = keys.key(id);
    if (!key && is_lasting(key.error())) {
        return std::nullopt;
    }
    const security::secret_key opened = sqlite::need(std::move(key));
    auto content = security::open(opened, sealed, {"version", "content", place, id});
    if (!content && is_lasting(content.error())) {
        return std::nullopt;
    }
    return sqlite::need(std::move(content));
}

registry_store::registry_store(std::unique_ptr<state> initial) : state_(std::move(initial)) {}
registry_store::~registry_store() = default;

result<std::unique_ptr<registry_store>> registry_store::open(const std::filesystem::path& file,
                                                             security::key_ring& keys) {
    try {
        return std::unique_ptr<registry_store>(new registry_store(std::make_unique<state>(file, keys)));
    } catch (const sqlite::failure& failed) {
        return failed.cause();
    }
}

result<intake_outcome> registry_store::put(const incoming_record& record, store::utc_time now) {
    const std::lock_guard lock(state_->mutex);
    try {
        return state_->put(record, now.time_since_epoch().count());
    } catch (const sqlite::failure& failed) {
        return failed.cause();
    }
}

result<std::vector<current_record>> registry_store::current(std::string_view dataset, std::string_view after,
                                                            int max) {
    const std::lock_guard lock(state_->mutex);
    try {
        return state_->current(dataset, after, max);
    } catch (const sqlite::failure& failed) {
        return failed.cause();
    }
}

result<std::vector<std::string>> registry_store::datasets() {
    const std::lock_guard lock(state_->mutex);
    try {
        std::vector<std::string> all;
        auto row =
            state_->db.use("SELECT DISTINCT dataset FROM record WHERE key_id IS NOT NULL ORDER BY dataset");
        while (row.step()) {
            all.push_back(row.text(0));
        }
        return all;
    } catch (const sqlite::failure& failed) {
        return failed.cause();
    }
}

std::filesystem::path registry_database(const std::filesystem::path& data_folder) {
    return data_folder / "registry.db";
}

std::filesystem::path registry_keys(const std::filesystem::path& data_folder) {
    return data_folder / "keys";
}

result<std::unique_ptr<security::key_ring>> open_registry_keys(const std::filesystem::path& data_folder,
                                                               std::chrono::sys_seconds now) {
    namespace fs = std::filesystem;
    std::error_code failed;
    const fs::path folder = registry_keys(data_folder);
    if (!fs::exists(folder, failed) && !fs::exists(registry_database(data_folder), failed)) {
        fs::create_directories(data_folder, failed);
        if (!failed) {
            fs::permissions(data_folder, fs::perms::owner_all, failed);
        }
        if (failed) {
            return error{errc::store_unavailable,
                         "the data folder " + data_folder.string() + " cannot be made"};
        }
        if (const auto made = security::key_ring::create(folder, now); !made) {
            return made.error();
        }
    }
    return security::key_ring::open(folder);
}

} // namespace auditgate::gateway::registry
