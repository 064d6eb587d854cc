// The way of a message from its bytes to the records that leave, without store, network or clock.
#pragma once

#include "fhir/json.hpp"
#include "gateway/acceptance/golden_case.hpp"
#include "mapping/cases/cases.hpp"
#include "mapping/definition/definition.hpp"
#include "mapping/read/read.hpp"
#include "mapping/read/table_ledger.hpp"
#include "mapping/release/destination.hpp"
#include "mapping/release/version.hpp"

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace auditgate::gateway::acceptance {

struct dry_run_settings {
    std::vector<std::shared_ptr<const mapping::compiled_definition>> definitions;
    std::vector<std::filesystem::path> definition_files; // of each
    mapping::source_profile profile;
    std::map<std::string, mapping::source_profile> tables; // of the files that are tables, by their names
    mapping::destination_settings destination;
    mapping::destination_keys keys;
};

// A record as it leaves, with what its values come from.
struct released_record {
    std::string id;
    fhir::json::value record;
    std::vector<mapping::trace_entry> trace;
    std::optional<std::chrono::local_days> procedure_date{}; // none: retracted, and no longer a case
};

// A case that gives no record, or whose record may not leave.
struct withheld_case {
    std::string dataset;
    std::chrono::local_days procedure_date{};
    std::string state;  // held, excluded, closed, or by the release gate: hold, closed
    std::string reason; // code
};

// What one file gives, to be received any number of times.
struct received_file {
    mapping::read_result read;
    std::chrono::local_days received_on{};
    std::string table; // the file's name, when it is a full extract: its omissions depend on the others
    mapping::table_file_summary extract;
};

// Hears of each case that is computed, before coarsening and the release gate: the dataset by its place in the settings.
using case_watcher = std::function<void(std::size_t dataset, const mapping::case_result&)>;

class dry_run {
public:
    explicit dry_run(dry_run_settings settings) : settings_(std::move(settings)) {}

    // Reads one message, or an NDJSON file, each line of which is one. Messages received twice count twice, as they do for a
    // store whose horizon has passed.
    mapping::read_result receive(const std::string& reference, std::string_view bytes,
                                 std::chrono::sys_time<std::chrono::milliseconds> received_at);

    // The same without receiving it, and receiving what was read before.
    [[nodiscard]] received_file read(const std::string& reference, std::string_view bytes,
                                     std::chrono::sys_time<std::chrono::milliseconds> received_at) const;
    void receive(const received_file& file);

    // Erases what nobody needs any more on that day, as the gateway's eraser does. Returns how many events went.
    std::size_t retain(std::chrono::local_days as_of);

    // Computes all cases as of a day, asks the gate, and gives what goes out: the records whose content changed since they
    // last went out, sorted by record id.
    std::vector<released_record> release(std::chrono::local_days as_of, const opt_out_setting& opt_out);

    void watch(case_watcher watcher) { watcher_ = std::move(watcher); }

    // What is at the destination now, by record id; content without version and action.
    [[nodiscard]] std::map<std::string, fhir::json::value> live() const;
    // What the last release() kept back.
    [[nodiscard]] const std::vector<withheld_case>& withheld() const { return withheld_; }

private:
    struct wanted_record {
        fhir::json::value content;
        mapping::gate_verdict verdict;
        std::vector<mapping::trace_entry> trace;
        std::chrono::local_days procedure_date{};
    };
    struct sent_record {
        mapping::release_history history;
        fhir::json::value last_sent; // content
    };

    [[nodiscard]] mapping::read_result
    read_lines(const std::string& reference, std::string_view bytes,
               std::chrono::sys_time<std::chrono::milliseconds> received_at) const;
    void take(const std::vector<mapping::event>& events, std::chrono::local_days received_on);
    // By its date alone a case is closed on that day; what went out of it stays.
    [[nodiscard]] bool closes(const mapping::compiled_definition& definition, const mapping::case_result& one,
                              std::chrono::local_days as_of);
    [[nodiscard]] std::string id_of(const mapping::compiled_definition& definition,
                                    const mapping::case_result& one) const;
    // Events that stand at these places.
    [[nodiscard]] std::vector<mapping::event> events_at(const std::vector<std::size_t>& places) const;
    [[nodiscard]] std::map<std::string, wanted_record> wanted(std::chrono::local_days as_of,
                                                              const opt_out_setting& opt_out);
    void add_wanted(std::size_t dataset, std::chrono::local_days as_of, const opt_out_setting& opt_out,
                    std::map<std::string, wanted_record>& to);

    dry_run_settings settings_;
    std::vector<mapping::event> events_;
    std::vector<std::chrono::local_days> received_on_; // of each event
    std::set<std::string> closed_; // record ids of cases that are closed: what went out stays
    std::map<std::string, mapping::table_ledger> ledgers_; // of full extracts, by the name of their profile
    std::map<std::string, sent_record> sent_;
    std::vector<withheld_case> withheld_;
    case_watcher watcher_;
};

} // namespace auditgate::gateway::acceptance
