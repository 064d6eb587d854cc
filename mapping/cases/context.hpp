// What the later stages of cases() work on: one session of one person, and what is found out about its record.
#pragma once

#include "fhir/json.hpp"
#include "mapping/cases/cases.hpp"
#include "mapping/cases/session.hpp"

#include <chrono>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace auditgate::mapping {

using json_value = fhir::json::value;

struct case_context {
    const compiled_definition& definition;
    const patient& who;
    const std::vector<session>& sessions; // all of the person, by date
    const session& self;

    std::set<std::string> flags;
    std::set<std::string> missing;
    std::vector<trace_entry> trace;
    std::set<std::chrono::local_days> changes; // days on which time alone may change the record

    [[nodiscard]] std::int64_t day_of(std::chrono::local_days date) const {
        return (date - self.date).count();
    }
    [[nodiscard]] std::chrono::local_days date_of(std::int64_t day) const {
        return self.date + std::chrono::days(day);
    }
    // Facts that hold and have this payload, in the order of facts.
    template <class payload_type>
    [[nodiscard]] std::vector<const fact*> facts_of() const {
        std::vector<const fact*> result;
        for (const fact& one : who.facts) {
            if (who.holds(one) && one.is->as<payload_type>() != nullptr)
                result.push_back(&one);
        }
        return result;
    }
    // Observations of these codes that hold and have a date.
    [[nodiscard]] std::vector<const fact*> observations(const code_set& codes) const;

    void explain(std::string path, std::string rule, const std::vector<const fact*>& used,
                 const std::vector<const fact*>& beaten = {});
};

// Order of statements about one thing: observed later first, then recorded later, then the lower hash.
[[nodiscard]] bool is_later(const fact* left, const fact* right);

// The first word of the item that the value of an observation is; "" when it is none.
[[nodiscard]] std::string stated_word(const fact& one, const std::vector<std::string>& words,
                                      const terminology& codes);

// Performed procedures that hold the codes of the accompanying procedure (an item of derivation companion), by the word
// they mean. At a site of the session; where either names no site they are left out unless `unknown_site`.
struct companion_fact {
    const fact* is = nullptr;
    std::string word;
};
[[nodiscard]] std::vector<companion_fact> companions(const case_context& context, bool unknown_site);

// The value of an item; nothing for derivations that are filled in later (released, missing, flags) or have a stage of
// their own (time points, adverse events, follow-up).
[[nodiscard]] json_value item_value(case_context& context, const item& rule, const json_value& record);

[[nodiscard]] json_value word_or_null(const std::string& word);
[[nodiscard]] json_value sorted_list(const std::set<std::string>& words);

} // namespace auditgate::mapping
