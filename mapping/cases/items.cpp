// Items that the session itself gives, and which function gives each item (dataset.md section 3).
#include "mapping/cases/context.hpp"
#include "mapping/cases/selection.hpp"
#include "mapping/cases/visits.hpp"

#include <algorithm>
#include <tuple>

namespace auditgate::mapping {

namespace {

// ---- patient -------------------------------------------------------------------------------------------------------

json_value age_band(const case_context& context, const item& rule) {
    const auto& born = context.who.details.birth_date;
    if (!born || !born->has_date())
        return {};
    const int age = years_between(born->date(), context.self.date);
    const auto above = std::ranges::upper_bound(rule.bounds, age);
    if (above == rule.bounds.begin())
        return {};
    return json_value(rule.age_band_word(static_cast<std::size_t>(above - rule.bounds.begin()) - 1));
}

// ---- procedure -----------------------------------------------------------------------------------------------------

json_value period(const case_context& context) {
    const std::chrono::year_month_day date(context.self.date);
    const unsigned quarter = (static_cast<unsigned>(date.month()) + 2) / 3;
    return json_value(std::to_string(static_cast<int>(date.year())) + "-Q" + std::to_string(quarter));
}

json_value session_codes(const case_context& context, const item& rule) {
    std::set<std::string> result;
    for (const concept_code& code : context.self.codes) {
        if (rule.codes.contains(code))
            result.insert(code.code);
    }
    return sorted_list(result);
}

json_value sequence(const case_context& context, const item& rule) {
    enum word : std::size_t { index, repeat_same_site, staged, new_site, words_count };
    if (!context.self.is_completed() || rule.words.size() != words_count)
        return {};
    const session* previous = nullptr;
    bool same_site = false;
    for (const session& other : context.sessions) {
        if (!other.is_completed() || other.date >= context.self.date)
            continue;
        previous = &other;
        same_site = same_site || other.shares_site_with(context.self);
    }
    std::size_t which = new_site;
    if (previous == nullptr)
        which = index;
    else if (same_site)
        which = repeat_same_site;
    else if (context.self.date - previous->date <= std::chrono::days(rule.days_max))
        which = staged;
    return json_value(rule.words[which]);
}

json_value site_list(case_context& context, const item& rule) {
    json_value result = json_value::array();
    for (const std::size_t site : context.self.sites)
        result.push_back(json_value(context.definition.codes->sites()[site].id));
    std::vector<const fact*> used = context.self.procedures;
    used.insert(used.end(), context.self.stated_sites.begin(), context.self.stated_sites.end());
    context.explain(rule.path(), "all sites named on the date", used);
    return result;
}

struct session_words_found {
    std::vector<std::pair<std::string, const fact*>> stated; // the latest first
    std::vector<std::string> coded;                          // in the order of the item's words
};

session_words_found words_of_session(const case_context& context, const item& rule) {
    session_words_found result;
    std::vector<const fact*> stated = context.observations(rule.codes);
    std::erase_if(stated, [&](const fact* one) { return one->date() != context.self.date; });
    for (const fact* one : stated) {
        const std::string word = stated_word(*one, rule.words, *context.definition.codes);
        if (!word.empty())
            result.stated.emplace_back(word, one);
    }
    std::ranges::sort(result.stated, [](const auto& left, const auto& right) {
        if (left.second->is->when->instant != right.second->is->when->instant)
            return left.second->is->when->instant > right.second->is->when->instant;
        if (left.second->is->recorded != right.second->is->recorded)
            return left.second->is->recorded > right.second->is->recorded;
        return left.first < right.first;
    });
    for (const std::string& word : rule.words) {
        const auto coded = std::ranges::find(rule.coded, word, &coded_word::word);
        if (coded != rule.coded.end() && holds_any(coded->codes, context.self.codes))
            result.coded.push_back(word);
    }
    return result;
}

json_value session_word(case_context& context, const item& rule) {
    const session_words_found found = words_of_session(context, rule);
    std::set<std::string> different(found.coded.begin(), found.coded.end());
    std::vector<const fact*> beaten;
    for (const auto& [word, from] : found.stated) {
        different.insert(word);
        if (word != found.stated.front().first)
            beaten.push_back(from);
    }
    if (rule.conflict_flag && different.size() > 1)
        context.flags.insert("conflict");
    if (!found.stated.empty()) {
        context.explain(rule.path(),
                        "stated on the date: observed last, then recorded last, then the lowest word",
                        {found.stated.front().second}, beaten);
        return json_value(found.stated.front().first);
    }
    if (!found.coded.empty()) {
        context.explain(rule.path(), "by the codes of the session", context.self.procedures);
        return json_value(found.coded.front());
    }
    return word_or_null(rule.otherwise);
}

std::set<std::string> all_session_words(case_context& context, const item& rule) {
    const session_words_found found = words_of_session(context, rule);
    std::set<std::string> result(found.coded.begin(), found.coded.end());
    std::vector<const fact*> used;
    for (const auto& [word, from] : found.stated) {
        result.insert(word);
        used.push_back(from);
    }
    context.explain(rule.path(), "stated or coded on the date", used);
    return result;
}

json_value session_first_word(case_context& context, const item& rule) {
    const std::set<std::string> seen = all_session_words(context, rule);
    const auto first =
        std::ranges::find_if(rule.words, [&](const std::string& word) { return seen.contains(word); });
    return word_or_null(first == rule.words.end() ? rule.otherwise : *first);
}

json_value companion(case_context& context, const item& rule) {
    const session_words_found found = words_of_session(context, rule);
    std::vector<companion_fact> coded = companions(context, true);
    std::erase_if(coded, [&](const companion_fact& one) {
        return !rule.window->holds(context.day_of(one.is->date()));
    });
    std::string by_code;
    std::vector<const fact*> by_code_facts;
    for (const std::string& word : rule.words) {
        for (const companion_fact& one : coded) {
            if (one.word != word || (!by_code.empty() && by_code != word))
                continue;
            by_code = word;
            by_code_facts.push_back(one.is);
        }
    }
    if (!found.stated.empty()) {
        const std::string& stated = found.stated.front().first;
        const bool differ =
            std::ranges::any_of(found.stated, [&](const auto& one) { return one.first != stated; }) ||
            std::ranges::any_of(coded, [&](const companion_fact& one) { return one.word != stated; });
        if (differ)
            context.flags.insert("conflict");
        context.explain(rule.path(), "stated on the date, which beats codes", {found.stated.front().second},
                        by_code_facts);
        return json_value(stated);
    }
    if (!by_code.empty()) {
        context.explain(rule.path(), "a code at a treated or unknown site in the window", by_code_facts);
        return json_value(by_code);
    }
    if (holds_any(rule.complete_codes, context.self.codes)) {
        context.explain(rule.path(), "a complete set of codes without such a procedure",
                        context.self.procedures);
        return json_value(rule.words.front());
    }
    return word_or_null(rule.otherwise);
}

json_value equals(const item& rule, const json_value& record) {
    const std::size_t dot = rule.of.find('.');
    const std::string_view value = record[rule.of.substr(0, dot)][rule.of.substr(dot + 1)].text();
    if (value == rule.otherwise)
        return {};
    return json_value(value == rule.words.front());
}

} // namespace

json_value item_value(case_context& context, const item& rule, const json_value& record) {
    switch (rule.how) {
    case derivation::age_band:
        return age_band(context, rule);
    case derivation::patient_sex:
        return word_or_null(context.who.details.sex.empty() ? rule.otherwise : context.who.details.sex);
    case derivation::patient_ethnicity:
        return word_or_null(context.who.details.ethnicity);
    case derivation::event_seen:
        return event_seen(context, rule);
    case derivation::days_since_event:
        return days_since_event(context, rule);
    case derivation::condition_category:
        return condition_category(context, rule);
    case derivation::first_code:
        return first_code(context, rule);
    case derivation::latest_word:
        return latest_word(context, rule);
    case derivation::latest_number:
        return latest_number(context, rule);
    case derivation::earlier_treatments:
        return earlier_treatments(context, rule);
    case derivation::status:
        context.explain(rule.path(), "stopped if one source says so, else completed",
                        context.self.status_facts);
        return json_value(context.self.status == session_status::stopped ? "stopped" : "completed");
    case derivation::period:
        return period(context);
    case derivation::session_codes:
        return session_codes(context, rule);
    case derivation::sequence:
        return sequence(context, rule);
    case derivation::sites:
        return site_list(context, rule);
    case derivation::site_count:
        return json_value(static_cast<std::int64_t>(context.self.sites.size()));
    case derivation::session_word:
        return session_word(context, rule);
    case derivation::session_first_word:
        return session_first_word(context, rule);
    case derivation::session_words:
        return sorted_list(all_session_words(context, rule));
    case derivation::visit_setting:
        return visit_setting(context, rule);
    case derivation::companion:
        return companion(context, rule);
    case derivation::equals:
        return equals(rule, record);
    default:
        return {};
    }
}

} // namespace auditgate::mapping
