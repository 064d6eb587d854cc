// The `time_points` and `efficacy` of a definition file.
#include "mapping/definition/load_parts.hpp"

#include <algorithm>
#include <set>
#include <span>

namespace auditgate::mapping {

namespace {

constexpr int days_limit = 10'000;
constexpr int values_limit = 1'000'000;

void read_scales(yaml::map_reader& from, assessment_value& to) {
    for (const yaml::node& one : from.list("scales")) {
        if (const auto end = yaml::read_integer(one, "scales", -values_limit, values_limit, from.problems()))
            to.scales.push_back(*end);
    }
}

void read_values(yaml::map_reader& from, code_reader& codes, instrument& to) {
    for (const yaml::node& one : from.list("values")) {
        yaml::map_reader value(one, "a value", from.problems());
        assessment_value& into = to.values.emplace_back();
        into.name = value.text("name");
        into.codes = codes.read(value, "codes");
        into.form = value.choice<number_form>("form", {{"integer", number_form::integer},
                                                       {"one-decimal", number_form::one_decimal},
                                                       {"three-decimals", number_form::three_decimals},
                                                       {"digits", number_form::digits}});
        const day_window range = read_window(value, "range");
        into.min = range.first;
        into.max = range.last;
        if (into.form == number_form::digits)
            into.digits = static_cast<int>(value.integer("digits", 1, 18));
        if (value.has("mean_of")) {
            into.part_codes = codes.read(value, "mean_of");
            into.parts_min = static_cast<int>(value.integer("at_least", 1, 100));
        }
        into.scale_to_10 = value.boolean_or("scale_to_10", false);
        read_scales(value, into);
        value.finish();
    }
}

// Names of values of a block, as they stand in its other keys: each must be one that an instrument has.
class value_names {
public:
    explicit value_names(const assessment_block& block) {
        for (const instrument& kind : block.instruments)
            for (const assessment_value& value : kind.values)
                known_.emplace_back(value.name);
    }

    std::vector<std::string> read(yaml::map_reader& from, std::string_view key) const {
        if (from.list(key).empty())
            from.problem_at(key, '`' + std::string(key) + "` needs at least one value of the block");
        for (const yaml::node& one : from.list(key)) {
            if (one.kind == yaml::node_kind::scalar && std::ranges::find(known_, one.text) == known_.end())
                from.problems().add(one.where, '`' + one.text +
                                                   "` is no value of an instrument of the block" +
                                                   yaml::suggestion(one.text, known_));
        }
        return from.texts(key);
    }

private:
    std::vector<std::string_view> known_;
};

void read_instruments(yaml::map_reader& from, code_reader& codes, assessment_block& to) {
    const std::span<const yaml::node> all = from.list("instruments");
    if (all.empty())
        from.problem_at("instruments", "a block needs at least one instrument");
    for (const yaml::node& one : all) {
        yaml::map_reader map(one, "an instrument", from.problems());
        instrument kind;
        kind.name = map.text_or("name", "");
        if (kind.name.empty() && all.size() > 1)
            map.problem_at("name", "of several instruments each needs a name");
        if (std::ranges::find(to.instruments, kind.name, &instrument::name) != to.instruments.end())
            map.problem_at("name", "the block has an instrument `" + kind.name + "` already");
        read_values(map, codes, kind);
        if (kind.values.empty())
            map.problem_at("values", "an instrument needs at least one value");
        map.finish();
        to.instruments.push_back(std::move(kind));
    }
}

// What each value that is shown means.
void read_meanings(yaml::map_reader& from, assessment_block& to) {
    const yaml::node* meanings = from.required_child("meanings");
    if (meanings == nullptr)
        return;
    yaml::map_reader map(*meanings, "`meanings`", from.problems());
    for (const std::string& value : to.shown)
        to.meanings.push_back(map.text(value));
    map.finish();
}

void read_block(yaml::map_reader& from, code_reader& codes, compiled_definition& to) {
    assessment_block into;
    into.name = from.text("block");
    read_instruments(from, codes, into);
    const value_names names(into);
    into.shown = names.read(from, "shown");
    read_meanings(from, into);
    if (from.has("leading")) {
        const std::vector<std::string> leading = names.read(from, "leading");
        into.leading = leading.empty() ? std::string() : leading.front();
        if (leading.size() > 1)
            from.problem_at("leading", "only one value can be the leading one");
    }
    into.conflict_difference = from.optional_integer("conflict_difference", 0, values_limit);
    into.reference = from.boolean_or("reference", false);
    if (into.reference && std::ranges::any_of(to.blocks, &assessment_block::reference))
        from.problem_at("reference", "only one block can be the reference");
    if (const yaml::node* mandatory = from.child("mandatory")) {
        yaml::map_reader map(*mandatory, "`mandatory`", from.problems());
        for (const yaml::entry& one : mandatory->entries)
            into.mandatory.emplace_back(one.key, names.read(map, one.key));
    }
    from.finish();
    to.row_parts.push_back({row_part::kind::block, to.blocks.size()});
    to.blocks.push_back(std::move(into));
}

void read_opioid(yaml::map_reader& from, code_reader& codes, std::string_view ome_table,
                 const terminology& terms, opioid_rules& to) {
    to.name = from.text("opioid");
    to.meaning = from.text("meaning");
    to.reported = codes.read(from, "reported");
    to.mandatory = from.text("mandatory");
    to.drugs = terms.find_concept_map(drugs_map);
    to.routes = terms.find_concept_map(routes_map);
    to.table = terms.find_ome_table(ome_table);
    if (to.drugs == nullptr || to.routes == nullptr)
        from.problem_at("opioid", "the terminology has no maps `drugs` and `routes`");
    if (to.table == nullptr) {
        const std::vector<std::string> known = terms.ome_table_ids();
        const std::vector<std::string_view> views(known.begin(), known.end());
        from.problem_at("opioid", "the terminology has no opioid table `" + std::string(ome_table) + '`' +
                                      yaml::suggestion(ome_table, views));
    }
    from.finish();
}

void read_response(yaml::map_reader& from, response_rules& to) {
    to.name = from.text("response");
    to.meaning = from.text("meaning");
    to.score_min = from.integer("score_min", 0, values_limit);
    to.score_change = from.integer("score_change", 0, values_limit);
    to.score_slight = from.integer("score_slight", 0, values_limit);
    to.dose_percent = from.integer("dose_percent", 0, values_limit);
    from.finish();
}

} // namespace

day_window read_window(yaml::map_reader& from, std::string_view key) {
    std::vector<std::int64_t> bounds;
    for (const yaml::node& one : from.list(key)) {
        if (const auto bound = yaml::read_integer(one, key, -values_limit, values_limit, from.problems()))
            bounds.push_back(*bound);
    }
    if (bounds.size() != 2) {
        from.problem_at(key, '`' + std::string(key) + "` must be [first, last]: two whole numbers");
        return {};
    }
    if (bounds[0] > bounds[1]) {
        const std::string turned = '[' + std::to_string(bounds[1]) + ", " + std::to_string(bounds[0]) + ']';
        from.problem_at(key,
                        '`' + std::string(key) + "` ends before it begins, did you mean `" + turned + "`?");
        return {};
    }
    return {static_cast<int>(bounds[0]), static_cast<int>(bounds[1])};
}

void read_time_points(yaml::map_reader& definition, compiled_definition& to) {
    for (const yaml::node& one : definition.list("time_points")) {
        yaml::map_reader from(one, "a time point", definition.problems());
        time_point into;
        into.name = from.text("name");
        if (std::ranges::find(to.time_points, into.name, &time_point::name) != to.time_points.end())
            from.problem_at("name", "there is a time point `" + into.name + "` already");
        into.nominal_day = static_cast<int>(from.integer("nominal", -days_limit, days_limit));
        into.window = read_window(from, "window");
        into.due_day = static_cast<int>(from.integer("due", -days_limit, days_limit));
        into.mandatory = from.boolean_or("mandatory", false);
        if (const auto day = from.optional_integer("old_before", -days_limit, days_limit)) {
            into.old_before_day = static_cast<int>(*day);
            into.old_flag = from.text("old_flag");
        }
        if (from.boolean_or("baseline", false)) {
            if (to.baseline)
                from.problem_at("baseline", "only one time point can be the baseline");
            to.baseline = to.time_points.size();
        }
        from.finish();
        to.time_points.push_back(std::move(into));
    }
}

// The response compares with the baseline: the leading score of the reference block, and the dose.
void check_response(yaml::map_reader& definition, const compiled_definition& of) {
    if (of.response.name.empty())
        return;
    if (!of.baseline)
        definition.problem_at("time_points",
                              "`response` needs a time point that is the baseline (baseline: true)");
    const auto leads = [](const assessment_block& block) {
        return block.reference && !block.leading.empty();
    };
    if (std::ranges::none_of(of.blocks, leads) || of.opioid.name.empty())
        definition.problem_at(
            "efficacy", "`response` needs a block with `reference: true` and `leading`, and a part `opioid`");
}

void read_efficacy(yaml::map_reader& definition, code_reader& codes, std::string_view ome_table,
                   const terminology& terms, compiled_definition& to) {
    std::set<std::string> names;
    std::set<std::string_view> kinds; // of the parts that there is one of
    for (const yaml::node& one : definition.list("efficacy")) {
        yaml::map_reader from(one, "a part of the efficacy rows", definition.problems());
        const std::string_view kind = from.has("opioid")     ? "opioid"
                                      : from.has("response") ? "response"
                                                             : "block";
        const std::string name = from.text_or(kind, "");
        if (kind != "block" && !kinds.emplace(kind).second)
            from.problem_at(kind, "there can be only one part `" + std::string(kind) + '`');
        else if (!name.empty() && !names.insert(name).second)
            from.problem_at(kind, "the rows have a part `" + name + "` already");
        if (kind == "opioid") {
            read_opioid(from, codes, ome_table, terms, to.opioid);
            to.row_parts.push_back({row_part::kind::opioid, 0});
        } else if (kind == "response") {
            read_response(from, to.response);
            to.row_parts.push_back({row_part::kind::response, 0});
        } else {
            read_block(from, codes, to);
        }
    }
    check_response(definition, to);
}

} // namespace auditgate::mapping
