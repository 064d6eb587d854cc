#include "mapping/cases/follow_up.hpp"
#include "mapping/cases/efficacy.hpp"
#include "mapping/cases/reading.hpp"
#include "mapping/cases/safety.hpp"

namespace auditgate::mapping {

std::optional<std::int64_t> last_contact_day(const case_context& context) {
    std::optional<std::chrono::local_days> latest;
    const auto see = [&](std::chrono::local_days date) {
        if (date <= context.who.as_of && (!latest || date > *latest))
            latest = date;
    };
    for (const fact& one : context.who.facts) {
        if (one.is_void || !is_read(context, one))
            continue;
        const auto* act = one.is->as<procedure>();
        if (act != nullptr && act->status == performance::not_done)
            continue;
        const auto* drug = one.is->as<medication>();
        if (drug != nullptr && drug->status == medication_status::cancelled)
            continue;
        if (one.has_date())
            see(one.date());
        if (const auto* stay = one.is->as<visit>();
            stay != nullptr && stay->ended == assertion::given && stay->end)
            see(stay->end->date());
        if (const auto onset = stated_onset(one, context.definition))
            see(onset->date());
    }
    if (!latest)
        return std::nullopt;
    return context.day_of(*latest);
}

json_value adverse_occurred(const case_context& context, const item& rule, bool any_event) {
    if (any_event)
        return json_value(rule.words.front());
    const auto contact = last_contact_day(context);
    const bool seen_late = contact && *contact >= context.definition.safety.occurred_from_day;
    return word_or_null(seen_late ? rule.words.back() : rule.otherwise);
}

json_value follow_up_status(case_context& context, const item& rule) {
    enum word : std::size_t { withdrawn, died, complete, active, words_count };
    if (rule.words.size() != words_count)
        return {};
    const follow_up_rules& rules = context.definition.follow_up;
    const auto complete_on = context.date_of(rules.complete_after_day + 1);
    context.changes.insert(complete_on);
    if (withdrawal_date(context))
        return json_value(rule.words[withdrawn]);
    if (context.who.details.died)
        return json_value(rule.words[died]);
    const fact* latest = nullptr;
    for (const fact* one : context.observations(rules.stated_status)) {
        if (one->date() >= context.self.date && (latest == nullptr || is_later(one, latest)))
            latest = one;
    }
    if (latest != nullptr) {
        const std::string stated = stated_word(*latest, rules.ending_words, *context.definition.codes);
        context.explain(rule.path(), "latest stated status", {latest});
        if (!stated.empty())
            return json_value(stated);
    }
    return json_value(rule.words[context.who.as_of >= complete_on ? complete : active]);
}

json_value death_band(const case_context& context, const item& rule) {
    const person_details& details = context.who.details;
    if (!details.died || !details.died_on_stated)
        return {};
    const std::int64_t day = context.day_of(*details.died_on);
    std::int64_t from = 0;
    if (day < from)
        return {};
    for (const int last : rule.bounds) {
        if (day <= last)
            return json_value(std::to_string(from) + '-' + std::to_string(last));
        from = last + 1;
    }
    return json_value('>' + std::to_string(from - 1));
}

json_value subsequent_treatments(case_context& context, const item& rule) {
    std::set<std::string> words;
    std::vector<const fact*> used;
    for (const fact* one : context.observations(rule.codes)) {
        const std::string word = stated_word(*one, rule.words, *context.definition.codes);
        if (!word.empty() && rule.window->holds(context.day_of(one->date()))) {
            words.insert(word);
            used.push_back(one);
        }
    }
    for (const companion_fact& one : companions(context, true)) {
        const std::int64_t day = context.day_of(one.is->date());
        if (!rule.companion_word.empty() && day >= rule.days_min && rule.window->holds(day)) {
            words.insert(rule.companion_word);
            used.push_back(one.is);
        }
    }
    for (const session& other : context.sessions) {
        if (!rule.repeat_word.empty() && other.is_completed() &&
            rule.window->holds(context.day_of(other.date)) && other.shares_site_with(context.self))
            words.insert(rule.repeat_word);
    }
    context.explain(rule.path(), "stated, or done at a treated site", used);
    return sorted_list(words);
}

} // namespace auditgate::mapping
