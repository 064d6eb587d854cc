#include "gateway/security/key_file.hpp"

#include "gateway/security/durable_file.hpp"
#include "gateway/security/key_roots.hpp"
#include "gateway/security/wrapped_keys.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <mutex>
#include <vector>

namespace auditgate::gateway::security {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view lock_name = "lock";
constexpr std::string_view roots_before_name = "roots.old"; // while a rotation is under way
constexpr std::string_view temporary_suffix = ".new";       // see replace_file()
constexpr std::size_t keys_made_at_once = 64;

std::int64_t seconds_now() {
    return std::chrono::duration_cast<std::chrono::seconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

// Tells a file from what has replaced it.
struct file_stamp {
    ino_t inode = 0; // 0: there is none
    std::int64_t changed_ns = 0;

    bool operator==(const file_stamp&) const = default;
};

file_stamp stamp_of(const fs::path& file) {
    struct stat info {};
    if (::stat(file.c_str(), &info) != 0)
        return {};
    return {info.st_ino, std::int64_t{info.st_mtim.tv_sec} * 1'000'000'000 + info.st_mtim.tv_nsec};
}

} // namespace

struct key_ring::state {
    state(fs::path keys_folder, key_roots opened, const file_stamp& roots_read)
        : folder(std::move(keys_folder)), root(std::move(opened)), index(root.index), roots(roots_read) {}

    const fs::path folder;
    key_roots root;       // what belongs to the master key changes with it, under the mutex; the others never
    const hmac_key index; // the key of blind indexes, prepared

    mutable std::mutex mutex; // guards what follows, and the files against other threads
    file_stamp roots;         // as read
    wrapped_keys keys{};
    std::vector<key_id> unused{}; // made in advance, on the disk
    std::size_t log_bytes = 0;    // read so far
    ino_t log_inode = 0;          // tells that another process has rewritten the log

    [[nodiscard]] fs::path file(std::string_view name) const { return folder / name; }
    [[nodiscard]] fs::path log() const { return folder / root.wrapped_name(); }
    [[nodiscard]] error mixed_up() const {
        return {errc::wrong_key, "a wrapped key was made with another master key: the files in " +
                                     folder.string() + " do not belong together"};
    }
    [[nodiscard]] result<secret_key> key(key_id id) const;
    [[nodiscard]] result<void> follow_rotation();
    [[nodiscard]] result<void> read_log();
    [[nodiscard]] result<void> read_log_of_master();
    [[nodiscard]] result<void> make_keys();
    [[nodiscard]] result<void> take_new_master(std::chrono::sys_seconds now);
    [[nodiscard]] std::vector<fs::path> leftovers() const;
    [[nodiscard]] std::int64_t rotations_max() const;
    void remove_leftovers();
};

result<secret_key> key_ring::state::key(key_id id) const {
    auto unwrapped = unwrap(root.master, id, keys.at(id));
    if (!unwrapped)
        return mixed_up();
    return std::move(*unwrapped);
}

// Another process may have rotated the master key since; then everything is read again.
result<void> key_ring::state::follow_rotation() {
    const file_stamp now = stamp_of(file(roots_name));
    if (now == roots)
        return {};
    auto read = read_roots(folder);
    if (!read)
        return read.error();
    if (read->installation != root.installation ||
        !equal_in_constant_time(read->index.expose(), root.index.expose()))
        return error{errc::wrong_key,
                     "the keys in " + folder.string() + " are those of another installation by now"};
    root.master = std::move(read->master);
    root.rotations = read->rotations;
    root.master_made_at = read->master_made_at;
    roots = now;
    keys.clear();
    unused.clear();
    log_bytes = 0;
    log_inode = 0;
    return {};
}

// Reads what has been appended since the last time, or everything when the file is another one.
result<void> key_ring::state::read_log() {
    for (;;) {
        if (auto followed = follow_rotation(); !followed)
            return followed;
        auto read = read_log_of_master();
        if (stamp_of(file(roots_name)) == roots)
            return read;
        // The master key was rotated in between.
    }
}

result<void> key_ring::state::read_log_of_master() {
    struct stat info {};
    if (::stat(log().c_str(), &info) != 0) {
        if (errno == ENOENT && root.rotations == 0)
            return {};
        return error{errno == ENOENT ? errc::wrong_key : errc::store_unavailable,
                     "cannot read " + log().string() +
                         ", which keys/roots speaks of: restore the whole folder of keys from one backup"};
    }
    const auto size = static_cast<std::size_t>(info.st_size);
    if (info.st_ino != log_inode || size < log_bytes) {
        keys.clear();
        unused.clear();
        log_bytes = 0;
        log_inode = info.st_ino;
    }
    if (size < log_bytes + wrapped_record_size)
        return {};
    auto text = read_whole(log());
    if (!text)
        return text.error();
    const auto end = read_records(root.master, *text, log_bytes, keys);
    if (!end)
        return mixed_up();
    log_bytes = *end;
    return {};
}

result<void> key_ring::state::make_keys() {
    const file_lock lock(file(lock_name));
    if (!lock)
        return error{errc::store_unavailable, "cannot lock the keys in " + folder.string()};
    if (auto read = read_log(); !read)
        return read;
    wrapped_keys made;
    const std::int64_t now = seconds_now();
    while (made.size() < keys_made_at_once) {
        const key_id id = random_id();
        made.insert_or_assign(id, wrap(root.master, id, secret_key::random(), now));
    }
    const std::string records = to_records(made);
    if (auto appended = append_at(log(), log_bytes, records); !appended)
        return appended;
    if (log_inode == 0)
        log_inode = stamp_of(log()).inode;
    log_bytes += records.size();
    for (auto& [id, key] : made) {
        unused.push_back(id);
        keys.emplace(id, std::move(key));
    }
    return {};
}

// The new log is whole on the disk before the roots that speak of it take the place of the old ones: whatever happens,
// the roots that are there open the log that they speak of. What belongs to the old master key is wiped then; a
// process that is killed before that leaves it under names by which remove_leftovers() finds it.
result<void> key_ring::state::take_new_master(std::chrono::sys_seconds now) {
    key_roots next{root.installation,
                   root.created_at,
                   secret_key::random(),
                   root.index.duplicate(),
                   root.destinations.duplicate(),
                   rotations_max() + 1,
                   now.time_since_epoch().count()};
    wrapped_keys wrapped;
    for (const auto& [id, key] : keys) {
        const auto unwrapped = unwrap(root.master, id, key);
        if (!unwrapped)
            return mixed_up();
        wrapped.emplace(id, wrap(next.master, id, *unwrapped, key.created_at));
    }
    const std::string records = to_records(wrapped);
    if (auto written = replace_file(folder / next.wrapped_name(), records); !written)
        return written;
    std::error_code failed;
    fs::remove(file(roots_before_name), failed);
    fs::create_hard_link(file(roots_name), file(roots_before_name), failed);
    if (failed)
        return error{errc::store_unavailable,
                     "cannot write into " + folder.string() + ": " + failed.message()};
    std::string text = to_text(next);
    auto replaced = replace_file(file(roots_name), text);
    wipe(text);
    if (!replaced)
        return replaced;
    root.master = std::move(next.master);
    root.rotations = next.rotations;
    root.master_made_at = next.master_made_at;
    roots = stamp_of(file(roots_name));
    keys = std::move(wrapped);
    log_bytes = records.size();
    log_inode = stamp_of(log()).inode;
    return {};
}

// A log of more rotations than the roots know of is left alone: it was begun by a rotation that did not come to its end,
// and opens nothing, or belongs to newer roots that somebody is about to put back.
std::vector<fs::path> key_ring::state::leftovers() const {
    std::vector<fs::path> found;
    std::error_code failed;
    for (const auto& entry : fs::directory_iterator(folder, failed)) {
        std::string name = entry.path().filename().string();
        const bool is_temporary = name.ends_with(temporary_suffix);
        if (is_temporary)
            name.resize(name.size() - temporary_suffix.size());
        const std::int64_t rotations = rotations_of_wrapped_name(name);
        const bool is_old = name == roots_before_name || (rotations >= 0 && rotations < root.rotations);
        if (is_old || (is_temporary && (name == roots_name || rotations >= 0)))
            found.push_back(entry.path());
    }
    return found;
}

std::int64_t key_ring::state::rotations_max() const {
    std::int64_t most = root.rotations;
    std::error_code failed;
    for (const auto& entry : fs::directory_iterator(folder, failed))
        most = std::max(most, rotations_of_wrapped_name(entry.path().filename().string()));
    return most;
}

// Under the lock: nobody writes.
void key_ring::state::remove_leftovers() {
    for (const fs::path& each : leftovers()) {
        // Until the roots are replaced, what will be wiped is another name of theirs.
        if (stamp_of(each).inode == roots.inode) {
            std::error_code failed;
            fs::remove(each, failed);
        } else {
            wipe_file(each);
        }
    }
}

namespace {

// Also where the roots are lost: what the log holds may be opened again when they are put back.
bool holds_keys(const fs::path& folder) {
    std::error_code failed;
    for (const auto& entry : fs::directory_iterator(folder, failed)) {
        const std::string name = entry.path().filename().string();
        if (name == roots_name || name == roots_before_name || rotations_of_wrapped_name(name) >= 0)
            return true;
    }
    return false;
}

} // namespace

result<void> key_ring::create(const fs::path& folder, std::chrono::sys_seconds now) {
    std::error_code failure;
    fs::create_directories(folder, failure);
    if (failure)
        return error{errc::store_unavailable, "cannot make " + folder.string() + ": " + failure.message()};
    fs::permissions(folder, fs::perms::owner_all, failure);
    const file_lock lock(folder / lock_name);
    if (!lock)
        return error{errc::store_unavailable, "cannot lock the keys in " + folder.string()};
    if (holds_keys(folder))
        return error{errc::refused,
                     "there are keys in " + folder.string() +
                         " already; they are never overwritten, because what they seal would be lost"};
    const std::int64_t created_at = now.time_since_epoch().count();
    const key_roots made{to_hex(random_bytes(16)),
                         created_at,
                         secret_key::random(),
                         secret_key::random(),
                         secret_key::random(),
                         0,
                         created_at};
    std::string text = to_text(made);
    auto written = replace_file(folder / roots_name, text);
    wipe(text);
    return written;
}

result<std::unique_ptr<key_ring>> key_ring::open(const fs::path& folder) {
    const file_stamp stamp = stamp_of(folder / roots_name);
    auto root = read_roots(folder);
    if (!root)
        return root.error();
    auto made = std::make_unique<state>(folder, std::move(*root), stamp);
    if (auto read = made->read_log(); !read)
        return read.error();
    if (!made->leftovers().empty()) {
        // Somebody may be writing just now.
        const file_lock lock(folder / lock_name);
        if (lock && made->read_log())
            made->remove_leftovers();
    }
    return std::unique_ptr<key_ring>(new key_ring(std::move(made)));
}

key_ring::key_ring(std::unique_ptr<state> initial) : state_(std::move(initial)) {}
key_ring::~key_ring() = default;

std::string key_ring::check_value() const {
    return to_hex(hmac_sha256(derive_key(state_->root.index, "store check"), state_->root.installation));
}

std::string key_ring::blind_index(std::string_view purpose, std::string_view value) const {
    return state_->index.digest({purpose, "|", value}); // no purpose has a "|"
}

secret_key key_ring::destination_key(std::string_view destination) const {
    return derive_key(state_->root.destinations, "destination|" + std::string(destination));
}

result<key_id> key_ring::make_key() {
    const std::lock_guard guard(state_->mutex);
    if (state_->unused.empty()) {
        if (auto made = state_->make_keys(); !made)
            return made.error();
    }
    const key_id id = state_->unused.back();
    state_->unused.pop_back();
    return id;
}

result<secret_key> key_ring::key(key_id id) {
    const std::lock_guard guard(state_->mutex);
    auto found = state_->keys.find(id);
    if (found == state_->keys.end()) {
        // Another process may have made it since.
        if (auto read = state_->read_log(); !read)
            return read.error();
        found = state_->keys.find(id);
    }
    if (found == state_->keys.end())
        return error{errc::wrong_key,
                     "the key ring in " + state_->folder.string() +
                         " lacks a key that the store names: it is older than the store, or the data "
                         "was erased"};
    return state_->key(id);
}

result<void> key_ring::erase(std::span<const key_id> ids) {
    const std::lock_guard guard(state_->mutex);
    const file_lock lock(state_->file(lock_name));
    if (!lock)
        return error{errc::store_unavailable, "cannot lock the keys in " + state_->folder.string()};
    if (auto read = state_->read_log(); !read)
        return read;
    auto kept = state_->keys;
    for (const key_id id : ids)
        kept.erase(id);
    if (kept.size() == state_->keys.size())
        return {};
    const std::string records = to_records(kept);
    const fs::path log = state_->log();
    const unique_descriptor old(::open(log.c_str(), O_WRONLY | O_CLOEXEC));
    if (auto written = replace_file(log, records); !written)
        return written;
    if (old)
        overwrite_with_zeros(old.get());
    state_->log_inode = stamp_of(log).inode;
    state_->log_bytes = records.size();
    std::erase_if(state_->unused, [&](key_id id) { return !kept.contains(id); });
    state_->keys = std::move(kept);
    return {};
}

result<void> key_ring::rotate_master(std::chrono::sys_seconds now) {
    const std::lock_guard guard(state_->mutex);
    const file_lock lock(state_->file(lock_name));
    if (!lock)
        return error{errc::store_unavailable, "cannot lock the keys in " + state_->folder.string()};
    if (auto read = state_->read_log(); !read)
        return read;
    state_->remove_leftovers(); // of a rotation that was killed
    if (auto taken = state_->take_new_master(now); !taken)
        return taken;
    state_->remove_leftovers();
    return {};
}

key_ring_summary key_ring::summary() const {
    const std::lock_guard guard(state_->mutex);
    key_ring_summary out;
    out.installation = state_->root.installation;
    out.created_at = std::chrono::sys_seconds(std::chrono::seconds(state_->root.created_at));
    out.rotations = state_->root.rotations;
    out.master_made_at = std::chrono::sys_seconds(std::chrono::seconds(state_->root.master_made_at));
    out.wrapped_keys = state_->keys.size();
    for (const auto& [id, key] : state_->keys) {
        const std::chrono::sys_seconds made{std::chrono::seconds(key.created_at)};
        out.oldest_key = std::min(out.oldest_key.value_or(made), made);
        out.newest_key = std::max(out.newest_key.value_or(made), made);
    }
    return out;
}

} // namespace auditgate::gateway::security
