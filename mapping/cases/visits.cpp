// In which setting the procedure was done: the visits of the person.
#include "mapping/cases/visits.hpp"
#include "mapping/terminology/text.hpp"

#include <algorithm>

namespace auditgate::mapping {

std::string visit_word(const fact& stay, const item& rule) {
    const auto lookup = [&](std::string_view as_sent) {
        const std::string lower = lower_cased(as_sent);
        const auto found =
            std::ranges::find_if(rule.map, [&](const auto& one) { return one.first == lower; });
        return found == rule.map.end() ? std::string() : found->second;
    };
    const visit& said = *stay.is->as<visit>();
    const std::string word = lookup(said.patient_class);
    const bool over_on_first_day =
        stay.has_date() && said.end && said.ended == assertion::given && said.end->date() == stay.date();
    // An admission that was meant to be a day case, and was one.
    if (!word.empty() && over_on_first_day && !said.intended_management.empty()) {
        const std::string intended = lookup(said.intended_management);
        return intended.empty() ? word : intended;
    }
    return word;
}

bool covers(const fact& stay, std::chrono::local_days date, const item& rule) {
    const visit& said = *stay.is->as<visit>();
    if (!stay.has_date() || date < stay.date())
        return false;
    if (said.end && said.ended == assertion::given)
        return date <= said.end->date();
    const bool until_further_notice = !rule.words.empty() && visit_word(stay, rule) == rule.words.front();
    return until_further_notice || date == stay.date();
}

json_value visit_setting(case_context& context, const item& rule) {
    std::vector<const fact*> stays = context.facts_of<visit>();
    std::erase_if(stays, [&](const fact* one) { return visit_word(*one, rule).empty(); });
    std::vector<const fact*> named = stays;
    std::erase_if(named, [&](const fact* one) {
        return std::ranges::none_of(context.self.procedures, [&](const fact* act) {
            return holds_any(context.definition.selection.procedure_codes, act->codes) &&
                   !act->is->visit_number.empty() && act->is->visit_number == one->is->visit_number &&
                   act->is->sender == one->is->sender;
        });
    });
    std::vector<const fact*>& chosen = named;
    if (named.empty()) {
        std::erase_if(stays, [&](const fact* one) { return !covers(*one, context.self.date, rule); });
        chosen = stays;
    }
    for (const std::string& word : rule.words) {
        for (const fact* one : chosen) {
            if (visit_word(*one, rule) == word) {
                context.explain(rule.path(),
                                "the visit that the procedure names, else those that cover the date", {one});
                return json_value(word);
            }
        }
    }
    return word_or_null(rule.otherwise);
}

} // namespace auditgate::mapping
