#include "gateway/security/key_roots.hpp"

#include "gateway/security/durable_file.hpp"

#include <sys/stat.h>

#include <charconv>
#include <cstdlib>
#include <map>
#include <sstream>
#include <utility>

namespace auditgate::gateway::security {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view format_line = "auditgate-keys 1";
// Since the master key was rotated. A program that knows the first form only must not take the file for whole: it would
// look for the wrapped keys in the wrong file.
constexpr std::string_view rotated_format_line = "auditgate-keys 2";
constexpr std::string_view wrapped_prefix = "wrapped.";
constexpr std::string_view wrapped_suffix = "log";

// HMAC does not give the keys away.
std::string roots_check(const key_roots& all) {
    const secret_key joined = derive_key(all.master, "roots check");
    std::string text = all.installation + std::to_string(all.created_at);
    if (all.rotations > 0)
        text += "|" + std::to_string(all.rotations) + "|" + std::to_string(all.master_made_at);
    text += hmac_sha256(all.index, "check");
    text += hmac_sha256(all.destinations, "check");
    return to_hex(hmac_sha256(joined, text)).substr(0, 32);
}

} // namespace

std::string key_roots::wrapped_name() const {
    std::string name(wrapped_prefix);
    if (rotations > 0)
        name += std::to_string(rotations) + ".";
    return name.append(wrapped_suffix);
}

std::int64_t rotations_of_wrapped_name(std::string_view name) {
    if (!name.starts_with(wrapped_prefix) || !name.ends_with(wrapped_suffix))
        return -1;
    name.remove_prefix(wrapped_prefix.size());
    if (name == wrapped_suffix)
        return 0;
    std::int64_t number = -1;
    const auto [end, failed] = std::from_chars(name.data(), name.data() + name.size(), number);
    const std::string_view rest(end, static_cast<std::size_t>(name.data() + name.size() - end));
    return failed == std::errc() && number > 0 && rest == ".log" ? number : -1;
}

std::string to_text(const key_roots& all) {
    std::string text(all.rotations > 0 ? rotated_format_line : format_line);
    text += "\ninstallation " + all.installation;
    text += "\ncreated " + std::to_string(all.created_at);
    if (all.rotations > 0) {
        text += "\nrotations " + std::to_string(all.rotations);
        text += "\nmaster_made " + std::to_string(all.master_made_at);
    }
    for (const auto& [name, key] : {std::pair<const char*, const secret_key*>{"master", &all.master},
                                    {"index", &all.index},
                                    {"destinations", &all.destinations}}) {
        std::string hex = to_hex(key->expose());
        text += std::string("\n") + name + " " + hex;
        wipe(hex);
    }
    return text + "\ncheck " + roots_check(all) + "\n";
}

result<key_roots> to_roots(const std::string& text) {
    const error broken{errc::wrong_key,
                       "the file of root keys is damaged: restore keys/roots from its backup"};
    std::istringstream in(text);
    std::string line;
    if (!std::getline(in, line) || (line != format_line && line != rotated_format_line))
        return broken;
    const bool is_rotated = line == rotated_format_line;
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
    const auto number = [&](const char* which) {
        return std::int64_t{std::strtoll(values[which].c_str(), nullptr, 10)};
    };
    key_roots all{values["installation"],
                  number("created"),
                  key("master"),
                  key("index"),
                  key("destinations"),
                  number("rotations"),
                  number(is_rotated ? "master_made" : "created")};
    const bool passes =
        equal_in_constant_time(roots_check(all), values["check"]) && is_rotated == (all.rotations > 0);
    for (auto& [unused, secret] : values)
        wipe(secret);
    if (!passes)
        return broken;
    return all;
}

result<key_roots> read_roots(const fs::path& folder) {
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
    return root;
}

} // namespace auditgate::gateway::security
