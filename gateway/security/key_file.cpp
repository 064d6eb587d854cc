#include "gateway/security/key_file.hpp"

#include "gateway/security/durable_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <mutex>
#include <sstream>
#include <unordered_map>
#include <vector>

namespace auditgate::gateway::security {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view roots_name = "roots";
constexpr std::string_view log_name = "wrapped.log";
constexpr std::string_view lock_name = "lock";
constexpr std::string_view format_line = "auditgate-keys 1";
constexpr std::size_t keys_made_at_once = 64;

// One record of wrapped.log: id and time (little endian, 8 bytes each), then the sealed key.
constexpr std::size_t sealed_key_size = 12 + secret_key::size + 16;
constexpr std::size_t record_size = 8 + 8 + sealed_key_size;
static_assert(record_size == 76);

struct wrapped_key {
    std::int64_t created_at = 0; // seconds
    std::string sealed;
};

void put_number(std::string& out, std::int64_t value) {
    for (int shift = 0; shift < 64; shift += 8)
        out += static_cast<char>(static_cast<std::uint64_t>(value) >> shift & 0xff);
}

std::int64_t get_number(std::string_view in) {
    std::uint64_t value = 0;
    for (std::size_t i = 8; i-- > 0;)
        value = value << 8 | static_cast<unsigned char>(in[i]);
    return static_cast<std::int64_t>(value);
}

std::string to_record(key_id id, const wrapped_key& key) {
    std::string record;
    record.reserve(record_size);
    put_number(record, id);
    put_number(record, key.created_at);
    return record + key.sealed;
}

sealed_place place_of(key_id id, const std::string& created_at) {
    return {"wrapped", "key", created_at, id};
}

std::int64_t seconds_now() {
    return std::chrono::duration_cast<std::chrono::seconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

struct roots {
    std::string installation;
    std::int64_t created_at = 0;
    secret_key master, index, destinations;
};

// Tells a mistyped or mixed-up roots file; HMAC does not give the keys away.
std::string roots_check(const roots& all) {
    const secret_key joined = derive_key(all.master, "roots check");
    std::string text = all.installation + std::to_string(all.created_at);
    text += hmac_sha256(all.index, "check");
    text += hmac_sha256(all.destinations, "check");
    return to_hex(hmac_sha256(joined, text)).substr(0, 32);
}

std::string to_text(const roots& all) {
    std::string text(format_line);
    text += "\ninstallation " + all.installation;
    text += "\ncreated " + std::to_string(all.created_at);
    for (const auto& [name, key] : {std::pair<const char*, const secret_key*>{"master", &all.master},
                                    {"index", &all.index},
                                    {"destinations", &all.destinations}}) {
        std::string hex = to_hex(key->expose());
        text += std::string("\n") + name + " " + hex;
        wipe(hex);
    }
    return text + "\ncheck " + roots_check(all) + "\n";
}

result<roots> to_roots(const std::string& text) {
    const error broken{errc::wrong_key,
                       "the file of root keys is damaged: restore keys/roots from its backup"};
    std::istringstream in(text);
    std::string line;
    if (!std::getline(in, line) || line != format_line)
        return broken;
    std::map<std::string, std::string> values;
    std::string name, value;
    while (in >> name >> value)
        values[name] = value;
    const auto key = [&](const char* which) {
        std::string raw = from_hex(values[which]);
        if (raw.size() != secret_key::size)
            return secret_key::from_bytes(
                std::string(secret_key::size, '\0')); // does not pass the check below
        secret_key made = secret_key::from_bytes(raw);
        wipe(raw);
        return made;
    };
    roots all{values["installation"], std::strtoll(values["created"].c_str(), nullptr, 10), key("master"),
              key("index"), key("destinations")};
    const bool passes = equal_in_constant_time(roots_check(all), values["check"]);
    for (auto& [unused, secret] : values)
        wipe(secret);
    if (!passes)
        return broken;
    return all;
}

} // namespace

struct key_ring::state {
    state(fs::path keys_folder, roots opened)
        : folder(std::move(keys_folder)), root(std::move(opened)), index(root.index) {}

    const fs::path folder;
    const roots root;
    const hmac_key index; // the key of blind indexes, prepared

    mutable std::mutex mutex; // guards what follows, and the files against other threads
    std::unordered_map<key_id, wrapped_key> keys{};
    std::vector<key_id> unused{}; // made in advance, on the disk
    std::size_t log_bytes = 0;    // read so far
    std::uint64_t log_inode = 0;  // tells that another process has rewritten the log

    [[nodiscard]] fs::path file(std::string_view name) const { return folder / name; }
    [[nodiscard]] result<secret_key> unwrap(key_id id, const wrapped_key& key) const;
    [[nodiscard]] result<void> read_log();
    [[nodiscard]] result<void> make_keys();
};

result<secret_key> key_ring::state::unwrap(key_id id, const wrapped_key& key) const {
    auto raw = security::open(root.master, key.sealed, place_of(id, std::to_string(key.created_at)));
    if (!raw)
        return error{errc::wrong_key, "a wrapped key was made with another master key: the files in " +
                                          folder.string() + " do not belong together"};
    secret_key made = secret_key::from_bytes(*raw);
    wipe(*raw);
    return made;
}

// Reads what has been appended since the last time, or everything when the file is another one. Records at
// the end that a crash left short, torn or filled with zeros were never used: no commit that names them can
// have happened.
result<void> key_ring::state::read_log() {
    struct stat info {};
    if (::stat(file(log_name).c_str(), &info) != 0) {
        if (errno == ENOENT)
            return {};
        return error{errc::store_unavailable, "cannot read " + file(log_name).string()};
    }
    const auto size = static_cast<std::size_t>(info.st_size);
    if (info.st_ino != log_inode || size < log_bytes) {
        keys.clear();
        unused.clear();
        log_bytes = 0;
        log_inode = info.st_ino;
    }
    if (size < log_bytes + record_size)
        return {};
    auto text = read_whole(file(log_name));
    if (!text)
        return text.error();
    std::optional<error> broken; // by the first record that does not open
    std::size_t end = log_bytes;
    for (std::size_t at = log_bytes; at + record_size <= text->size(); at += record_size) {
        const std::string_view record = std::string_view(*text).substr(at, record_size);
        const key_id id = get_number(record);
        wrapped_key key{get_number(record.substr(8)), std::string(record.substr(16))};
        if (auto unwrapped = unwrap(id, key); !unwrapped) {
            broken = broken.value_or(unwrapped.error());
            continue;
        }
        if (broken)
            return *broken;
        keys[id] = std::move(key);
        end = at + record_size;
    }
    if (broken && keys.empty())
        return *broken;
    log_bytes = end;
    return {};
}

result<void> key_ring::state::make_keys() {
    const file_lock lock(file(lock_name));
    if (!lock)
        return error{errc::store_unavailable, "cannot lock the keys in " + folder.string()};
    if (auto read = read_log(); !read)
        return read;
    std::string records;
    std::vector<std::pair<key_id, wrapped_key>> made;
    const std::int64_t now = seconds_now();
    for (std::size_t i = 0; i < keys_made_at_once; ++i) {
        const key_id id = random_id();
        const secret_key key = secret_key::random();
        const std::string row = std::to_string(now);
        made.emplace_back(id, wrapped_key{now, seal(root.master, key.expose(), place_of(id, row))});
        records += to_record(id, made.back().second);
    }
    if (auto appended = append_at(file(log_name), log_bytes, records); !appended)
        return appended;
    if (log_inode == 0) {
        struct stat info {};
        if (::stat(file(log_name).c_str(), &info) == 0)
            log_inode = info.st_ino;
    }
    log_bytes += records.size();
    for (auto& [id, key] : made) {
        unused.push_back(id);
        keys.emplace(id, std::move(key));
    }
    return {};
}

result<void> key_ring::create(const fs::path& folder, std::chrono::sys_seconds now) {
    std::error_code failure;
    fs::create_directories(folder, failure);
    if (failure)
        return error{errc::store_unavailable, "cannot make " + folder.string() + ": " + failure.message()};
    fs::permissions(folder, fs::perms::owner_all, failure);
    const file_lock lock(folder / lock_name);
    if (!lock)
        return error{errc::store_unavailable, "cannot lock the keys in " + folder.string()};
    if (fs::exists(folder / roots_name) || fs::exists(folder / log_name))
        return error{errc::refused,
                     "there are keys in " + folder.string() +
                         " already; they are never overwritten, because what they seal would be lost"};
    const roots made{to_hex(random_bytes(16)), now.time_since_epoch().count(), secret_key::random(),
                     secret_key::random(), secret_key::random()};
    std::string text = to_text(made);
    auto written = replace_file(folder / roots_name, text);
    wipe(text);
    return written;
}

result<std::unique_ptr<key_ring>> key_ring::open(const fs::path& folder) {
    for (const fs::path& path : {folder, folder / roots_name}) {
        struct stat info {};
        if (::stat(path.c_str(), &info) != 0)
            return error{errc::configuration, "there are no keys in " + folder.string() +
                                                  ": make them once with 'auditgate keys init'"};
        if ((info.st_mode & 077) != 0)
            return error{errc::configuration,
                         "other users may read " + path.string() + ": run 'chmod go= " + path.string() + "'"};
    }
    auto text = read_whole(folder / roots_name);
    if (!text)
        return text.error();
    auto root = to_roots(*text);
    wipe(*text);
    if (!root)
        return root.error();
    auto made = std::make_unique<state>(folder, std::move(*root));
    if (auto read = made->read_log(); !read)
        return read.error();
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
    return state_->unwrap(id, found->second);
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
    std::string records;
    records.reserve(kept.size() * record_size);
    for (const auto& [id, key] : kept)
        records += to_record(id, key);
    const fs::path log = state_->file(log_name);
    const unique_descriptor old(::open(log.c_str(), O_WRONLY | O_CLOEXEC));
    if (auto written = replace_file(log, records); !written)
        return written;
    if (old)
        overwrite_with_zeros(old.get());
    struct stat info {};
    state_->log_inode = ::stat(log.c_str(), &info) == 0 ? info.st_ino : 0;
    state_->log_bytes = records.size();
    std::erase_if(state_->unused, [&](key_id id) { return !kept.contains(id); });
    state_->keys = std::move(kept);
    return {};
}

key_ring_summary key_ring::summary() const {
    const std::lock_guard guard(state_->mutex);
    key_ring_summary out;
    out.installation = state_->root.installation;
    out.created_at = std::chrono::sys_seconds(std::chrono::seconds(state_->root.created_at));
    out.wrapped_keys = state_->keys.size();
    for (const auto& [id, key] : state_->keys) {
        const std::chrono::sys_seconds made{std::chrono::seconds(key.created_at)};
        out.oldest_key = std::min(out.oldest_key.value_or(made), made);
        out.newest_key = std::max(out.newest_key.value_or(made), made);
    }
    return out;
}

} // namespace auditgate::gateway::security
