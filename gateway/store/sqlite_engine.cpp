#include "gateway/store/sqlite_engine.hpp"

#include "gateway/store/sqlite_schema.hpp"
#include "gateway/store/worker_lock.hpp"

#include <fcntl.h>
#include <sqlite3.h>

#include <string>

namespace auditgate::gateway::store::sqlite {

namespace {

constexpr std::size_t idle_readers_max = 8;
constexpr std::size_t cached_day_keys_max = 8;

int on_commit(void* target, sqlite3*, const char*, int log_pages) {
    static_cast<checkpointer*>(target)->log_grew_to(log_pages);
    return SQLITE_OK;
}

// Made before SQLite opens it, so that nobody else may read it; its log takes over the permissions.
void make_private_file(const std::filesystem::path& path) {
    const security::unique_descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!file)
        throw failure({errc::store_unavailable, "cannot open or make " + path.string()});
}

void set_up(connection& db) {
    db.execute("PRAGMA journal_mode = WAL;"
               "PRAGMA synchronous = FULL;"
               "PRAGMA wal_autocheckpoint = 0;"
               "PRAGMA temp_store = MEMORY;"
               "PRAGMA secure_delete = ON;"
               "PRAGMA trusted_schema = OFF;"
               "PRAGMA cell_size_check = ON;");
}

} // namespace

std::string named_key::seal(std::string_view clear, std::string_view table, std::string_view column,
                            std::string_view row) const {
    return security::seal(key, clear, {table, column, row, id});
}

std::string named_key::open(std::string_view sealed, std::string_view table, std::string_view column,
                            std::string_view row) const {
    return need(security::open(key, sealed, {table, column, row, id}));
}

engine::engine(const std::filesystem::path& path, security::key_ring& keys, const sqlite_options& chosen)
    : ring(keys), options(chosen), seen(chosen.seen_messages_max),
      path_(path), connection_options_{.vfs = chosen.vfs, .busy_timeout = chosen.busy_timeout} {
    if (options.role == sqlite_role::gateway)
        become_worker(); // before anything of another gateway is touched
    if (options.role == sqlite_role::reader)
        open_to_read();
    else
        open_to_write();
}

void engine::open_to_write() {
    make_private_file(path_);
    writer_ = std::make_unique<connection>(path_, connection_options_);
    set_up(*writer_);
    if (options.role == sqlite_role::gateway)
        migrate(*writer_, migrations());
    else
        require_current(*writer_, migrations());
    bind_to_keys();
    checkpointer_ = std::make_unique<checkpointer>(path_, connection_options_, gate_);
    sqlite3_wal_hook(writer_->handle(), on_commit, checkpointer_.get());
}

void engine::open_to_read() {
    read_scope scope(*this);
    require_whole(scope.db(), migrations());
    require_own_keys(scope.db());
}

// A database is bound to the keys it was made with: with others, what is written would be lost among what is
// there.
void engine::bind_to_keys() {
    transaction changes(*writer_, transaction::kind::write);
    writer_->use("INSERT INTO installation VALUES ('key_check', ?) ON CONFLICT DO NOTHING")
        .bind(ring.check_value())
        .run();
    require_own_keys(*writer_);
    changes.commit();
}

void engine::require_own_keys(connection& db) {
    auto stored = db.use("SELECT value FROM installation WHERE name = 'key_check'");
    if (!stored.step() || !security::equal_in_constant_time(stored.bytes(0), ring.check_value()))
        throw failure({errc::wrong_key, "the store " + path_.string() +
                                            " was made with other keys: put its own folder of keys back"});
    // Keys older than the store lack its newest ones. A backup may name older ones that have been erased since.
    auto day = db.use("SELECT key_id FROM day_key ORDER BY day DESC LIMIT 1");
    if (day.step())
        (void)key(day.number(0));
    require_one_of_the_newest_clusters(db);
}

void engine::require_one_of_the_newest_clusters(connection& db) {
    auto newest = db.use("SELECT key_id FROM cluster ORDER BY id DESC LIMIT 16");
    result<security::secret_key> opened = error{};
    bool any = false;
    while (!opened && newest.step()) {
        any = true;
        opened = ring.key(newest.number(0));
    }
    if (any && !opened)
        throw failure(opened.error());
}

named_key engine::day_key(std::int64_t day) {
    const std::lock_guard lock(day_keys_mutex_);
    const auto known = day_keys_.find(day);
    if (known != day_keys_.end())
        return known->second.duplicate();
    write_scope scope(*this, urgency::journal);
    security::key_id id = 0;
    {
        auto stored = scope.db().use("SELECT key_id FROM day_key WHERE day = ? AND node = ?");
        if (stored.bind(day, options.node).step())
            id = stored.number(0);
    }
    if (id == 0) {
        id = need(ring.make_key());
        scope.db().use("INSERT INTO day_key VALUES (?, ?, ?)").bind(day, options.node, id).run();
        scope.commit();
    }
    if (day_keys_.size() >= cached_day_keys_max)
        day_keys_.clear();
    return day_keys_.emplace(day, key(id)).first->second.duplicate();
}

void engine::forget_day_keys() {
    const std::lock_guard lock(day_keys_mutex_);
    day_keys_.clear();
}

bool engine::empty_log() {
    require_writer();
    connection own(path_, {.vfs = connection_options_.vfs, .busy_timeout = std::chrono::milliseconds(0)});
    own.execute("SELECT 1 FROM sqlite_schema LIMIT 1"); // see checkpointer.cpp
    // Most of it is copied while others write, so that the rest, which keeps them waiting, is short.
    sqlite3_wal_checkpoint_v2(own.handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
    gate_.enter(urgency::other);
    const int code =
        sqlite3_wal_checkpoint_v2(own.handle(), nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
    gate_.leave();
    if (code != SQLITE_OK && code != SQLITE_BUSY && code != SQLITE_LOCKED)
        throw failure(to_error(own.handle(), code));
    return code == SQLITE_OK;
}

void engine::become_worker() {
    worker_lock_ = need(take_worker_lock(path_));
}

void engine::require_worker() const {
    if (worker_lock_ == nullptr)
        throw failure({errc::store_unavailable, "only the gateway hands out work of its store"});
}

void engine::require_writer() const {
    if (writer_ == nullptr)
        throw failure({errc::store_unavailable, "the store was opened to be read only"});
}

std::unique_ptr<connection> engine::open_reader() const {
    connection_options reading = connection_options_;
    reading.read_only = true;
    auto reader = std::make_unique<connection>(path_, reading);
    reader->execute("PRAGMA temp_store = MEMORY");
    return reader;
}

write_scope::write_scope(engine& owner, urgency who) : engine_(owner) {
    engine_.require_writer();
    engine_.gate_.enter(who);
    try {
        transaction_.emplace(*engine_.writer_, transaction::kind::write);
    } catch (...) {
        engine_.gate_.leave();
        throw;
    }
}

write_scope::~write_scope() {
    transaction_.reset();
    engine_.gate_.leave();
}

std::int64_t write_scope::take_ids(std::int64_t count) {
    auto next = db().use("UPDATE sequence SET next = next + ? RETURNING next");
    if (!next.bind(count).step())
        throw failure({errc::store_corrupt, "the store's sequence of ids is missing"});
    const std::int64_t after = next.number(0);
    next.run();
    return after - count;
}

read_scope::read_scope(engine& owner) : engine_(owner) {
    {
        const std::lock_guard lock(engine_.readers_mutex_);
        if (!engine_.idle_readers_.empty()) {
            db_ = std::move(engine_.idle_readers_.back());
            engine_.idle_readers_.pop_back();
        }
    }
    if (db_ == nullptr)
        db_ = engine_.open_reader();
    transaction_.emplace(*db_, transaction::kind::read);
}

read_scope::~read_scope() {
    transaction_.reset();
    const std::lock_guard lock(engine_.readers_mutex_);
    if (engine_.idle_readers_.size() < idle_readers_max)
        engine_.idle_readers_.push_back(std::move(db_));
}

std::string pack(std::initializer_list<std::string_view> texts) {
    std::size_t size = 0;
    for (const std::string_view text : texts)
        size += 8 + text.size();
    std::string packed;
    packed.reserve(size);
    for (const std::string_view text : texts) {
        for (int shift = 0; shift < 64; shift += 8)
            packed += static_cast<char>(text.size() >> shift & 0xff);
        packed += text;
    }
    return packed;
}

std::vector<std::string_view> unpack(std::string_view packed, std::size_t count) {
    const failure broken(
        {errc::store_corrupt, "a sealed value of the store has another layout than expected"});
    std::vector<std::string_view> texts;
    while (!packed.empty()) {
        if (packed.size() < 8)
            throw broken;
        std::size_t size = 0;
        for (std::size_t i = 8; i-- > 0;)
            size = size << 8 | static_cast<unsigned char>(packed[i]);
        packed.remove_prefix(8);
        if (packed.size() < size)
            throw broken;
        texts.push_back(packed.substr(0, size));
        packed.remove_prefix(size);
    }
    if (texts.size() != count)
        throw broken;
    return texts;
}

} // namespace auditgate::gateway::store::sqlite
