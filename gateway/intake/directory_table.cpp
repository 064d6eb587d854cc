#include "gateway/intake/directory_table.hpp"

#include "gateway/intake/directory_submission.hpp"
#include "mapping/read/table_scan.hpp"

#include <algorithm>
#include <fstream>
#include <functional>

namespace auditgate::gateway::intake {
namespace {

constexpr std::size_t omissions_always_believed = 10;

// Feeds the whole file to the scan; `take` hears of every row and says whether to go on. False: the file cannot be read.
bool scan_file(const std::filesystem::path& file, mapping::table_scan& scan,
               const std::function<bool(const mapping::table_message&)>& take) {
    constexpr std::size_t piece_bytes = 65'536;
    std::ifstream in(file, std::ios::binary);
    std::string piece(piece_bytes, '\0');
    while (in && !scan.refusal()) {
        in.read(piece.data(), static_cast<std::streamsize>(piece.size()));
        scan.feed(std::string_view(piece).substr(0, static_cast<std::size_t>(in.gcount())));
        if (in.eof())
            scan.finish();
        while (const auto row = scan.next())
            if (!take(*row))
                return true;
    }
    return in.eof() || scan.refusal();
}

class table_taking {
public:
    table_taking(const table_file& table, mapping::civil_time zone, const file_services& with,
                 const std::atomic<bool>& stopping)
        : table_(table), profile_(*table.profile.table), zone_(zone), with_(with),
          submission_(with.journal, stopping), stopping_(stopping), received_at_(with.now()) {}

    result<file_report> run() {
        mapping::table_scan scan(table_.profile, zone_, name());
        if (!scan_file(table_.file, scan, [](const auto&) { return true; }))
            return cannot_read(table_.file);
        if (scan.refusal())
            return refused({scan.refusal()->code, scan.refusal()->path, scan.refusal()->text});
        // Before anything is said to be left out: the rest of it may still be on its way.
        if (!is_still(table_.file, table_.identity))
            return being_written();
        if (profile_.snapshot == mapping::table_snapshot::by_file) {
            if (auto compared = compare(scan.summary()); !compared)
                return compared.error();
            if (believes_too_little_)
                return refused(
                    {"omits-too-many", "",
                     "the file leaves out " + std::to_string(compared_.left_out) + " of " +
                         std::to_string(compared_.known) +
                         " rows known in its period, more than `omitted_percent_max` allows: is it whole? "
                         "If so, raise the setting for this file"});
        }
        return journal_all();
    }

private:
    [[nodiscard]] std::string name() const { return table_.file.filename().string(); }

    [[nodiscard]] file_report refused(file_finding why) const {
        file_report report;
        report.digest = table_.digest;
        report.failure = why.code;
        report.findings.push_back(std::move(why));
        return report;
    }

    result<void> compare(const mapping::table_file_summary& extract) {
        auto ledger = with_.extracts.load(table_.source.name);
        if (!ledger)
            return ledger.error();
        ledger_ = std::move(*ledger);
        compared_ = ledger_.take(extract);
        constexpr std::size_t percent = 100;
        believes_too_little_ = compared_.left_out > omissions_always_believed &&
                               compared_.left_out * percent >
                                   compared_.known * static_cast<std::size_t>(profile_.omitted_percent_max);
        if (!extract.from)
            findings_.push_back(
                {"rows-without-key", "",
                 "rows that this full extract leaves out stay in force: one of its own has no key that "
                 "can be read, or it has no row with a date"});
        const std::chrono::local_days today = table_.mapping.local_date(received_at_);
        ledger_.forget_before(today - ledger_days);
        return {};
    }

    result<file_report> journal_all() {
        mapping::table_scan scan(table_.profile, zone_, name());
        bool complete = true;
        const auto journal = [&](const mapping::table_message& row) {
            complete = !stopping_ && submission_.submit(message_of(write_table_message(row), row.row));
            return complete;
        };
        if (!scan_file(table_.file, scan, journal))
            return cannot_read(table_.file);
        for (auto gone = compared_.omissions.begin(); complete && gone != compared_.omissions.end(); ++gone)
            complete = !stopping_ &&
                       submission_.submit(message_of(write_omission(gone->key, profile_, gone->recorded), 0));
        if (!submission_.finish())
            return error{errc::store_unavailable, "the store did not take the file"};
        if (!complete)
            return error{errc::network, "the gateway stops; the file is taken at its next start"};
        if (profile_.snapshot == mapping::table_snapshot::by_file)
            if (auto saved = with_.extracts.save(table_.source.name, ledger_); !saved)
                return saved.error();
        file_report report = std::move(submission_.report());
        report.digest = table_.digest;
        report.findings = std::move(findings_);
        return report;
    }

    // `row` 0: left out.
    [[nodiscard]] store::incoming_message message_of(std::string bytes, std::size_t row) {
        store::incoming_message message;
        message.source = table_.source.name;
        message.transport = "file";
        message.peer = name() + (row == 0 ? " left out" : " row " + std::to_string(row));
        message.format = "table";
        message.message_type = profile_.feed();
        message.received_at = received_at_;
        message.control_id = name() + "|" + table_.digest + "|" +
                             (row == 0 ? "omitted " + std::to_string(++omissions_) : std::to_string(row));
        message.bytes = std::move(bytes);
        message.state = store::message_state::waiting;
        message.duplicate_horizon =
            std::max(table_.source.duplicate_horizon, std::chrono::seconds(file_horizon_min));
        return message;
    }

    const table_file& table_;
    const mapping::table_profile& profile_;
    mapping::civil_time zone_;
    const file_services& with_;
    file_submission submission_;
    const std::atomic<bool>& stopping_;
    store::utc_time received_at_;
    mapping::table_ledger ledger_;
    mapping::table_comparison compared_;
    bool believes_too_little_ = false;
    std::size_t omissions_ = 0;
    std::vector<file_finding> findings_;
};

} // namespace

result<file_report> take_table(const table_file& table, const file_services& with,
                               const std::atomic<bool>& stopping) {
    const auto zone = mapping::civil_time::in_zone(table.profile.time_zone);
    if (!zone)
        return error{errc::configuration, "the time zone of the source profile is not known here"};
    return table_taking(table, *zone, with, stopping).run();
}

} // namespace auditgate::gateway::intake
