#include "mapping/definition/load.hpp"

#include "mapping/definition/code_reader.hpp"
#include "mapping/definition/load_parts.hpp"

#include <date/tz.h>

#include <algorithm>
#include <chrono>
#include <initializer_list>
#include <span>
#include <stdexcept>

namespace auditgate::mapping {

namespace {

void read_exclusion(const yaml::node& from, code_reader& codes, yaml::problem_sink& problems,
                    exclusion_rule& to) {
    yaml::map_reader rule(from, "an exclusion", problems);
    to.reason = rule.text("reason");
    if (rule.has("conditions")) {
        to.conditions = codes.read(rule, "conditions");
        to.unless = codes.read_or_none(rule, "unless");
    } else if (rule.has("item")) { // see check_excluding_items()
        to.item = rule.text("item");
        to.words = rule.texts("words");
        if (to.words.empty())
            rule.problem_at("words", "an exclusion by an item needs `words`");
    } else {
        to.codes = codes.read(rule, "codes");
    }
    rule.finish();
}

void read_evidence(yaml::map_reader& from, code_reader& codes, selection_rules& to) {
    for (const yaml::node& one : from.list("evidence")) {
        yaml::map_reader rule(one, "a rule of evidence", from.problems());
        evidence_rule& into = to.evidence.emplace_back();
        into.name = rule.text("name");
        if (const yaml::node* sets = rule.required_child("together")) {
            for (const yaml::node& set : sets->items)
                into.together.push_back(codes.read(set));
            if (into.together.empty())
                rule.problem_at("together",
                                "a list of code sets is expected: something of each must be there");
        }
        into.site_required = rule.choice_or<bool>("site", {{"required", true}, {"optional", false}}, false);
        rule.finish();
    }
    if (to.evidence.empty())
        from.problem_at("evidence", "at least one rule of evidence is needed: nothing would count");
}

void read_selection(yaml::map_reader& from, code_reader& codes, selection_rules& to) {
    read_evidence(from, codes, to);
    to.site_codes = codes.read_or_none(from, "site_codes");
    to.stated_sites = codes.read_or_none(from, "stated_sites");
    to.stated_status = codes.read_or_none(from, "stated_status");
    to.procedure_codes = codes.read(from, "procedure_codes");
    for (const yaml::node& one : from.list("exclude"))
        read_exclusion(one, codes, from.problems(), to.exclude.emplace_back());
    to.age_years_min = static_cast<int>(from.integer_or("age_years_min", 0, 0, 150));
    if (from.has("confirms")) {
        to.confirms = codes.read(from, "confirms");
        to.unconfirmed_flag = from.text("unconfirmed_flag");
    }
    to.site_mismatch_flag = from.text_or("site_mismatch_flag", "");
    from.finish();
}

void read_safety(yaml::map_reader& from, code_reader& codes, adverse_event_rules& to) {
    to.stated_category = codes.read_or_none(from, "stated_category");
    to.stated_grade = codes.read_or_none(from, "stated_grade");
    to.stated_relatedness = codes.read_or_none(from, "stated_relatedness");
    to.stated_onset = codes.read_or_none(from, "stated_onset");
    to.window = read_window(from, "window");
    to.occurred_from_day = static_cast<int>(from.integer("occurred_from_day", 0, 10'000));
    to.relatedness = from.texts("relatedness");
    if (to.relatedness.empty())
        from.problem_at("relatedness", "a list of words is expected, the last one for what is not stated");
    to.categories = codes.read_words(from.map("categories"));
    from.finish();
}

void read_follow_up(yaml::map_reader& from, code_reader& codes, follow_up_rules& to) {
    to.stated_status = codes.read_or_none(from, "stated_status");
    to.ending_words = from.texts("ending_words");
    to.complete_after_day = static_cast<int>(from.integer("complete_after_day", 0, 10'000));
    to.withdrawal_policy = codes.read_or_none(from, "withdrawal_policy");
    from.finish();
}

// Exclusions by items stand before the items that they are about.
void check_excluding_items(yaml::map_reader& selection, const compiled_definition& definition) {
    for (const yaml::node& one : selection.list("exclude")) {
        if (const yaml::node* about = one.find("item")) {
            const item* found = find_item(*about, definition.items, selection.problems());
            const yaml::node* words = one.find("words");
            if (found != nullptr && words != nullptr)
                check_words_of(*found, words->items.empty() ? std::span(words, 1) : std::span(words->items),
                               selection.problems());
        }
    }
}

// A time of whole days, from 1 day to 100 years.
int read_days(yaml::map_reader& from, std::string_view key, int otherwise) {
    constexpr int days_max = 36'525;
    const std::chrono::milliseconds read = from.duration_or(key, std::chrono::days(otherwise));
    const auto whole = std::chrono::floor<std::chrono::days>(read);
    if (whole == read && whole.count() >= 1 && whole.count() <= days_max)
        return static_cast<int>(whole.count());
    from.problem_at(key, '`' + std::string(key) + "` must be whole days from 1d to 36525d, such as " +
                             std::to_string(otherwise) + 'd');
    return otherwise;
}

void read_retention(yaml::map_reader& from, code_reader& codes, retention_rules& to) {
    to.dated_days = read_days(from, "dated_items", to.dated_days);
    to.order_days = read_days(from, "orders", to.order_days);
    to.long_lived_days = read_days(from, "long_lived", to.long_lived_days);
    to.long_lived = codes.read(from, "long_lived_codes");
    to.arrival_days = read_days(from, "after_arrival", to.arrival_days);
    to.closing_days = read_days(from, "closing", to.closing_days);
    if (to.long_lived_days < to.dated_days)
        from.problem_at("long_lived", "`long_lived` must not be shorter than `dated_items`");
    from.finish();
}

// The look-backs have to reach from a procedure to the first day that an item or a time point reads, with some days to
// spare for procedures that are told late.
void check_look_back(yaml::map_reader& from, const compiled_definition& of) {
    int first = 0;
    for (const item& one : of.items)
        if (one.window)
            first = std::min(first, one.window->first);
    for (const time_point& one : of.time_points)
        first = std::min(first, one.window.first);
    if (of.retention.dated_days < -first)
        from.problem_at("retention", "`dated_items` keeps facts for " +
                                         std::to_string(of.retention.dated_days) +
                                         " days, but a window of this definition begins " +
                                         std::to_string(-first) + " days before the procedure");
}

// Reads the map under `key` with `read`, when it is there.
template <class reader>
void read_part(yaml::map_reader& from, std::string_view key, reader&& read) {
    if (const yaml::node* part = from.child(key)) {
        yaml::map_reader map(*part, key, from.problems());
        read(map);
    }
}

// A part of the file that an item of the record stands on.
void need_part(yaml::map_reader& from, std::string_view key, const compiled_definition& definition,
               std::initializer_list<derivation> derivations) {
    if (from.has(key))
        return;
    for (const derivation how : derivations) {
        if (const item* one = definition.find(how)) {
            from.problem_at(key, "the item `" + one->path() + "` needs `" + std::string(key) + '`');
            return;
        }
    }
}

void read_definition(const yaml::node& file, const terminology& codes, const definition_settings& settings,
                     yaml::problem_sink& problems, compiled_definition& to) {
    yaml::map_reader from(file, "a dataset definition", problems);
    code_reader reader(codes, problems);
    to.dataset = from.text("dataset");
    to.version = from.text("version");
    to.title = from.text("title");
    to.about = from.text_or("about", "");
    reader.define_sets(from.map("code_sets"));
    if (from.required_child("selection") != nullptr)
        read_part(from, "selection",
                  [&](yaml::map_reader& part) { read_selection(part, reader, to.selection); });
    read_record(from, reader, to);
    read_part(from, "selection", [&](yaml::map_reader& part) { check_excluding_items(part, to); });
    need_part(from, "time_points", to, {derivation::time_points});
    need_part(from, "efficacy", to, {derivation::time_points});
    need_part(from, "safety", to, {derivation::adverse_events, derivation::adverse_occurred});
    need_part(from, "follow_up", to, {derivation::follow_up_status});
    read_time_points(from, to);
    read_efficacy(from, reader, settings.ome_table, codes, to);
    read_part(from, "safety", [&](yaml::map_reader& part) { read_safety(part, reader, to.safety); });
    read_part(from, "follow_up", [&](yaml::map_reader& part) { read_follow_up(part, reader, to.follow_up); });
    read_coarsening(from, to);
    if (const yaml::node* part = from.child("report")) {
        yaml::map_reader report(*part, "report", problems);
        read_report(report, to);
    }
    if (const yaml::node* retention = from.child("retention")) {
        yaml::map_reader part(*retention, "retention", problems);
        read_retention(part, reader, to.retention);
    }
    check_look_back(from, to);
    from.finish();
}

} // namespace

definition_load load_definition(const std::filesystem::path& file, std::shared_ptr<const terminology> codes,
                                const definition_settings& settings) {
    definition_load result;
    yaml::problem_sink problems(file.string(), result.problems);
    auto definition = std::make_shared<compiled_definition>();
    definition->allow_test_numbers = settings.allow_test_numbers;
    try {
        definition->zone = date::locate_zone(settings.time_zone);
    } catch (const std::runtime_error&) {
        problems.add_whole_file("no time zone `" + settings.time_zone + "` on this machine");
    }
    if (const std::optional<yaml::node> tree = yaml::load(file, problems))
        read_definition(*tree, *codes, settings, problems, *definition);
    definition->answers = codes->find_concept_map("answers");
    definition->codes = std::move(codes);
    if (result.problems.empty())
        result.loaded = std::move(definition);
    return result;
}

} // namespace auditgate::mapping
