// The promises of cases() (dataset.md section 1), for facts that contradict each other in every way that hospitals have.
#include "mapping/release/gate.hpp"
#include "tests/property/checking.hpp"

#include <algorithm>
#include <optional>
#include <random>

namespace auditgate::test {
namespace {

using std::chrono::days;
using std::chrono::local_days;

// Everything that is computed of a set, in an order that no order of its messages has a part in.
std::string computed(const std::vector<mapping::event>& events, local_days as_of) {
    std::vector<std::string> texts;
    for (const std::vector<mapping::event>& cluster : clusters(events))
        for (const auto& definition : configuration().mapping->definitions) {
            const mapping::cases_result result = mapping::cases(cluster, *definition, as_of);
            std::string text = definition->dataset;
            if (result.next_change_on)
                text += " changes on " + std::to_string(result.next_change_on->time_since_epoch().count());
            for (const mapping::case_result& one : result.cases)
                text += '\n' + text_of(one);
            texts.push_back(std::move(text));
        }
    std::ranges::sort(texts);
    std::string all;
    for (const std::string& one : texts)
        all += one + '\n';
    return all;
}

// All messages in another order, a part of them twice.
std::vector<mapping::event> shuffled(std::vector<std::string> messages, unsigned seed) {
    std::mt19937 random(seed);
    const std::size_t count = messages.size();
    for (std::size_t i = 0; i < count; ++i)
        if (random() % 3 == 0)
            messages.push_back(messages[i]);
    std::shuffle(messages.begin(), messages.end(), random);
    std::vector<mapping::event> events = events_of(messages);
    if (random() % 2 == 0)
        std::shuffle(events.begin(), events.end(), random);
    return events;
}

TEST(CasesProperty, AreTheSameInAnyOrderAndHoweverOftenAMessageComes) {
    shares happened;
    check_event_sets(150, [&](const event_set& set) {
        const local_days as_of = some_day_of_computing();
        const auto seed = *rc::gen::arbitrary<unsigned>();
        const std::vector<std::string> messages = messages_of(set);
        const std::vector<mapping::event> events = events_of(messages);
        count_what_happens(happened, all_cases(events, as_of));
        const std::string expected = computed(events, as_of);
        for (const unsigned another : {seed, seed + 1})
            RC_ASSERT(computed(shuffled(messages, another), as_of) == expected);
    });
    expect_that_much_happens(happened);
}

// What a destination by consent would do, too.
std::string computed_with_gate(const mapping::cases_result& result, local_days as_of) {
    mapping::destination_settings by_consent;
    by_consent.basis = mapping::legal_basis::consent;
    by_consent.consent_assumed = true;
    std::string text;
    for (const mapping::case_result& one : result.cases) {
        const mapping::gate_verdict verdict =
            mapping::ask_gate(mapping::gate_facts_of(one), by_consent, {}, as_of);
        text += text_of(one) + verdict.reason + std::to_string(static_cast<int>(verdict.state)) + '\n';
    }
    return text;
}

TEST(CasesProperty, DoNotChangeByTimeAloneBeforeTheDayThatIsTold) {
    constexpr int days_looked_at = 90; // where no change is told, or one that lies further ahead
    shares happened;
    int told = 0, changed = 0;
    check_event_sets(45, [&](const event_set& set) {
        const local_days from = some_day_of_computing();
        const std::vector<mapping::event> events = events_of(messages_of(set));
        count_what_happens(happened, all_cases(events, from));
        for (const std::vector<mapping::event>& cluster : clusters(events)) {
            const mapping::compiled_definition& definition = *configuration().mapping->definitions.front();
            const mapping::cases_result first = mapping::cases(cluster, definition, from);
            const std::string expected = computed_with_gate(first, from);
            const local_days until =
                std::min(first.next_change_on.value_or(local_days::max()), from + days(days_looked_at));
            RC_ASSERT(until > from);
            for (local_days day = from + days(1); day < until; day += days(1)) {
                const mapping::cases_result later = mapping::cases(cluster, definition, day);
                RC_ASSERT(computed_with_gate(later, day) == expected);
                RC_ASSERT(later.next_change_on == first.next_change_on);
            }
            if (first.cases.empty() || first.next_change_on != until)
                continue;
            ++told;
            const mapping::cases_result then = mapping::cases(cluster, definition, until);
            changed += computed_with_gate(then, until) == expected ? 0 : 1;
        }
    });
    if (HasFatalFailure())
        return;
    expect_that_much_happens(happened);
    std::cout << "  of " << told << " days told, the cases changed on " << changed << '\n';
    EXPECT_GT(told, 0);
    EXPECT_GE(changed * 100, told * 10)
        << "a day on which nothing ever changes costs a computation for nothing";
}

} // namespace
} // namespace auditgate::test
