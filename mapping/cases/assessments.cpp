#include "mapping/cases/assessments.hpp"

#include <algorithm>
#include <cstdlib>
#include <tuple>

namespace auditgate::mapping {

namespace {

bool in_any_window(const case_context& context, std::int64_t day) {
    return std::ranges::any_of(context.definition.time_points,
                               [&](const time_point& one) { return one.window.holds(day); });
}

// Usable values of one instrument at one instant, before one is taken for each name.
struct at_one_instant {
    std::map<std::string, std::vector<assessment_reading>> values;
    std::map<std::string, std::map<concept_code, assessment_reading>>
        parts; // by name of the value that they make up
    const fact* any = nullptr;
};

// Questionnaire before clinic before ward, then the lower value, then the lower hash.
bool is_preferred(const assessment_reading& left, const assessment_reading& right) {
    const auto source = [](const assessment_reading& one) { return one.from->is->as<observation>()->source; };
    if (source(left) != source(right))
        return source(left) < source(right);
    if (left.value.thousandths != right.value.thousandths)
        return left.value.thousandths < right.value.thousandths;
    return content_hash(*left.from->is) < content_hash(*right.from->is);
}

// The mean of the answered parts, half up to one decimal.
std::optional<assessment_reading> mean_of(const std::map<concept_code, assessment_reading>& parts,
                                          int parts_min) {
    constexpr std::int64_t tenth = 100; // in thousandths
    const auto count = static_cast<std::int64_t>(parts.size());
    if (count < parts_min)
        return std::nullopt;
    std::int64_t sum = 0;
    for (const auto& [code, one] : parts)
        sum += one.value.thousandths;
    assessment_reading result = parts.begin()->second;
    result.value.thousandths = (2 * sum / tenth + count) / (2 * count) * tenth;
    return result;
}

void read_into(case_context& context, const assessment_value& form, const fact& one, at_one_instant& to) {
    const bool direct = holds_any(form.codes, one.codes);
    const bool part = !direct && holds_any(form.part_codes, one.codes);
    if (!direct && !part)
        return;
    assessment_value read_as = form;
    if (part)
        read_as.form = number_form::integer;
    const score value = read_score(*one.is, read_as, context.definition);
    if (!value.flag.empty() && in_any_window(context, context.day_of(one.date())))
        context.flags.insert(value.flag);
    if (!value.usable())
        return;
    to.any = &one;
    const assessment_reading reading{value, &one};
    if (direct) {
        to.values[form.name].push_back(reading);
        return;
    }
    for (const concept_code& code : one.codes) {
        if (!form.part_codes.contains(code))
            continue;
        const auto [found, is_new] = to.parts[form.name].try_emplace(code, reading);
        if (!is_new && is_preferred(reading, found->second))
            found->second = reading;
        break;
    }
}

} // namespace

std::vector<assessment> find_assessments(case_context& context, const assessment_block& block,
                                         std::optional<std::chrono::local_days> before) {
    std::vector<assessment> result;
    std::map<recorded_time, std::vector<std::int64_t>> leading_values; // of any instrument
    for (std::size_t place = 0; place < block.instruments.size(); ++place) {
        const instrument& kind = block.instruments[place];
        std::map<recorded_time, at_one_instant> instants;
        for (const fact* one : context.facts_of<observation>()) {
            if (!one->has_date() || (before && one->date() >= *before))
                continue;
            at_one_instant here;
            for (const assessment_value& form : kind.values)
                read_into(context, form, *one, instants[one->is->when->instant]);
        }
        for (auto& [instant, here] : instants) {
            if (here.any == nullptr)
                continue;
            assessment made{
                place, instant, context.day_of(here.any->date()), here.any->is->when->has_time(), {}};
            for (auto& [name, readings] : here.values) {
                made.values[name] = *std::ranges::min_element(readings, is_preferred);
                if (name == block.leading && in_any_window(context, made.day)) {
                    for (const assessment_reading& one : readings)
                        leading_values[instant].push_back(one.value.thousandths);
                }
            }
            for (const assessment_value& form : kind.values) {
                if (made.values.contains(form.name))
                    continue;
                if (auto mean = mean_of(here.parts[form.name], std::max(form.parts_min, 1)))
                    made.values[form.name] = *mean;
            }
            if (!made.values.empty())
                result.push_back(std::move(made));
        }
    }
    constexpr std::int64_t thousand = 1000;
    for (const auto& [instant, values] : leading_values) {
        if (block.conflict_difference &&
            std::ranges::max(values) - std::ranges::min(values) >= *block.conflict_difference * thousand)
            context.flags.insert("conflict");
    }
    return result;
}

const assessment* choose_assessment(const case_context& context, const assessment_block& block,
                                    const std::vector<assessment>& all, const time_point& at,
                                    std::optional<std::size_t> preferred) {
    const compiled_definition& definition = context.definition;
    const bool is_baseline = definition.baseline && &at == &definition.time_points[*definition.baseline];
    std::vector<const assessment*> eligible;
    for (const assessment& one : all) {
        if (!at.window.holds(one.day))
            continue;
        // On the day itself only what is known to have been before the start.
        const bool before_start =
            one.day < 0 || (one.has_time && context.self.start && one.instant < *context.self.start);
        if (!is_baseline || before_start)
            eligible.push_back(&one);
    }
    if (eligible.empty())
        return nullptr;

    const auto has = [&](std::size_t instrument, bool leading) {
        return std::ranges::any_of(eligible, [&](const assessment* one) {
            return one->instrument == instrument && (!leading || one->values.contains(block.leading));
        });
    };
    const auto first_with = [&](bool leading) -> std::optional<std::size_t> {
        for (std::size_t place = 0; place < block.instruments.size(); ++place) {
            if (has(place, leading))
                return place;
        }
        return std::nullopt;
    };
    std::optional<std::size_t> chosen;
    if (preferred && has(*preferred, false))
        chosen = preferred;
    if (!chosen && !block.leading.empty())
        chosen = first_with(true);
    if (!chosen)
        chosen = first_with(false);
    std::erase_if(eligible, [&](const assessment* one) { return one->instrument != *chosen; });

    return *std::ranges::min_element(eligible, [&](const assessment* left, const assessment* right) {
        const auto distance = [&](const assessment* one) {
            return is_baseline ? 0 : std::abs(one->day - at.nominal_day);
        };
        return std::make_tuple(distance(left), right->instant) <
               std::make_tuple(distance(right), left->instant);
    });
}

} // namespace auditgate::mapping
