// In which setting the procedure was done: the visits of the person.
#include "mapping/cases/visits.hpp"
#include "mapping/terminology/text.hpp"

#include <algorithm>

namespace auditgate::mapping {

namespace {

std::string word_of(std::string_view as_sent, const item& rule) {
    const std::string lower = lower_cased(as_sent);
    const auto found = std::ranges::find_if(rule.map, [&](const auto& one) { return one.first == lower; });
    return found == rule.map.end() ? std::string() : found->second;
}

// The preferred setting, an inpatient stay.
bool is_preferred(const std::string& word, const item& rule) {
    return !rule.words.empty() && word == rule.words.front();
}

} // namespace

std::string visit_class(const fact& stay, const item& rule) {
    return word_of(stay.is->as<visit>()->patient_class, rule);
}

std::string visit_word(const fact& stay, const item& rule, std::chrono::local_days procedure_date) {
    const visit& said = *stay.is->as<visit>();
    std::string word = visit_class(stay, rule);
    const bool over_that_day =
        said.end && said.ended == assertion::given && said.end->date() == procedure_date;
    if (!is_preferred(word, rule) || !over_that_day)
        return word;
    // An admission that was meant to be a day case, and was one.
    const std::string intended = word_of(said.intended_management, rule);
    return intended.empty() ? word : intended;
}

bool covers(const fact& stay, std::chrono::local_days date, const item& rule) {
    const visit& said = *stay.is->as<visit>();
    if (!stay.has_date() || date < stay.date())
        return false;
    if (said.end && said.ended == assertion::given)
        return date <= said.end->date();
    return is_preferred(visit_class(stay, rule), rule) || date == stay.date();
}

json_value visit_setting(case_context& context, const item& rule) {
    std::vector<const fact*> stays = context.facts_of<visit>();
    std::erase_if(stays, [&](const fact* one) { return visit_class(*one, rule).empty(); });
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
            if (visit_word(*one, rule, context.self.date) == word) {
                context.explain(rule.path(),
                                "the visit that the procedure names, else those that cover the date", {one});
                return json_value(word);
            }
        }
    }
    return word_or_null(rule.otherwise);
}

} // namespace auditgate::mapping
