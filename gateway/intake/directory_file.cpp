#include "gateway/intake/directory_file.hpp"

#include "gateway/intake/directory_filing.hpp"
#include "gateway/intake/directory_messages.hpp"
#include "gateway/intake/directory_submission.hpp"
#include "gateway/intake/directory_table.hpp"
#include "gateway/security/crypto.hpp"

#include <algorithm>
#include <fstream>

namespace auditgate::gateway::intake {
namespace {

constexpr std::size_t digest_bytes = 8;

error stopped() {
    return {errc::network, "the gateway stops; the file is taken at its next start"};
}

const source_config* source_named(std::span<const source_config> sources,
                                  const std::optional<std::string>& name) {
    const auto found = std::find_if(sources.begin(), sources.end(),
                                    [&](const source_config& one) { return one.name == name; });
    return found == sources.end() ? nullptr : &*found;
}

// As if nothing had come, but for why.
file_report failed(std::string digest, std::string code, std::string text) {
    file_report report;
    report.digest = std::move(digest);
    report.failure = code;
    report.findings.push_back({std::move(code), "", std::move(text)});
    return report;
}

class file_taking {
public:
    file_taking(const std::filesystem::path& file, const file_identity& identity,
                const directory_config& directory, const file_services& with,
                const std::atomic<bool>& stopping)
        : file_(file), identity_(identity), directory_(directory), with_(with), rules_(with.rules()),
          stopping_(stopping), source_(source_named(rules_.sources, directory.source)) {}

    result<file_report> run() {
        const result<std::string> digest = file_digest(file_);
        if (!digest)
            return digest.error();
        digest_ = *digest;
        const mapping::source_profile* profile = profile_of_source();
        const bool sends_tables = profile != nullptr && profile->table != nullptr;
        constexpr std::size_t begin_bytes = 65'536;
        std::ifstream in(file_, std::ios::binary);
        std::string begin(begin_bytes, '\0');
        in.read(begin.data(), static_cast<std::streamsize>(begin.size()));
        begin.resize(static_cast<std::size_t>(in.gcount()));
        const file_kind kind = kind_of_file(begin, file_.filename().string(), sends_tables);
        if (kind == file_kind::empty)
            return failed(digest_, "empty-file", "there is nothing in the file");
        if (kind == file_kind::unknown)
            return failed(digest_, "unknown-format",
                          "the file is neither HL7 v2 nor FHIR; a table needs a directory with a `source` "
                          "whose profile "
                          "has a section `table`");
        if (kind == file_kind::table)
            return take_table({file_, identity_, digest_, *source_, *profile, *rules_.mapping}, with_,
                              stopping_);
        std::error_code failure;
        if (std::filesystem::file_size(file_, failure) > directory_.file_bytes_max)
            return failed(digest_, "file-too-large",
                          "the file is larger than `file` of the directory: split it, or raise the limit");
        begin.append(std::istreambuf_iterator<char>(in), {});
        if (!is_still(file_, identity_))
            return being_written();
        return take_messages(begin, kind);
    }

private:
    [[nodiscard]] const mapping::source_profile* profile_of_source() const {
        if (source_ == nullptr)
            return nullptr;
        const auto found = rules_.mapping->profiles.find(source_->name);
        return found == rules_.mapping->profiles.end() ? nullptr : &found->second;
    }

    result<file_report> take_messages(std::string_view content, file_kind kind) {
        const file_content split = split_file(content, kind);
        if (split.messages.empty())
            return failed(digest_, "no-message", "there is no message in the file");
        file_submission submission(with_.journal, stopping_);
        for (const file_message& one : split.messages) {
            if (stopping_)
                return stopped();
            if (!submission.submit(message_of(one)))
                break;
        }
        if (!submission.finish())
            return error{errc::store_unavailable, "the store did not take the file"};
        file_report report = std::move(submission.report());
        if (stopping_ && report.messages < static_cast<std::int64_t>(split.messages.size()))
            return stopped();
        report.digest = digest_;
        for (const hl7v2::finding& one : split.findings)
            report.findings.push_back({one.code, one.path, one.text});
        return report;
    }

    [[nodiscard]] store::incoming_message message_of(const file_message& one) const {
        store::incoming_message message;
        const std::string peer = file_.filename().string() + " #" + std::to_string(one.number);
        if (one.format == "hl7v2") {
            message = with_.messages.take_frame(std::string(one.bytes),
                                                {"", peer, source_ == nullptr ? "" : source_->name});
        } else {
            message.bytes = one.bytes;
            message.format = one.format;
            message.peer = peer;
            message.received_at = with_.now();
            message.message_type = resource_type_of(one.bytes, one.format);
            message.state = store::message_state::held;
            message.reason = "unknown-source";
        }
        message.transport = "file";
        const bool readable =
            message.state == store::message_state::waiting || message.state == store::message_state::held;
        if (source_ != nullptr) {
            message.source = source_->name;
            message.duplicate_horizon = source_->duplicate_horizon;
            if (readable) {
                message.state = store::message_state::waiting;
                message.reason.clear();
            }
        }
        // Nobody hears a refusal: what cannot be taken is kept for somebody to look at.
        if (message.state == store::message_state::refused)
            message.state = store::message_state::quarantined;
        // Not its content alone: a value that changes and changes back is news each time.
        if (message.control_id.empty())
            message.control_id = file_.filename().string() + "|" + digest_ + "|" + std::to_string(one.number);
        message.duplicate_horizon =
            std::max(message.duplicate_horizon, std::chrono::seconds(file_horizon_min));
        return message;
    }

    const std::filesystem::path& file_;
    const file_identity& identity_;
    const directory_config& directory_;
    const file_services& with_;
    const file_rules rules_;
    const std::atomic<bool>& stopping_;
    const source_config* source_;
    std::string digest_;
};

} // namespace

bool is_still(const std::filesystem::path& file, const file_identity& read) {
    const auto now = identity_of(file);
    return now && *now == read;
}

error being_written() {
    return {errc::not_found, "the file was written to while it was read: it is read again"};
}

error cannot_read(const std::filesystem::path& file) {
    std::error_code failure;
    const auto type = std::filesystem::status(file, failure).type();
    if (type == std::filesystem::file_type::not_found)
        return {errc::not_found, "there is no such file"};
    if (type == std::filesystem::file_type::directory)
        return {errc::not_found, "this is a folder, not a file"};
    return {errc::not_found, "the file cannot be read: give the gateway's user the right to read it"};
}

result<std::string> file_digest(const std::filesystem::path& file) {
    constexpr std::size_t piece_bytes = 1 << 20;
    std::ifstream in(file, std::ios::binary);
    std::string piece(piece_bytes, '\0');
    std::string digests;
    while (in) {
        in.read(piece.data(), static_cast<std::streamsize>(piece.size()));
        if (in.gcount() > 0)
            digests +=
                security::sha256(std::string_view(piece).substr(0, static_cast<std::size_t>(in.gcount())));
    }
    if (!in.eof())
        return cannot_read(file);
    return security::to_hex(security::sha256(digests)).substr(0, 2 * digest_bytes);
}

result<file_report> take_file(const std::filesystem::path& file, const directory_config& directory,
                              const file_services& with, const std::atomic<bool>& stopping) {
    const result<file_identity> identity = identity_of(file);
    if (!identity)
        return identity.error();
    result<file_report> taken = file_taking(file, *identity, directory, with, stopping).run();
    if (taken && !is_still(file, *identity))
        return being_written();
    return taken;
}

} // namespace auditgate::gateway::intake
