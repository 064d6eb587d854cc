// The `record` of a definition file: sections and items.
#include "mapping/definition/load_parts.hpp"
#include "mapping/terminology/text.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <initializer_list>
#include <set>
#include <span>

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
    complete_codes,
    several_flag
};

struct derivation_keys {
    std::string_view name;
    derivation how;
    std::initializer_list<parameter> needs;
    std::initializer_list<parameter> may_have = {};
    std::size_t words_count = 0; // exactly so many `words`; 0: one or more
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
        {"event-seen", event_seen, {codes, window, words, otherwise}, {}, 1},
        {"days-since-event", days_since_event, {codes, window}},
        {"condition-category", condition_category, {coded, otherwise}, {several_flag}},
        {"first-code", first_code, {codes}},
        {"latest-word", latest_word, {codes, window, words}, {otherwise}},
        {"latest-number", latest_number, {codes, window, bounds}},
        {"earlier-treatments", earlier_treatments, {codes, words}, {companion_word, repeat_word}},
        {"status", derivation::status, {}},
        {"period", period, {}},
        {"session-codes", session_codes, {codes}},
        {"sequence", sequence, {words, days_max}, {}, 4},
        {"sites", derivation::sites, {}},
        {"site-count", site_count, {}},
        {"session-word", session_word, {codes, words}, {coded, otherwise}},
        {"session-first-word", session_first_word, {codes, words}, {coded, otherwise}},
        {"session-words", session_words, {codes, words}, {coded}},
        {"visit-setting", visit_setting, {map, words}, {otherwise}},
        {"companion", companion, {codes, coded, words, window, complete_codes}, {otherwise}},
        {"equals", equals, {of, words}, {otherwise}, 1},
        {"time-points", derivation::time_points, {}},
        {"adverse-events", adverse_events, {}},
        {"adverse-occurred", adverse_occurred, {words, otherwise}, {}, 2},
        {"follow-up-status", follow_up_status, {words}, {}, 4},
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
    if (std::ranges::adjacent_find(to.bounds, std::ranges::greater_equal()) != to.bounds.end())
        from.problem_at("bounds", "ascending numbers are expected");
    if (to.how == derivation::latest_number && to.bounds.size() != 2)
        from.problem_at("bounds", "[least, greatest] is expected");
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
    case parameter::several_flag:
        to.several_flag = from.text("several_flag");
        break;
    }
}

std::string_view key_of(parameter which) {
    constexpr std::array<std::string_view, 14> names = {
        "codes", "coded",    "words",    "otherwise",      "map",         "bounds",         "window",
        "of",    "days_max", "days_min", "companion_word", "repeat_word", "complete_codes", "several_flag"};
    return names[static_cast<std::size_t>(which)];
}

// Reads a parameter that is there; one that holds nothing would leave an item that never has a value.
void read_filled(parameter which, const yaml::node& value, yaml::map_reader& from, code_reader& codes,
                 item& to) {
    const bool is_empty = (value.kind == yaml::node_kind::sequence && value.items.empty()) ||
                          (value.kind == yaml::node_kind::map && value.entries.empty());
    if (is_empty)
        from.problem_at(key_of(which), '`' + std::string(key_of(which)) + "` must not be empty");
    else
        read_parameter(which, from, codes, to);
}

// Tells at its place a word that is none of those known: a slip of the pen would only show in records.
void check_word(std::string_view word, yaml::position where, const std::vector<std::string>& known,
                std::string_view whose, yaml::problem_sink& problems) {
    if (std::ranges::find(known, word) != known.end())
        return;
    const std::vector<std::string_view> candidates(known.begin(), known.end());
    problems.add(where, '`' + std::string(word) + "` is none of " + std::string(whose) +
                            yaml::suggestion(word, candidates));
}

void check_words(yaml::map_reader& from, const derivation_keys& derived, const item& of) {
    if (of.words.empty())
        return;
    if (derived.words_count != 0 && of.words.size() != derived.words_count)
        from.problem_at("words", '`' + std::string(derived.name) + "` takes exactly " +
                                     std::to_string(derived.words_count) + " `words`, not " +
                                     std::to_string(of.words.size()));
    constexpr std::string_view own_words = "the item's `words`";
    if (!of.coded.empty()) {
        for (const yaml::entry& one : from.map("coded"))
            check_word(one.key, one.where, of.words, own_words, from.problems());
    }
    if (!of.map.empty()) {
        for (const yaml::entry& one : from.map("map"))
            check_word(one.value.text, one.value.where, of.words, own_words, from.problems());
    }
    for (const parameter which : {parameter::companion_word, parameter::repeat_word}) {
        if (const yaml::node* value = from.child(key_of(which)))
            check_word(value->text, value->where, of.words, own_words, from.problems());
    }
}

void read_item(yaml::map_reader& from, std::string_view section, code_reader& codes, item& to) {
    to.section = section;
    to.name = from.text_or("name", "");
    to.meaning = from.text("meaning");
    to.mandatory = from.boolean_or("mandatory", false);
    to.conflict_flag = from.boolean_or("conflict_flag", false);
    to.deidentification = from.choice<std::string>("deidentification", {{"keep", "keep"},
                                                                        {"derive", "derive"},
                                                                        {"generalise", "generalise"},
                                                                        {"pseudonymise", "pseudonymise"}});
    const derivation_keys* derived = read_derivation(from);
    if (derived == nullptr)
        return;
    to.how = derived->how;
    if (to.name.empty() && to.how != derivation::time_points)
        from.problem_at("name", "an item needs a name");
    for (const parameter which : derived->needs) {
        if (const yaml::node* value = from.required_child(key_of(which)))
            read_filled(which, *value, from, codes, to);
    }
    for (const parameter which : derived->may_have) {
        if (const yaml::node* value = from.child(key_of(which)))
            read_filled(which, *value, from, codes, to);
    }
    from.finish();
    check_words(from, *derived, to);
}

// An item about another one, which must have been computed by then, and whose words its own must be.
void check_reference(yaml::map_reader& from, const item& one, std::span<const item> earlier) {
    if (one.how != derivation::equals || one.of.empty())
        return;
    const yaml::node* path = from.child("of");
    const item* about = path == nullptr ? nullptr : find_item(*path, earlier, from.problems());
    if (about == nullptr)
        return;
    for (const std::string_view key : {"words", "otherwise"}) {
        if (const yaml::node* value = from.child(key))
            check_words_of(*about, value->items.empty() ? std::span(value, 1) : std::span(value->items),
                           from.problems());
    }
}

void read_section(yaml::map_reader& from, code_reader& codes, compiled_definition& to) {
    const std::string name = from.text("section");
    if (std::ranges::find(to.sections, name) != to.sections.end())
        from.problem_at("section", "the record has a section `" + name + "` already");
    to.sections.push_back(name);
    const std::span<const yaml::node> items = from.list("items");
    for (const yaml::node& one : items) {
        yaml::map_reader item_map(one, "an item", from.problems());
        item made;
        read_item(item_map, name, codes, made);
        if (to.find(made.path()) != nullptr)
            item_map.problem_at("name", "the record has an item `" + made.path() + "` already");
        if (made.name.empty() && items.size() > 1)
            item_map.problem_at("name",
                                "an item without a name is its whole section: it must be alone there");
        check_reference(item_map, made, to.items);
        to.items.push_back(std::move(made));
    }
    from.finish();
}

} // namespace

const item* find_item(const yaml::node& path, std::span<const item> among, yaml::problem_sink& problems) {
    const auto found = std::ranges::find(among, path.text, &item::path);
    if (found != among.end())
        return &*found;
    std::vector<std::string> paths;
    for (const item& one : among)
        paths.push_back(one.path());
    const std::vector<std::string_view> candidates(paths.begin(), paths.end());
    problems.add(path.where, '`' + path.text + "` is no item of the record up to here" +
                                 yaml::suggestion(path.text, candidates));
    return nullptr;
}

void check_words_of(const item& about, std::span<const yaml::node> words, yaml::problem_sink& problems) {
    const std::set<std::string> possible = about.possible_words();
    if (possible.empty())
        return;
    const std::vector<std::string> known(possible.begin(), possible.end());
    for (const yaml::node& word : words)
        check_word(word.text, word.where, known, "the words of `" + about.path() + '`', problems);
}

void read_record(yaml::map_reader& definition, code_reader& codes, compiled_definition& to) {
    for (const yaml::node& section : definition.list("record")) {
        yaml::map_reader from(section, "a section", definition.problems());
        read_section(from, codes, to);
    }
    if (to.items.empty())
        definition.problem_at("record", "a record needs sections with items");
}

} // namespace auditgate::mapping
