#include "gateway/intake/table_extracts.hpp"

#include "gateway/security/durable_file.hpp"

#include <charconv>
#include <optional>

namespace auditgate::gateway::intake {
namespace {

// The file is "<key id>\n" and the sealed ledger.
struct sealed_ledger {
    security::key_id key = 0;
    std::string_view sealed;
};

std::optional<sealed_ledger> parts_of(std::string_view content) {
    const std::size_t end = content.find('\n');
    if (end == std::string_view::npos)
        return std::nullopt;
    sealed_ledger result;
    const auto [at, failed] = std::from_chars(content.data(), content.data() + end, result.key);
    if (failed != std::errc() || at != content.data() + end)
        return std::nullopt;
    result.sealed = content.substr(end + 1);
    return result;
}

error damaged(const std::filesystem::path& file) {
    return {errc::store_corrupt, file.string() +
                                     " is damaged or belongs to other keys: put its backup back, or remove "
                                     "it, and the next full extract takes nothing back"};
}

} // namespace

std::filesystem::path table_extracts::file_of(const std::string& source) const {
    return folder_ / (source + ".ledger");
}

result<mapping::table_ledger> table_extracts::load(const std::string& source) {
    const std::filesystem::path file = file_of(source);
    const result<std::string> content = security::read_whole(file);
    if (!content && content.error().code == errc::not_found)
        return mapping::table_ledger();
    if (!content)
        return content.error();
    const auto parts = parts_of(*content);
    if (!parts)
        return damaged(file);
    const auto key = keys_.key(parts->key);
    if (!key)
        return damaged(file);
    const auto clear = security::open(*key, parts->sealed, {"table", "ledger", source, parts->key});
    auto ledger = clear ? mapping::table_ledger::from_bytes(*clear) : std::nullopt;
    if (!ledger)
        return damaged(file);
    return std::move(*ledger);
}

result<void> table_extracts::save(const std::string& source, const mapping::table_ledger& ledger) {
    std::error_code failure;
    std::filesystem::create_directories(folder_, failure);
    if (failure)
        return error{errc::store_unavailable, "cannot make " + folder_.string() + ": " + failure.message()};
    const std::filesystem::path file = file_of(source);
    // One key for the file's life.
    std::optional<security::key_id> id;
    if (const result<std::string> before = security::read_whole(file))
        if (const auto parts = parts_of(*before))
            id = parts->key;
    if (!id) {
        const auto made = keys_.make_key();
        if (!made)
            return made.error();
        id = *made;
    }
    const auto key = keys_.key(*id);
    if (!key)
        return key.error();
    return security::replace_file(
        file, std::to_string(*id) + "\n" +
                  security::seal(*key, ledger.to_bytes(), {"table", "ledger", source, *id}));
}

} // namespace auditgate::gateway::intake
