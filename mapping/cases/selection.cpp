#include "mapping/cases/selection.hpp"

#include "mapping/cases/score.hpp"

#include <algorithm>
#include <tuple>

namespace auditgate::mapping {

namespace {

// The date that an observation tells of: its value, when that is a date to the day, else its own.
std::chrono::local_days told_date(const fact& one) {
    const auto& value = one.is->as<observation>()->value;
    const bool is_told = value.kind == value_kind::date && value.time && value.time->has_date();
    return is_told ? value.time->date() : one.date();
}

const fact* latest_event(const case_context& context, const item& rule) {
    const fact* latest = nullptr;
    for (const fact* one : context.observations(rule.codes)) {
        if (!rule.window->holds(context.day_of(told_date(*one))))
            continue;
        if (latest == nullptr || told_date(*one) > told_date(*latest) ||
            (told_date(*one) == told_date(*latest) && is_later(one, latest)))
            latest = one;
    }
    return latest;
}

// Observations of the item in its window, the latest first.
std::vector<const fact*> in_window(const case_context& context, const item& rule) {
    std::vector<const fact*> found = context.observations(rule.codes);
    std::erase_if(found, [&](const fact* one) { return !rule.window->holds(context.day_of(one->date())); });
    std::ranges::sort(found, is_later);
    return found;
}

// Whether there is a value, other than the one that means "not known".
bool says_something(const fact& one, const item& rule, const terminology& codes) {
    const std::vector<std::string> words = value_words(*one.is, codes);
    return one.is->as<observation>()->value.kind != value_kind::absent &&
           std::ranges::find(words, rule.otherwise) == words.end();
}

} // namespace

json_value event_seen(case_context& context, const item& rule) {
    const fact* latest = latest_event(context, rule);
    if (latest == nullptr)
        return word_or_null(rule.otherwise);
    context.explain(rule.path(), "an event in the window", {latest});
    return json_value(rule.words.front());
}

json_value days_since_event(case_context& context, const item& rule) {
    const fact* latest = latest_event(context, rule);
    if (latest == nullptr)
        return {};
    context.explain(rule.path(), "days from the latest event in the window", {latest});
    return json_value(-context.day_of(told_date(*latest)));
}

json_value condition_category(case_context& context, const item& rule) {
    struct candidate {
        std::optional<std::chrono::local_days> date; // none sorts as the earliest
        std::string code, word;
        const fact* from = nullptr;
    };
    std::vector<candidate> found;
    for (const fact* one : context.facts_of<condition>()) {
        for (const concept_code& code : one->codes) {
            const auto category = std::ranges::find_if(
                rule.coded, [&](const coded_word& word) { return word.codes.contains(code); });
            if (category == rule.coded.end())
                continue;
            const auto date = one->has_date() ? std::optional(one->date()) : std::nullopt;
            found.push_back({date, code.code, category->word, one});
        }
    }
    if (found.empty())
        return word_or_null(rule.otherwise);
    const auto latest_date = std::ranges::max(found, {}, &candidate::date).date;
    std::erase_if(found, [&](const candidate& one) { return one.date != latest_date; });
    const candidate& chosen = std::ranges::min(found, {}, &candidate::code);
    const bool several =
        std::ranges::any_of(found, [&](const candidate& one) { return one.word != chosen.word; });
    if (several && !rule.several_flag.empty())
        context.flags.insert(rule.several_flag);
    context.explain(rule.path(), "category of the diagnosis dated last; of one date the lowest code",
                    {chosen.from});
    return json_value(chosen.word);
}

json_value first_code(case_context& context, const item& rule) {
    std::optional<std::size_t> best;
    std::string code_text;
    const fact* from = nullptr;
    for (const fact* one : context.facts_of<condition>()) {
        for (const concept_code& code : one->codes) {
            const auto place = rule.codes.position(code);
            if (place && (!best || std::tie(*place, code.code) < std::tie(*best, code_text))) {
                best = place;
                code_text = code.code;
                from = one;
            }
        }
    }
    if (!best)
        return {};
    context.explain(rule.path(), "the first of the listed codes that was seen", {from});
    return json_value(code_text);
}

json_value latest_word(case_context& context, const item& rule) {
    json_value result = word_or_null(rule.otherwise);
    bool found = false;
    for (const fact* one : in_window(context, rule)) {
        const std::string word = stated_word(*one, rule.words, *context.definition.codes);
        if (word.empty()) {
            if (says_something(*one, rule, *context.definition.codes))
                context.flags.insert("unparsed-value");
        } else if (!found) {
            found = true;
            result = json_value(word);
            context.explain(rule.path(), "latest value in the window", {one});
        }
    }
    return result;
}

json_value latest_number(case_context& context, const item& rule) {
    assessment_value form;
    form.min = rule.bounds.front();
    form.max = rule.bounds.back();
    json_value result;
    for (const fact* one : in_window(context, rule)) {
        const score read = read_score(*one->is, form, context.definition);
        if (!read.flag.empty())
            context.flags.insert(read.flag);
        if (read.usable() && result.is_null()) {
            result = json_value(read.thousandths / 1000);
            context.explain(rule.path(), "latest value in the window", {one});
        }
    }
    return result;
}

json_value earlier_treatments(case_context& context, const item& rule) {
    std::set<std::string> words;
    std::vector<const fact*> used;
    for (const fact* one : context.observations(rule.codes)) {
        const std::string word = stated_word(*one, rule.words, *context.definition.codes);
        if (!word.empty() && context.day_of(one->date()) <= 0) {
            words.insert(word);
            used.push_back(one);
        }
    }
    for (const session& other : context.sessions) {
        if (!rule.repeat_word.empty() && other.date < context.self.date && other.is_completed() &&
            other.shares_site_with(context.self))
            words.insert(rule.repeat_word);
    }
    for (const companion_fact& one : companions(context, false)) {
        if (!rule.companion_word.empty() && one.is->date() < context.self.date) {
            words.insert(rule.companion_word);
            used.push_back(one.is);
        }
    }
    context.explain(rule.path(), "stated, or done before at a treated site", used);
    return sorted_list(words);
}

} // namespace auditgate::mapping
