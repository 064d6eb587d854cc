#include "gateway/cli/import_outcome.hpp"

#include "gateway/intake/directory_watch.hpp"
#include "gateway/security/durable_file.hpp"
#include "gateway/store/names.hpp"
#include "mapping/read/read.hpp"

#include <algorithm>

namespace auditgate::gateway::cli {

namespace fs = std::filesystem;
namespace json = fhir::json;

namespace {

constexpr std::size_t findings_max = 50;

// Gone from where it waits, with a report beside it.
std::optional<intake::file_report> report_of(const handed_file& handed, const directory_config& from) {
    const std::string name = handed.file.filename().string();
    std::error_code failure;
    if (fs::exists(from.path / intake::ready_folder / name, failure))
        return std::nullopt;
    for (const char* folder : {intake::done_folder, intake::failed_folder}) {
        const auto text = security::read_whole(
            from.path / folder /
            (intake::filed_name(handed.digest, handed.file) + std::string(intake::report_ending)));
        if (!text)
            continue;
        const json::parse_result parsed = json::parse(*text);
        if (parsed.document)
            return intake::report_of(*parsed.document);
    }
    return std::nullopt;
}

// Calls `look` with every message that the files gave.
template <class Look>
result<void> for_each_message(store::store& in, const std::vector<handed_file>& files, Look look) {
    for (const handed_file& one : files) {
        if (!one.report)
            continue;
        for (const auto& [from, to] : one.report->ids) {
            for (store::message_id id = from; id <= to; ++id) {
                const auto message = in.message(id);
                if (!message)
                    return message.error();
                if (*message)
                    look(**message);
            }
        }
    }
    return {};
}

// "column DAY: " of "row 3, column DAY" in what came from "rows.csv row 3".
std::string place_in(std::string_view peer, std::string_view path) {
    const std::string_view row = path.substr(0, path.find(','));
    if (peer.ends_with(row))
        path.remove_prefix(std::min(row.size() + 2, path.size()));
    return path.empty() ? "" : std::string(path) + ": ";
}

class summing_up {
public:
    explicit summing_up(const gateway_config& config) {
        for (const source_config& source : config.sources) {
            if (!source.profile)
                continue;
            if (auto load = mapping::load_source_profile(*source.profile); load.profile)
                profiles_.emplace(source.name, std::move(*load.profile));
        }
    }

    void add(const handed_file& file) {
        if (!file.report)
            return;
        for (const intake::file_finding& one : file.report->findings)
            add_finding(file.file.filename().string() + (one.path.empty() ? "" : ", " + one.path) + ": " +
                        one.code + ": " + one.text);
        for (const auto& [of, count] : file.report->counts) {
            const auto& [source, type, state] = of;
            if (state == store::message_state::duplicate)
                outcome_.messages[{source, type, "duplicate", ""}] += count;
        }
    }

    void add(const store::stored_message& one) {
        ++outcome_.messages[{one.source.empty() ? "unknown-source" : one.source, one.message_type,
                             std::string(name_of(one.state)), one.reason}];
        if (one.state != store::message_state::quarantined && one.state != store::message_state::refused)
            return;
        if (outcome_.findings.size() >= findings_max) {
            ++outcome_.findings_left_out;
            return;
        }
        std::string where = one.reason;
        std::string text;
        for (const mapping::read_finding& finding : findings_of(one)) {
            if (finding.level != mapping::finding_level::fatal)
                continue;
            where = place_in(one.peer, finding.path) + finding.code;
            text = ": " + finding.text;
            break;
        }
        add_finding(one.peer + ", " + where + text + " (auditgate quarantine show " + std::to_string(one.id) +
                    ")");
    }

    [[nodiscard]] import_outcome take() { return std::move(outcome_); }

private:
    void add_finding(std::string text) {
        if (outcome_.findings.size() < findings_max)
            outcome_.findings.push_back(std::move(text));
        else
            ++outcome_.findings_left_out;
    }

    [[nodiscard]] std::vector<mapping::read_finding> findings_of(const store::stored_message& one) const {
        mapping::message_to_read message;
        message.bytes = one.bytes;
        message.format = mapping::format_of(one.bytes);
        const auto profile = profiles_.find(one.source);
        return read_message(message, profile == profiles_.end() ? mapping::source_profile() : profile->second)
            .findings;
    }

    std::map<std::string, mapping::source_profile> profiles_;
    import_outcome outcome_;
};

} // namespace

bool import_outcome::needs_attention() const {
    constexpr auto fine =
        std::to_array<std::string_view>({"applied", "not-relevant", "duplicate", "waiting"});
    return !findings.empty() || std::any_of(messages.begin(), messages.end(), [&](const auto& one) {
        return std::find(fine.begin(), fine.end(), std::get<2>(one.first)) == fine.end();
    });
}

std::size_t read_reports(std::vector<handed_file>& files, const directory_config& from) {
    std::size_t count = 0;
    for (handed_file& one : files) {
        if (!one.report)
            one.report = report_of(one, from);
        count += one.report ? 1U : 0U;
    }
    return count;
}

result<std::size_t> messages_waiting(store::store& in, const std::vector<handed_file>& files) {
    std::size_t waiting = 0;
    const auto counted = for_each_message(in, files, [&](const store::stored_message& one) {
        waiting += one.state == store::message_state::waiting ? 1U : 0U;
    });
    if (!counted)
        return counted.error();
    return waiting;
}

result<import_outcome> sum_up(store::store& in, const gateway_config& config,
                              const std::vector<handed_file>& files) {
    summing_up sums(config);
    for (const handed_file& one : files)
        sums.add(one);
    if (const auto read =
            for_each_message(in, files, [&](const store::stored_message& one) { sums.add(one); });
        !read)
        return read.error();
    return sums.take();
}

std::string to_text(const import_outcome& outcome) {
    std::string text;
    for (const auto& [of, count] : outcome.messages) {
        const auto& [source, type, state, reason] = of;
        text += "  " + std::to_string(count) + "  " + source + "  " + (type.empty() ? "-" : type) + "  " +
                state + (reason.empty() ? "" : "  " + reason) + "\n";
    }
    for (const std::string& one : outcome.findings)
        text += "  " + one + "\n";
    if (outcome.findings_left_out > 0)
        text += "  and " + std::to_string(outcome.findings_left_out) + " more: auditgate quarantine list\n";
    return text;
}

json::value to_json(const import_outcome& outcome, const std::vector<handed_file>& files) {
    json::value all_files = json::value::array();
    for (const handed_file& one : files) {
        json::value row = json::make_object(
            {{"file", json::value(one.file.string())}, {"digest", json::value(one.digest)}});
        row.set("outcome", json::value(!one.report           ? "handed-over"
                                       : one.report->taken() ? "done"
                                                             : "failed"));
        if (one.report) {
            row.set("failure", json::value(one.report->failure));
            row.set("messages", json::value(one.report->messages));
        }
        all_files.push_back(std::move(row));
    }
    json::value messages = json::value::array();
    for (const auto& [of, count] : outcome.messages) {
        const auto& [source, type, state, reason] = of;
        messages.push_back(json::make_object({{"source", json::value(source)},
                                              {"type", json::value(type)},
                                              {"state", json::value(state)},
                                              {"reason", json::value(reason)},
                                              {"count", json::value(count)}}));
    }
    json::value findings = json::value::array();
    for (const std::string& one : outcome.findings)
        findings.push_back(json::value(one));
    json::value result = json::make_object({});
    result.set("files", std::move(all_files));
    result.set("messages", std::move(messages));
    result.set("findings", std::move(findings));
    return result;
}

} // namespace auditgate::gateway::cli
