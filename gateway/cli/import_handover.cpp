#include "gateway/cli/import_handover.hpp"

#include "gateway/intake/directory_settling.hpp"
#include "gateway/intake/directory_watch.hpp"
#include "gateway/intake/source_choice.hpp"
#include "gateway/security/durable_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>

namespace auditgate::gateway::cli {

namespace fs = std::filesystem;

namespace {

std::string list_of(const gateway_config& config) {
    std::string text;
    for (const directory_config& one : config.directories)
        text += "\n  " + one.name + (one.source ? " (source " + *one.source + ")" : "") + ": " +
                one.path.string();
    return text;
}

// Why no directory is the one that was asked for.
std::string nothing_fits(const gateway_config& config, const std::string& name, const std::string& source) {
    const auto is_named = [](const std::string& wanted) {
        return [&wanted](const auto& one) { return one.name == wanted; };
    };
    if (!name.empty() && std::none_of(config.directories.begin(), config.directories.end(), is_named(name)))
        return "there is no directory `" + name + "`";
    if (std::none_of(config.sources.begin(), config.sources.end(), is_named(source)))
        return "there is no source `" + source + "`";
    if (!name.empty())
        return "directory `" + name + "` is not that of source `" + source + "`";
    return "source `" + source +
           "` has no directory: add one to `directories` of the configuration "
           "(docs/files-and-tables.md)";
}

// All of one file into another, down to the disk.
bool copy_to(const fs::path& from, int to) {
    constexpr std::size_t piece_bytes = 1 << 20;
    std::ifstream in(from, std::ios::binary);
    std::string piece(piece_bytes, '\0');
    while (in) {
        in.read(piece.data(), static_cast<std::streamsize>(piece.size()));
        std::string_view rest = std::string_view(piece).substr(0, static_cast<std::size_t>(in.gcount()));
        while (!rest.empty()) {
            const ssize_t written = ::write(to, rest.data(), rest.size());
            if (written <= 0)
                return false;
            rest.remove_prefix(static_cast<std::size_t>(written));
        }
    }
    return in.eof() && ::fsync(to) == 0;
}

error cannot(const std::string& what, const fs::path& file) {
    return {errc::not_found, "cannot " + what + " " + file.string() + ": " + std::strerror(errno)};
}

} // namespace

result<const directory_config*> choose_directory(const gateway_config& config, const std::string& name,
                                                 const std::string& source) {
    if (config.directories.empty())
        return error{errc::configuration,
                     config.file.string() +
                         " has no `directories`: files are handed to the gateway through one. "
                         "docs/files-and-tables.md shows how to add it"};
    std::vector<const directory_config*> fitting;
    for (const directory_config& one : config.directories)
        if ((name.empty() || one.name == name) && (source.empty() || one.source == source))
            fitting.push_back(&one);
    if (fitting.size() == 1)
        return fitting.front();
    return error{errc::usage,
                 (fitting.empty() ? nothing_fits(config, name, source) + "; there are these directories:"
                                  : "say with --source or --directory which one is meant:") +
                     list_of(config)};
}

result<void> hand_over(const fs::path& file, const directory_config& to) {
    const std::string name = file.filename().string();
    if (intake::is_unfinished_name(name) || !intake::matches_wildcard(to.pattern, name))
        return error{errc::refused, file.string() + ": directory `" + to.name +
                                        "` takes no file of that name (pattern " + to.pattern + ")"};
    const fs::path folder = to.path / intake::ready_folder;
    std::error_code failure;
    fs::create_directories(folder, failure);
    const fs::path part = folder / ("." + name + "." + std::to_string(::getpid()) + ".part");
    constexpr mode_t owner_and_group = 0660;
    {
        const security::unique_descriptor out(
            ::open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, owner_and_group));
        if (!out)
            return cannot("write", part);
        if (!copy_to(file, out.get())) {
            const error why = cannot("copy", file);
            fs::remove(part, failure);
            return why;
        }
    }
    if (::renameat2(AT_FDCWD, part.c_str(), AT_FDCWD, (folder / name).c_str(), RENAME_NOREPLACE) == 0)
        return {};
    const bool taken = errno == EEXIST;
    const error why = cannot("move a file to", folder);
    fs::remove(part, failure);
    if (taken)
        return error{errc::refused,
                     file.string() + ": a file of that name waits already in " + folder.string()};
    return why;
}

} // namespace auditgate::gateway::cli
