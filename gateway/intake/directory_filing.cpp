#include "gateway/intake/directory_filing.hpp"

#include "gateway/intake/directory_file.hpp"
#include "gateway/security/durable_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>

namespace auditgate::gateway::intake {
namespace {

namespace fs = std::filesystem;
namespace json = fhir::json;

constexpr const char* do_next = ": give the gateway's user the right to write in the folder, and space";

error cannot_move(int why) {
    return {errc::store_unavailable, "a file that was taken cannot be moved away (" +
                                         std::generic_category().message(why) + "), and will be read again" +
                                         do_next};
}

void sync_folder(const fs::path& folder) {
    const security::unique_descriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (opened)
        ::fsync(opened.get());
}

fs::path report_beside(const fs::path& filed) {
    return filed.string() + std::string(report_ending);
}

// Its error would name the file.
result<void> write_report(const fs::path& filed, const file_report& report) {
    if (!security::replace_file(report_beside(filed), write(to_json(report), json::layout::pretty) + "\n"))
        return error{errc::store_unavailable,
                     std::string("the report of a file cannot be written, and the file will be read again") +
                         do_next};
    return {};
}

// What an earlier handing over of the same file gave stays to be found.
file_report with_earlier(const fs::path& filed, file_report report) {
    const auto text = security::read_whole(report_beside(filed));
    if (!text)
        return report;
    const json::parse_result parsed = json::parse(*text);
    auto earlier = parsed.document ? report_of(*parsed.document) : std::nullopt;
    if (!earlier || earlier->digest != report.digest)
        return report;
    earlier->ids.insert(earlier->ids.end(), report.ids.begin(), report.ids.end());
    report.ids = std::move(earlier->ids);
    report.messages += earlier->messages;
    for (const auto& [of, count] : earlier->counts)
        report.counts[of] += count;
    return report;
}

} // namespace

result<file_identity> identity_of(const fs::path& file) {
    struct stat found {};
    if (::lstat(file.c_str(), &found) != 0)
        return error{errc::not_found,
                     "the file cannot be looked at: " + std::generic_category().message(errno)};
    return file_identity{found.st_dev, found.st_ino, found.st_size, found.st_mtim.tv_sec,
                         found.st_mtim.tv_nsec};
}

std::string filed_name(std::string_view digest, const fs::path& file) {
    // What Linux allows, less the digest, its hyphen, and what the report's name ends with while it is written.
    constexpr std::size_t name_bytes = 255 - 16 - 1 - report_ending.size() - 4;
    return std::string(digest) + "-" + file.filename().string().substr(0, name_bytes);
}

result<void> may_file(const fs::path& directory) {
    for (const char* folder : {done_folder, failed_folder}) {
        // Always of the same name: what a kill leaves behind goes with the next one.
        const fs::path probe = directory / folder / ".writable";
        int why = 0;
        {
            const security::unique_descriptor made(
                ::open(probe.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
            if (!made || ::write(made.get(), "?", 1) != 1)
                why = errno;
        }
        ::unlink(probe.c_str());
        if (why != 0)
            return error{errc::store_unavailable,
                         std::string("the folder `") + folder + "` of the directory cannot be written (" +
                             std::generic_category().message(why) + "), and its files wait" + do_next};
    }
    return {};
}

result<void> bring_back(const fs::path& moved, const fs::path& file, const fs::path& directory) {
    if (::renameat2(AT_FDCWD, moved.c_str(), AT_FDCWD, file.c_str(), RENAME_NOREPLACE) == 0)
        return {};
    if (errno != EEXIST)
        return cannot_move(errno);
    const auto digest = file_digest(moved);
    if (!digest)
        return digest.error();
    file_report report;
    report.digest = *digest;
    report.failure = "replaced-before-read";
    report.findings.push_back(
        {report.failure, "", "the sender put the next file of that name before this one was read"});
    const fs::path filed = directory / failed_folder / filed_name(*digest, file);
    if (auto written = write_report(filed, report); !written)
        return written;
    if (std::rename(moved.c_str(), filed.c_str()) != 0)
        return cannot_move(errno);
    sync_folder(filed.parent_path());
    return {};
}

result<void> file_away(const fs::path& file, const file_identity& read, const fs::path& directory,
                       file_report report) {
    const fs::path filed =
        directory / (report.taken() ? done_folder : failed_folder) / filed_name(report.digest, file);
    report = with_earlier(filed, std::move(report));
    if (auto written = write_report(filed, report); !written)
        return written;
    if (std::rename(file.c_str(), filed.c_str()) != 0)
        return cannot_move(errno);
    // Renaming moves whatever has the name by now; only afterwards can it be told what that was.
    const auto moved = identity_of(filed);
    if (!moved || *moved != read) {
        if (auto back = bring_back(filed, file, directory); !back)
            return back;
        return error{errc::not_found, "the file was replaced while it was read: the new one is read next"};
    }
    sync_folder(filed.parent_path());
    sync_folder(file.parent_path());
    return {};
}

} // namespace auditgate::gateway::intake
