#include "mapping/cases/context.hpp"

#include <algorithm>
#include <utility>

namespace auditgate::mapping {

namespace {

std::vector<std::string> messages_of(const std::vector<const fact*>& facts) {
    std::set<std::string> result;
    for (const fact* one : facts)
        result.insert(one->is->message);
    return {result.begin(), result.end()};
}

} // namespace

std::vector<const fact*> case_context::observations(const code_set& codes) const {
    std::vector<const fact*> result = facts_of<observation>();
    std::erase_if(result, [&](const fact* one) { return !one->has_date() || !holds_any(codes, one->codes); });
    return result;
}

void case_context::explain(std::string path, std::string rule, const std::vector<const fact*>& used,
                           const std::vector<const fact*>& beaten) {
    if (!used.empty())
        trace.push_back({std::move(path), std::move(rule), messages_of(used), messages_of(beaten)});
}

bool is_later(const fact* left, const fact* right) {
    if (left->is->when->instant != right->is->when->instant)
        return left->is->when->instant > right->is->when->instant;
    if (left->is->recorded != right->is->recorded)
        return left->is->recorded > right->is->recorded;
    return content_hash(*left->is) < content_hash(*right->is);
}

std::string stated_word(const fact& one, const std::vector<std::string>& words, const terminology& codes) {
    for (const std::string& said : value_words(*one.is, codes)) {
        if (std::ranges::find(words, said) != words.end())
            return said;
    }
    return {};
}

std::vector<companion_fact> companions(const case_context& context, bool unknown_site) {
    std::vector<companion_fact> result;
    const item* rule = context.definition.find(derivation::companion);
    if (rule == nullptr)
        return result;
    for (const fact* one : context.facts_of<procedure>()) {
        const procedure& act = *one->is->as<procedure>();
        if (act.status == performance::not_done || !one->has_date())
            continue;
        const std::set<std::size_t> at = sites_of(*one, *context.definition.codes);
        const bool here =
            std::ranges::any_of(at, [&](std::size_t site) { return context.self.sites.contains(site); });
        const bool unknown = at.empty() || context.self.sites.empty();
        if (!here && !(unknown && unknown_site))
            continue;
        for (const coded_word& kind : rule->coded) {
            if (holds_any(kind.codes, one->codes))
                result.push_back({one, kind.word});
        }
    }
    return result;
}

json_value word_or_null(const std::string& word) {
    return word.empty() ? json_value() : json_value(word);
}

json_value sorted_list(const std::set<std::string>& words) {
    json_value result = json_value::array();
    for (const std::string& word : words)
        result.push_back(json_value(word));
    return result;
}

} // namespace auditgate::mapping
