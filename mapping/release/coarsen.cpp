#include "mapping/release/coarsen.hpp"

#include <algorithm>
#include <optional>

namespace auditgate::mapping {
namespace {

using fhir::json::value;

constexpr std::string_view site_codes_set = "site-codes";
constexpr std::int64_t days_in_week = 7;
constexpr std::int64_t site_count_max = 4;

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
        switch (one.how) {
        case derivation::age_band:
            if (how_.age == coarsening::age_form::twenty_years) {
                group_word(content, "coarsen-age-20");
            }
            break;
        case derivation::patient_sex:
            if (how_.sex == coarsening::sex_form::binary_or_unknown) {
                group_word(content, "coarsen-sex-binary-or-unknown");
            }
            break;
        case derivation::patient_ethnicity:
            if (how_.ethnicity == coarsening::ethnicity_form::five_groups) {
                group_word(content, "coarsen-ethnicity-5+1");
            } else if (how_.ethnicity == coarsening::ethnicity_form::drop) {
                content = {};
            }
            break;
        case derivation::condition_category:
            if (how_.tumour == coarsening::tumour_form::common) {
                group_word(content, "coarsen-tumour-common");
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

    // A word that the map does not name stays as it is.
    void group_word(value& word, std::string_view map_id) const {
        const concept_map* map = definition_.codes->find_concept_map(map_id);
        if (map == nullptr || word.is_null()) {
            return;
        }
        if (const std::optional<std::string> group = map->word_for({"", std::string(word.text())})) {
            word = value(*group);
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
        const value_set* site_codes = codes.find_value_set(site_codes_set);
        for (const value& entry : content.items()) {
            if (one.how == derivation::sites) {
                const std::optional<std::size_t> site = codes.site_index(entry.text());
                const value region = site ? value(codes.sites()[*site].region) : value{};
                if (site && (kept.size() == 0 || !(kept[kept.size() - 1] == region))) { // sites come in order
                    kept.push_back(region);
                }
            } else if (site_codes == nullptr || !names_site(*site_codes, one, entry.text())) {
                kept.push_back(entry);
            }
        }
        content = std::move(kept);
    }

    // The record shows a code without its system, which the item's own codes tell.
    bool names_site(const value_set& site_codes, const item& one, std::string_view code) const {
        for (const std::string& name : definition_.codes->code_system_names()) {
            const concept_code candidate = definition_.codes->normalise({name, std::string(code)});
            if (one.codes.contains(candidate) && site_codes.contains(candidate)) {
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

} // namespace auditgate::mapping
