#include "gateway/cli/import_handover.hpp"

#include "gateway/intake/directory_settling.hpp"
#include "gateway/intake/directory_watch.hpp"
#include "gateway/intake/source_choice.hpp"
#include "gateway/security/durable_file.hpp"

#include <fcntl.h>
#include <unistd.h>

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
    return error{errc::usage, (fitting.empty() ? "no directory of the configuration fits; there are"
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
