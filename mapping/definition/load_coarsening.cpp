// The `coarsening` of a definition file.
#include "mapping/definition/load_parts.hpp"

#include <algorithm>

namespace auditgate::mapping {

namespace {

using effect = coarsening_setting::effect;

// Paths of what a setting may group or drop: items, and values of the efficacy rows.
std::vector<std::string> paths_of(const compiled_definition& definition, effect how) {
    std::vector<std::string> paths;
    for (const item& one : definition.items) {
        if (how == effect::drop || !one.possible_words().empty())
            paths.push_back(one.path());
        if (one.how != derivation::time_points || how != effect::drop)
            continue;
        for (const assessment_block& block : definition.blocks)
            for (const std::string& value : block.shown)
                paths.push_back(one.path() + '.' + block.name + '.' + value);
    }
    return paths;
}

void check_items(yaml::map_reader& from, const coarsening_setting& of,
                 const compiled_definition& definition) {
    const std::vector<std::string> paths = paths_of(definition, of.how);
    const std::vector<std::string_view> known(paths.begin(), paths.end());
    if (of.items.empty())
        from.problem_at("items", "`items` are needed: what the setting speaks of");
    for (const yaml::node& one : from.list("items")) {
        if (std::ranges::find(known, one.text) == known.end())
            from.problems().add(one.where,
                                '`' + one.text + "` is no item" +
                                    (of.how == effect::groups ? " with words" : " or value of the rows") +
                                    yaml::suggestion(one.text, known));
    }
}

bool names_sites(const item& one) {
    return one.how == derivation::sites || one.how == derivation::site_count;
}

} // namespace

void read_coarsening(yaml::map_reader& definition, compiled_definition& to) {
    for (const yaml::node& one : definition.list("coarsening")) {
        yaml::map_reader from(one, "a setting of `coarsening`", definition.problems());
        coarsening_setting into;
        into.name = from.text("setting");
        if (std::ranges::find(to.coarsening, into.name, &coarsening_setting::name) != to.coarsening.end())
            from.problem_at("setting", "there is a setting `" + into.name + "` already");
        if (std::ranges::find(general_coarsening, into.name) != general_coarsening.end())
            from.problem_at("setting", '`' + into.name + "` is a setting of every dataset: use another name");
        into.values = from.texts("values");
        into.how = from.choice<effect>(
            "how", {{"regions", effect::regions}, {"groups", effect::groups}, {"drop", effect::drop}});
        if (into.values.size() < 2 || (into.how != effect::groups && into.values.size() != 2))
            from.problem_at("values", "[as it is, coarser] is expected; only `how: groups` may have more");
        if (into.how != effect::regions) {
            into.items = from.texts("items");
            check_items(from, into, to);
        }
        from.finish();
        to.coarsening.push_back(std::move(into));
    }
    const bool has_regions =
        std::ranges::find(to.coarsening, effect::regions, &coarsening_setting::how) != to.coarsening.end();
    const auto site = std::ranges::find_if(to.items, names_sites);
    if (site != to.items.end() && !has_regions)
        definition.problem_at("coarsening",
                              "the item `" + site->path() +
                                  "` tells sites: a setting with `how: regions` is needed, so that "
                                  "a destination can see less of them");
}

} // namespace auditgate::mapping
