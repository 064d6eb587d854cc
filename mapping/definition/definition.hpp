// A dataset definition, compiled: what an audit dataset asks for, as plain data. It comes from one file of
// config/datasets (load.hpp), bound to the terminology of the deployment. cases() knows the derivations named
// here and nothing else: which procedure, codes, items, words, windows and record shape there are is said by
// the file alone.
#pragma once

#include "mapping/terminology/terminology.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace date {
class time_zone;
}

namespace auditgate::mapping {

// ---- codes, words, windows -----------------------------------------------------------------------------------------

// Codes in an order that may be a preference. Written `SYSTEM|CODE`, `SYSTEM|BEGINNING*` or
// `value-set:<id>`.
class code_set {
public:
    void add(code_pattern pattern) { entries_.emplace_back(std::move(pattern)); }
    void add(const value_set* set) { entries_.emplace_back(set); }
    void add(const code_set& other);
    // Keeps how the codes stand in the file, for those who read about them.
    void add_written(std::string text) { written_.push_back(std::move(text)); }
    [[nodiscard]] const std::vector<std::string>& written() const { return written_; }

    [[nodiscard]] bool empty() const { return entries_.empty(); }
    // Place of the first entry that holds a normalised code.
    [[nodiscard]] std::optional<std::size_t> position(const concept_code& code) const;
    [[nodiscard]] bool contains(const concept_code& code) const { return position(code).has_value(); }

private:
    std::vector<std::variant<code_pattern, const value_set*>> entries_;
    std::vector<std::string> written_; // SYSTEM|CODE, value-set:<id>
};

// A word of the record and the codes that mean it.
struct coded_word {
    std::string word;
    code_set codes;
};

// Days from the procedure's date, both included.
struct day_window {
    int first = 0;
    int last = 0;

    [[nodiscard]] bool holds(std::int64_t day) const { return day >= first && day <= last; }
};

// ---- which procedures count ----------------------------------------------------------------------------------------

// One kind of procedure evidence: the codes of one patient on one local date hold something of each set.
struct evidence_rule {
    std::string name;
    std::vector<code_set> together;
    bool site_required = false; // and a site is named: a body site, a `site_codes` code or a stated site
};

// Why what has evidence is no case all the same. One of: `codes` on the date; a diagnosis of `conditions` and none of
// `unless`, at any time; the item `item` of the record is one of `words`.
struct exclusion_rule {
    std::string reason; // kebab-case, for counts
    code_set codes;
    code_set conditions;
    code_set unless;
    std::string item; // section.name
    std::vector<std::string> words;
};

struct selection_rules {
    std::vector<evidence_rule> evidence;
    code_set site_codes;                 // codes that name a region though no site
    code_set stated_sites;               // observations whose value names a site
    code_set stated_status;              // observations whose value states completed, stopped or not-done
    code_set procedure_codes;            // procedures that act on the sites they name (not accompanying ones)
    std::vector<exclusion_rule> exclude; // the first that holds gives the reason, those of items last
    int age_years_min = 0;
    code_set confirms;              // diagnoses; none seen yet: flag `unconfirmed_flag`
    std::string unconfirmed_flag;   // "": diagnoses are not looked at
    std::string site_mismatch_flag; // feeds that name different sites; "": not compared
};

// ---- items ---------------------------------------------------------------------------------------------------------

// The closed list of derivations (dataset.md section 3 says what each does).
enum class derivation {
    released,           // filled in when the record is released: pseudonym, legal basis
    age_band,           // `bounds`: lower bounds of the bands
    patient_sex,        // `map`: value as sent to word
    patient_ethnicity,  // `words`: the value or its first character
    event_seen,         // a value of `codes` dated in `window`: the one word, else `otherwise`
    days_since_event,   // days from the latest of those to the procedure
    condition_category, // `coded`: category of the condition dated last; several on its date: `several_flag`
    first_code,         // the first of `codes` that any condition had, as a code
    latest_word,        // latest value of `codes` in `window`, one of `words`, else `otherwise`
    latest_number,      // latest integer of `codes` in `window`, within `bounds`
    earlier_treatments, // sorted set: stated (`codes`), an earlier case that shares a site (`repeat_word`), `companion`
    status,             // completed or stopped
    period,             // quarter of the procedure date
    session_codes, // sorted set of the procedure codes of the date that are in `codes`
    sequence,      // `words`: the first, again at a site, elsewhere within `days_max`, elsewhere
    sites,         // sites acted on, in anatomical order
    site_count,
    session_word,       // stated by `codes` (one of `words`) on the date, else by `coded`, else `otherwise`
    session_first_word, // the first of `words` that was stated or coded
    session_words,      // sorted set of those stated and coded
    visit_setting,      // `map`: class of the visit to word; `words` in order of preference
    companion,   // accompanying procedure: stated by `codes`, else `coded` in `window`, else `words[0]` when
                 // `complete_codes` were used, else `otherwise`
    equals,      // true when item `of` is `words[0]`, null when it is `otherwise`, false otherwise
    time_points, // the efficacy rows
    adverse_events,
    adverse_occurred,
    follow_up_status,
    last_contact,
    death_band,            // `bounds`: upper bounds of the bands
    subsequent_treatments, // sorted set: stated (`codes`) in `window`, `companion` from day `days_min`, `repeat_word`
    missing,
    flags,
};

struct item {
    std::string section; // patient
    std::string name;    // age_band
    std::string meaning; // in words for a clinician
    derivation how{};
    bool mandatory = false;       // listed in `missing` when absent
    std::string deidentification; // class of section 8: keep, derive, pseudonymise, generalise

    code_set codes;
    std::vector<coded_word> coded;
    std::vector<std::string> words;
    std::string otherwise;                                // the word for "not known"; "": null
    std::vector<std::pair<std::string, std::string>> map; // lower case
    std::vector<int> bounds;
    std::optional<day_window> window;
    std::string of; // another item: section.name
    std::string
        companion_word; // earlier_treatments, subsequent_treatments: the word for the companion procedure
    std::string repeat_word; // ... for another case of the same site
    code_set complete_codes;
    int days_max = 0; // sequence: how long after the previous case one is still of the same treatment
    int days_min = 0; // subsequent_treatments: companion procedures before belong to the session
    bool conflict_flag = false; // single-valued: different values on the date are flagged
    std::string
        several_flag; // condition_category: set when the latest date tells of several; "": not flagged

    [[nodiscard]] std::string path() const { return name.empty() ? section : section + '.' + name; }
    // The word of the age band that begins at bounds[place]: 18-29, 90+.
    [[nodiscard]] std::string age_band_word(std::size_t place) const;
    // The words that the value may be; empty for values of another kind, and where other parts of the definition have
    // words of it, too.
    [[nodiscard]] std::set<std::string> possible_words() const;
};

// ---- efficacy ------------------------------------------------------------------------------------------------------

struct time_point {
    std::string name;
    int nominal_day = 0;
    day_window window;
    int due_day = 0;
    bool mandatory = false;            // its values count as missing
    std::optional<int> old_before_day; // the reference block observed before this day is flagged `old_flag`
    std::string old_flag;
};

enum class number_form { integer, one_decimal, three_decimals, digits };

// One value of an assessment. Numbers are exact; what is outside min..max or no number is not used, and flagged.
struct assessment_value {
    std::string name;
    code_set codes;
    number_form form = number_form::integer;
    std::int64_t min = 0, max = 0; // form digits: of each digit
    int digits = 0;                // form digits: how many
    code_set part_codes;           // instead: the mean of parts, when at least `parts_min` were answered
    int parts_min = 0;
    bool scale_to_10 = false; // millimetres or 0-100 count as tenths
    // A reference range that does not begin at `min` or ends at none of these refuses it; empty: any range is taken.
    std::vector<std::int64_t> scales;
};

struct instrument {
    std::string name; // "": the block has no instruments
    std::vector<assessment_value> values;
};

// Values observed together, chosen once for each time point.
struct assessment_block {
    std::string name;                    // of the block in the row
    std::vector<std::string> shown;      // names of values in the order of the record
    std::vector<std::string> meanings;   // of those, in words for a clinician
    std::vector<instrument> instruments; // in order of preference
    std::string leading;                 // the value that decides; "": any
    // Leading values of one instant that differ by so much or more contradict each other; none: any may stand.
    std::optional<std::int64_t> conflict_difference;
    std::vector<std::pair<std::string, std::vector<std::string>>>
        mandatory; // name in `missing`, values of which one
                   // must be there
    bool reference =
        false; // its day is the reference day of the opioid block, its leading value of the response

    // Whether a row shows which instrument was chosen.
    [[nodiscard]] bool names_instruments() const;
};

struct opioid_rules {
    std::string name; // in the row; "": the rows have none
    std::string meaning;
    code_set reported;
    const concept_map* drugs = nullptr;  // code to drug of the opioid table
    const concept_map* routes = nullptr; // code to route of the opioid table
    const ome_table* table = nullptr;
    std::string mandatory; // name in `missing`
};

struct response_rules {
    std::string name; // in the row; "": the rows have none
    std::string meaning;
    std::int64_t score_min = 0;    // at baseline
    std::int64_t score_change = 0; // up or down by this much
    std::int64_t score_slight = 0; // "down by 1 or more"
    std::int64_t dose_percent = 0; // up or down by this much
};

// A part of an efficacy row.
struct row_part {
    enum class kind { block, opioid, response };
    kind what = kind::block;
    std::size_t block = 0; // place in compiled_definition::blocks
};

// ---- safety and follow-up ------------------------------------------------------------------------------------------

struct adverse_event_rules {
    code_set stated_category, stated_grade, stated_relatedness, stated_onset;
    std::vector<coded_word> categories;   // all words; the codes of conditions that mean them
    std::vector<std::string> relatedness; // in order of precedence, the last is "not stated"
    day_window window;
    int occurred_from_day = 0; // with a contact from this day on, "none recorded" can be said
};

struct follow_up_rules {
    code_set stated_status;
    std::vector<std::string> ending_words; // transferred, lost
    int complete_after_day = 0;
    code_set withdrawal_policy; // consents of these policies, when refused, are a withdrawal
};

// ---- coarsening ----------------------------------------------------------------------------------------------------

// The settings of a destination's `coarsen` that every dataset has (release/destination.hpp).
inline constexpr std::array<std::string_view, 6> general_coarsening{"days",      "period", "age",
                                                                    "ethnicity", "sex",    "provider"};

// A setting by which a destination sees less of this dataset, beside those.
struct coarsening_setting {
    enum class effect {
        regions, // sites become their regions, and no code that names a site leaves
        groups,  // words become those of the terminology's map coarsen-<setting>-<value>
        drop,    // the value does not leave
    };
    std::string name;
    std::vector<std::string> values; // the first leaves things as they are
    effect how{};
    std::vector<std::string>
        items; // section.name, or section.block.value of the efficacy rows; regions: none, for all sites

    [[nodiscard]] bool speaks_of(std::string_view path) const;
};

// ---- reports -------------------------------------------------------------------------------------------------------

// A number of the time points' rows that a report compares with the baseline.
struct compared_number {
    std::string value; // path in a row: pain.worst
    std::string label; // in words, for readers
    std::string unit;  // "": none
    int decimals = 0;  // digits after the point that the number can have
    // In units of the last digit: how finely an exported report tells medians; means to half of it.
    std::int64_t step = 1;
    bool lower_is_better = false;
    std::string same; // path in a row that must agree at both time points (an instrument); "": none
    std::string
        when; // path in a row whose value must be one of `when_words` for the number to count; "": none
    std::vector<std::string> when_words;
};

// A word of the time points' rows that a report counts.
struct reported_response {
    std::string value; // path in a row
    std::string label;
    std::vector<std::string> words; // of those that can be judged, the best first
    std::string not_evaluable;      // the word of the others
};

// An item of which a report gives the share of one word.
struct reported_share {
    std::string item; // path of the item
    std::string label;
    std::string word;       // `true` and `false` of items that are so
    std::string missing_as; // path of the item in `missing` when this one is not known
};

struct report_rules {
    std::vector<compared_number> compared;
    std::vector<reported_response> responses;
    std::vector<reported_share> shares;
    std::vector<std::string> notes; // footnotes, a sentence or two each
};

// ---- retention -----------------------------------------------------------------------------------------------------

// How long facts are kept that no open case of their patient needs, in days of their clinical date (orders: of their end),
// and when a case is closed. See mapping/cases/retention.hpp.
struct retention_rules {
    int dated_days = 180;
    int order_days = 180;
    int long_lived_days = 1826; // 5 years
    code_set long_lived;        // conditions, procedures and observations of these codes are kept that long
    int arrival_days = 30;      // at least so long after it came: the message that needs it may be on its way
    int closing_days = 90;      // after follow_up.complete_after_day a case takes no more facts
};

struct compiled_definition {
    std::string dataset, version, title;
    std::string about;                        // one paragraph
    std::shared_ptr<const terminology> codes; // keeps alive what the rules point to
    const date::time_zone* zone = nullptr;    // as-of dates and recorded days are of this zone
    bool allow_test_numbers = false;

    selection_rules selection;
    std::vector<std::string> sections; // in record order
    std::vector<item> items;           // in record order
    std::vector<time_point> time_points;
    std::optional<std::size_t> baseline; // place in time_points
    std::vector<assessment_block> blocks;
    std::vector<row_part> row_parts;      // in the order of the record
    const concept_map* answers = nullptr; // coded answers to the numbers they stand for; may be missing
    opioid_rules opioid;
    response_rules response;
    adverse_event_rules safety;
    follow_up_rules follow_up;
    std::vector<coarsening_setting> coarsening;
    report_rules report;
    retention_rules retention;
    std::size_t identity_keys_max = 64;

    [[nodiscard]] const item* find(derivation how) const;
    [[nodiscard]] const item* find(std::string_view path) const;
    // The day of a procedure from which on its case is closed: nothing is sent of it any more.
    [[nodiscard]] int closing_day() const { return follow_up.complete_after_day + retention.closing_days; }
};

} // namespace auditgate::mapping
