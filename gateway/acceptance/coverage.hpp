// Which parts of the configuration the golden cases of a run exercise, and which none of them does.
//
// Nothing of the service knows of it: what a definition can say is compared with the cases that the dry run computed and
// with the codes of the events that it read; of a source profile each rule is left out in turn, to see whether any message
// is read differently without it.
#pragma once

#include "fhir/json.hpp"
#include "gateway/acceptance/dry_run.hpp"
#include "mapping/event.hpp"
#include "mapping/yaml/document.hpp"

#include <chrono>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace auditgate::gateway::acceptance {

enum class part_kind {
    value,      // an item has a value
    absence,    // an item that need not have one has none
    word,       // an item has this one of its words
    stated,     // a message has a code that states the item
    coded,      // a message has a code that means this word of the item
    evidence,   // procedures are selected by this rule
    exclusion,  // a case is excluded for this reason
    time_point, // something was observed in this window
    measured,   // a value of an instrument
    flag,       // a record has this flag
    rule,       // a message is read differently without this rule of a source profile
};

[[nodiscard]] std::string_view to_string(part_kind kind);

// Something of a file that a case can exercise.
struct covered_part {
    part_kind kind{};
    std::string of;   // what it belongs to: procedure.access; may be ""
    std::string name; // word, rule, reason; ""
    mapping::yaml::position where;
    std::size_t cases = 0; // that exercise it; of a source profile's rule 1 for any
};

struct file_coverage {
    std::filesystem::path file;
    std::size_t cases = 0; // that used the file at all
    std::vector<covered_part> parts;

    [[nodiscard]] std::size_t exercised() const;
};

// The maps and value sets of the terminology, without those that make records coarser.
struct terminology_coverage {
    std::size_t all = 0;
    std::vector<std::string> unused; // no case has a code of it
};

struct coverage_report {
    std::vector<file_coverage> datasets; // all files of the folder, by name
    std::vector<file_coverage> profiles; // likewise; parts only when they were asked for
    terminology_coverage terminology;
};

// What was to be seen while the steps of one case ran.
struct observed_case {
    dry_run_settings settings;
    std::vector<std::pair<std::size_t, mapping::case_result>> cases; // with the place of their dataset
    std::vector<mapping::event> events;

    struct message {
        std::filesystem::path profile; // its file
        std::string reference;
        std::string bytes;
        bool is_table = false;
        std::chrono::sys_time<std::chrono::milliseconds> received_at;
    };
    std::vector<message> messages;
};

class coverage {
public:
    explicit coverage(std::filesystem::path config_folder) : config_folder_(std::move(config_folder)) {}

    void add(observed_case seen);

    // `with_profiles`: reads every message once more for each rule of its profile that has not shown an effect yet.
    [[nodiscard]] coverage_report report(bool with_profiles) const;

private:
    struct profile_use {
        std::size_t cases = 0;
        std::vector<observed_case::message> messages;
        std::vector<mapping::source_profile> bases; // of each message: what the file's own settings stand on
    };

    void take_datasets(const observed_case& seen);
    void take_terminology(const observed_case& seen);
    [[nodiscard]] file_coverage profile_report(const std::filesystem::path& file, bool with_rules) const;

    std::filesystem::path config_folder_;
    std::map<std::filesystem::path, file_coverage> datasets_;
    std::map<std::filesystem::path, profile_use> profiles_;
    std::map<std::string, bool> terminology_; // map or set, and whether it was used
};

// Lines of text: of each part that no case exercises where it stands and what is missing, after a line on each file.
[[nodiscard]] std::string to_text(const coverage_report& report);
// One line, for who did not ask for more.
[[nodiscard]] std::string summary_text(const coverage_report& report);
[[nodiscard]] fhir::json::value to_json(const coverage_report& report);

} // namespace auditgate::gateway::acceptance
