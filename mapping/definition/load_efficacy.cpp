// The `time_points` and `efficacy` of a definition file.
#include "mapping/definition/load_parts.hpp"

#include <algorithm>

namespace auditgate::mapping {

namespace {

constexpr int days_limit = 10'000;
constexpr int values_limit = 1'000'000;

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
        into.checks_scale = value.boolean_or("checks_scale", false);
        value.finish();
    }
}

void read_block(yaml::map_reader& from, code_reader& codes, compiled_definition& to) {
    assessment_block& into = to.blocks.emplace_back();
    into.name = from.text("block");
    into.shown = from.texts("shown");
    into.leading = from.text_or("leading", "");
    into.reference = from.boolean_or("reference", false);
    for (const yaml::entry& one : from.map("mandatory")) {
        std::vector<std::string> any_of;
        for (const yaml::node& name : one.value.items)
            any_of.push_back(name.text);
        into.mandatory.emplace_back(one.key, std::move(any_of));
    }
    for (const yaml::node& one : from.list("instruments")) {
        yaml::map_reader map(one, "an instrument", from.problems());
        instrument& kind = into.instruments.emplace_back();
        kind.name = map.text_or("name", "");
        read_values(map, codes, kind);
        map.finish();
    }
    from.finish();
}

void read_opioid(yaml::map_reader& from, code_reader& codes, std::string_view ome_table,
                 const terminology& terms, opioid_rules& to) {
    to.name = from.text("opioid");
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
    if (bounds.size() != 2 || bounds[0] > bounds[1]) {
        from.problem_at(key, "[first, last] is expected");
        return {};
    }
    return {static_cast<int>(bounds[0]), static_cast<int>(bounds[1])};
}

void read_time_points(yaml::map_reader& definition, compiled_definition& to) {
    bool has_baseline = false;
    for (const yaml::node& one : definition.list("time_points")) {
        yaml::map_reader from(one, "a time point", definition.problems());
        time_point& into = to.time_points.emplace_back();
        into.name = from.text("name");
        into.nominal_day = static_cast<int>(from.integer("nominal", -days_limit, days_limit));
        into.window = read_window(from, "window");
        into.due_day = static_cast<int>(from.integer("due", -days_limit, days_limit));
        into.mandatory = from.boolean_or("mandatory", false);
        if (from.boolean_or("baseline", false)) {
            if (has_baseline)
                from.problem_at("baseline", "only one time point can be the baseline");
            has_baseline = true;
            to.baseline = to.time_points.size() - 1;
        }
        from.finish();
    }
    if (!has_baseline)
        definition.problem_at("time_points", "one time point must be the baseline (baseline: true)");
}

void read_efficacy(yaml::map_reader& definition, code_reader& codes, std::string_view ome_table,
                   const terminology& terms, compiled_definition& to) {
    for (const yaml::node& one : definition.list("efficacy")) {
        yaml::map_reader from(one, "a part of the efficacy rows", definition.problems());
        if (from.has("opioid"))
            read_opioid(from, codes, ome_table, terms, to.opioid);
        else if (from.has("response"))
            read_response(from, to.response);
        else
            read_block(from, codes, to);
    }
}

} // namespace auditgate::mapping
