// The `record` of a definition file: sections and items.
#include "mapping/definition/load_parts.hpp"
#include "mapping/terminology/text.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>

namespace auditgate::mapping {

namespace {

enum class parameter {
    codes,
    coded,
    words,
    otherwise,
    map,
    bounds,
    window,
    of,
    days_max,
    days_min,
    companion_word,
    repeat_word,
    complete_codes
};

struct derivation_keys {
    std::string_view name;
    derivation how;
    std::initializer_list<parameter> needs;
    std::initializer_list<parameter> may_have = {};
};

// What each derivation must and may be given; a key that it has no use for is a mistake in the file.
const std::initializer_list<derivation_keys>& all_derivations() {
    using enum derivation;
    using enum parameter;
    static const std::initializer_list<derivation_keys> all = {
        {"released", derivation::released, {}},
        {"age-band", age_band, {bounds}},
        {"patient-sex", patient_sex, {map, otherwise}},
        {"patient-ethnicity", patient_ethnicity, {words}, {otherwise}},
        {"event-seen", event_seen, {codes, window, words, otherwise}},
        {"days-since-event", days_since_event, {codes, window}},
        {"condition-category", condition_category, {coded, otherwise}},
        {"first-code", first_code, {codes}},
        {"latest-word", latest_word, {codes, window, words}, {otherwise}},
        {"latest-number", latest_number, {codes, window, bounds}},
        {"earlier-treatments", earlier_treatments, {codes, words}, {companion_word, repeat_word}},
        {"status", derivation::status, {}},
        {"period", period, {}},
        {"session-codes", session_codes, {codes}},
        {"sequence", sequence, {words, days_max}},
        {"sites", derivation::sites, {}},
        {"site-count", site_count, {}},
        {"session-word", session_word, {codes, words}, {coded, otherwise}},
        {"session-first-word", session_first_word, {codes, words}, {coded, otherwise}},
        {"session-words", session_words, {codes, words}, {coded}},
        {"visit-setting", visit_setting, {map, words}, {otherwise}},
        {"companion", companion, {codes, coded, words, window, complete_codes}, {otherwise}},
        {"equals", equals, {of, words}, {otherwise}},
        {"time-points", derivation::time_points, {}},
        {"adverse-events", adverse_events, {}},
        {"adverse-occurred", adverse_occurred, {words, otherwise}},
        {"follow-up-status", follow_up_status, {words}},
        {"last-contact", last_contact, {}},
        {"death-band", death_band, {bounds}},
        {"subsequent-treatments",
         subsequent_treatments,
         {codes, words, window},
         {days_min, companion_word, repeat_word}},
        {"missing", missing, {}},
        {"flags", flags, {}},
    };
    return all;
}

const derivation_keys* read_derivation(yaml::map_reader& from) {
    const yaml::node* value = from.required_child("derive");
    if (value == nullptr)
        return nullptr;
    std::vector<std::string_view> names;
    for (const derivation_keys& one : all_derivations())
        names.push_back(one.name);
    const auto index = yaml::read_word(*value, "derive", names, from.problems());
    return index ? all_derivations().begin() + *index : nullptr;
}

void read_bounds(yaml::map_reader& from, item& to) {
    for (const yaml::node& one : from.list("bounds")) {
        if (const auto bound = yaml::read_integer(one, "bounds", -1'000'000, 1'000'000, from.problems()))
            to.bounds.push_back(static_cast<int>(*bound));
    }
    if (to.bounds.empty() || !std::ranges::is_sorted(to.bounds))
        from.problem_at("bounds", "ascending numbers are expected");
}

void read_map(yaml::map_reader& from, item& to) {
    for (const yaml::entry& one : from.map("map")) {
        if (auto word = yaml::read_text(one.value, one.key, from.problems()))
            to.map.emplace_back(lower_cased(one.key), std::move(*word));
    }
}

void read_parameter(parameter which, yaml::map_reader& from, code_reader& codes, item& to) {
    constexpr int days_limit = 10'000;
    switch (which) {
    case parameter::codes:
        to.codes = codes.read(from, "codes");
        break;
    case parameter::coded:
        to.coded = codes.read_words(from.map("coded"));
        break;
    case parameter::words:
        to.words = from.texts("words");
        break;
    case parameter::otherwise:
        to.otherwise = from.text("otherwise");
        break;
    case parameter::map:
        read_map(from, to);
        break;
    case parameter::bounds:
        read_bounds(from, to);
        break;
    case parameter::window:
        to.window = read_window(from, "window");
        break;
    case parameter::of:
        to.of = from.text("of");
        break;
    case parameter::days_max:
        to.days_max = static_cast<int>(from.integer("days_max", 0, days_limit));
        break;
    case parameter::days_min:
        to.days_min = static_cast<int>(from.integer("days_min", 0, days_limit));
        break;
    case parameter::companion_word:
        to.companion_word = from.text("companion_word");
        break;
    case parameter::repeat_word:
        to.repeat_word = from.text("repeat_word");
        break;
    case parameter::complete_codes:
        to.complete_codes = codes.read(from, "complete_codes");
        break;
    }
}

std::string_view key_of(parameter which) {
    constexpr std::array<std::string_view, 13> names = {
        "codes", "coded",    "words",    "otherwise",      "map",         "bounds",        "window",
        "of",    "days_max", "days_min", "companion_word", "repeat_word", "complete_codes"};
    return names[static_cast<std::size_t>(which)];
}

void read_item(yaml::map_reader& from, std::string_view section, code_reader& codes, item& to) {
    to.section = section;
    to.name = from.text_or("name", "");
    to.mandatory = from.boolean_or("mandatory", false);
    to.conflict_flag = from.boolean_or("conflict_flag", false);
    to.deidentification = from.text("deidentification");
    if (const derivation_keys* derived = read_derivation(from)) {
        to.how = derived->how;
        if (to.name.empty() && to.how != derivation::time_points)
            from.problem_at("name", "an item needs a name");
        for (const parameter which : derived->needs)
            read_parameter(which, from, codes, to);
        for (const parameter which : derived->may_have) {
            if (from.has(key_of(which)))
                read_parameter(which, from, codes, to);
        }
        from.finish();
    }
}

} // namespace

void read_record(yaml::map_reader& definition, code_reader& codes, compiled_definition& to) {
    for (const yaml::node& section : definition.list("record")) {
        yaml::map_reader from(section, "a section", definition.problems());
        const std::string name = from.text("section");
        to.sections.push_back(name);
        for (const yaml::node& one : from.list("items")) {
            yaml::map_reader item_map(one, "an item", definition.problems());
            read_item(item_map, name, codes, to.items.emplace_back());
        }
        from.finish();
    }
    if (to.items.empty())
        definition.problem_at("record", "a record needs sections with items");
    for (const item& one : to.items) {
        if (one.how == derivation::equals && to.find(one.of) == nullptr)
            definition.problem_at("record",
                                  "item `" + one.path() + "` is about `" + one.of + "`, which is no item");
    }
}

} // namespace auditgate::mapping
