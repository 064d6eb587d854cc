#include "mapping/release/coarsen.hpp"

#include <algorithm>
#include <optional>

namespace auditgate::mapping {
namespace {

using fhir::json::value;

constexpr std::int64_t days_in_week = 7;
constexpr std::int64_t site_count_max = 4;

struct word_groups {
    std::string_view setting; // of `coarsen`
    std::string_view map;     // of the terminology: word to group
};

// How the words of an item are to be grouped; none when its words leave as they are, or are no words.
std::optional<word_groups> groups_of(const item& one, const coarsening& how) {
    switch (one.how) {
    case derivation::age_band:
        if (how.age == coarsening::age_form::twenty_years) {
            return word_groups{"age", "coarsen-age-20"};
        }
        break;
    case derivation::patient_sex:
        if (how.sex == coarsening::sex_form::binary_or_unknown) {
            return word_groups{"sex", "coarsen-sex-binary-or-unknown"};
        }
        break;
    case derivation::patient_ethnicity:
        if (how.ethnicity == coarsening::ethnicity_form::five_groups) {
            return word_groups{"ethnicity", "coarsen-ethnicity-5+1"};
        }
        break;
    case derivation::condition_category:
        if (how.tumour == coarsening::tumour_form::common) {
            return word_groups{"tumour", "coarsen-tumour-common"};
        }
        break;
    default:
        break;
    }
    return std::nullopt;
}

std::optional<std::string> group_of(const concept_map* map, std::string_view word) {
    return map == nullptr ? std::nullopt : map->word_for({"", std::string(word)});
}

class record_coarsener {
public:
    record_coarsener(const compiled_definition& definition, const coarsening& how)
        : definition_(definition), how_(how) {}

    value run(value record, const std::map<std::string, std::string>& provider_regions) const {
        if (how_.provider == coarsening::provider_form::region) {
            const auto region = provider_regions.find(std::string(record["provider_org"].text()));
            record.set("provider_org", region == provider_regions.end() ? value{} : value(region->second));
        }
        for (const item& one : definition_.items) {
            value* section = record.find(one.section);
            value* content = section == nullptr || one.name.empty() ? section : section->find(one.name);
            if (content != nullptr) {
                coarsen_item(one, *content);
            }
        }
        return record;
    }

private:
    void coarsen_item(const item& one, value& content) const {
        if (const auto groups = groups_of(one, how_); groups && !content.is_null()) {
            const auto group = group_of(definition_.codes->find_concept_map(groups->map), content.text());
            content = group ? value(*group) : value{};
        }
        switch (one.how) {
        case derivation::patient_ethnicity:
            if (how_.ethnicity == coarsening::ethnicity_form::drop) {
                content = {};
            }
            break;
        case derivation::period:
            if (how_.period == coarsening::period_form::year) {
                content = value(content.text().substr(0, content.text().find('-')));
            }
            break;
        case derivation::sites:
        case derivation::site_count:
        case derivation::session_codes:
            if (how_.levels == coarsening::level_form::region) {
                coarsen_sites(one, content);
            }
            break;
        case derivation::days_since_event:
        case derivation::last_contact:
            coarsen_day(content);
            break;
        case derivation::time_points:
            for (value& row : content.items()) {
                coarsen_row(row);
            }
            break;
        case derivation::adverse_events:
            if (how_.days != coarsening::day_form::exact) {
                coarsen_events(content);
            }
            break;
        default:
            break; // says nothing finer than the settings allow
        }
    }

    // Towards 0: day -8 is -7, day 13 is 7.
    void coarsen_day(value& day) const {
        const std::optional<std::int64_t> exact = day.as_integer();
        if (how_.days == coarsening::day_form::week && exact) {
            day = value(*exact / days_in_week * days_in_week);
        } else if (how_.days == coarsening::day_form::window_only) {
            day = {};
        }
    }

    void coarsen_sites(const item& one, value& content) const {
        const terminology& codes = *definition_.codes;
        if (one.how == derivation::site_count) {
            if (const std::optional<std::int64_t> count = content.as_integer()) {
                content = value(std::min(*count, site_count_max));
            }
            return;
        }
        value kept = value::array();
        for (const value& entry : content.items()) {
            if (one.how == derivation::sites) {
                const std::optional<std::size_t> site = codes.site_index(entry.text());
                const value region = site ? value(codes.sites()[*site].region) : value{};
                if (site && (kept.size() == 0 || !(kept[kept.size() - 1] == region))) { // sites come in order
                    kept.push_back(region);
                }
            } else if (!names_site(one, entry.text())) {
                kept.push_back(entry);
            }
        }
        content = std::move(kept);
    }

    // The record shows a code without its system, which the item's own codes tell.
    bool names_site(const item& one, std::string_view code) const {
        const value_set* site_codes = definition_.codes->find_value_set(site_codes_set);
        if (site_codes == nullptr || site_codes->empty()) {
            return true; // for all that is known
        }
        for (const std::string& name : definition_.codes->code_system_names()) {
            const concept_code candidate = definition_.codes->normalise({name, std::string(code)});
            if (one.codes.contains(candidate) &&
                (site_codes->contains(candidate) || definition_.selection.site_codes.contains(candidate))) {
                return true;
            }
        }
        return false;
    }

    void coarsen_row(value& row) const {
        for (const assessment_block& block : definition_.blocks) {
            value* content = row.find(block.name);
            if (content == nullptr) {
                continue;
            }
            coarsen_member_day(*content, "day");
            if (how_.eq5d5l_profile == coarsening::profile_form::drop) {
                drop_profiles(block, *content);
            }
        }
        if (value* opioid = row.find(definition_.opioid.name)) {
            coarsen_member_day(*opioid, "day");
        }
    }

    static void drop_profiles(const assessment_block& block, value& content) {
        for (const instrument& one : block.instruments) {
            for (const assessment_value& each : one.values) {
                if (each.form == number_form::digits && content.find(each.name) != nullptr) {
                    content.set(each.name, {});
                }
            }
        }
    }

    void coarsen_member_day(value& object, std::string_view name) const {
        if (value* day = object.find(name)) {
            coarsen_day(*day);
        }
    }

    void coarsen_events(value& events) const {
        value merged = value::array();
        for (value& event : events.items()) {
            coarsen_member_day(event, "onset_day");
            const auto same = std::ranges::find_if(merged.items(), [&](const value& other) {
                return other["category"] == event["category"] && other["onset_day"] == event["onset_day"];
            });
            if (same == merged.items().end()) {
                merged.push_back(event);
            } else {
                merge_event(*same, event);
            }
        }
        std::ranges::stable_sort(merged.items(), {}, [](const value& event) {
            return std::pair(event["onset_day"].as_integer().value_or(0), event["category"].text());
        });
        events = std::move(merged);
    }

    void merge_event(value& into, const value& other) const {
        if (other["ctcae_grade"].as_integer().value_or(0) > into["ctcae_grade"].as_integer().value_or(0)) {
            into.set("ctcae_grade", other["ctcae_grade"]);
        }
        const auto rank = [&](const value& event) {
            return std::ranges::find(definition_.safety.relatedness, event["relatedness"].text());
        };
        if (rank(other) < rank(into)) {
            into.set("relatedness", other["relatedness"]);
        }
    }

    const compiled_definition& definition_;
    const coarsening& how_;
};

} // namespace

value coarsened(value record, const compiled_definition& definition, const coarsening& how,
                const std::map<std::string, std::string>& provider_regions) {
    return record_coarsener(definition, how).run(std::move(record), provider_regions);
}

void check_coarsening(const destination_settings& destination, const compiled_definition& definition,
                      yaml::problem_sink& problems) {
    const terminology& codes = *definition.codes;
    const auto lacks = [&](std::string_view setting, const std::string& what) {
        const auto at = destination.coarsen_at.find(setting);
        problems.add(at == destination.coarsen_at.end() ? yaml::position{} : at->second,
                     "to coarsen `" + std::string(setting) + "` so, " + what);
    };
    for (const item& one : definition.items) {
        const std::optional<word_groups> groups = groups_of(one, destination.coarsen);
        if (!groups) {
            continue;
        }
        const std::string map_id(groups->map);
        const concept_map* map = codes.find_concept_map(map_id);
        if (map == nullptr) {
            lacks(groups->setting, "the terminology needs a map `" + map_id + "`");
            continue;
        }
        for (const std::string& word : one.possible_words()) {
            if (!group_of(map, word)) {
                lacks(groups->setting, "the map `" + map_id + "` of the terminology needs a line for `" +
                                           word + "`, a word of " + one.path());
            }
        }
    }
    if (destination.coarsen.levels == coarsening::level_form::region &&
        definition.find(derivation::session_codes) != nullptr) {
        const value_set* site_codes = codes.find_value_set(site_codes_set);
        if (site_codes == nullptr || site_codes->empty()) {
            lacks("levels", "the terminology needs a value set `" + std::string(site_codes_set) +
                                "` with the codes that tell a site");
        }
    }
}

} // namespace auditgate::mapping
