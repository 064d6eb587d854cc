#include "mapping/cases/retention.hpp"
#include "tests/unit/mapping/cases_support.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <set>

namespace auditgate::mapping::test {
namespace {

using std::chrono::days;
using std::chrono::local_days;

const local_days procedure_day = day(2026, 3, 6);
const local_days long_ago = day(2020, 1, 1); // when everything of a test arrived, unless it says otherwise

retention_result needed(const std::vector<event>& events, local_days as_of,
                        local_days received_on = long_ago) {
    const std::vector<local_days> received(events.size(), received_on);
    const std::vector<std::shared_ptr<const compiled_definition>> definitions{shipped_definition()};
    return needed_events(events, received, definitions, as_of);
}

// The first day on which the last of the events is no longer needed, found by trying.
std::int64_t days_kept(const std::vector<event>& events, local_days from) {
    std::int64_t kept = 0;
    while (kept < 4'000 && needed(events, from + days(kept)).kept.back())
        ++kept;
    return kept;
}

message said_on(local_days date) {
    return message(at(date));
}

event_payload condition_of(const std::string& code) {
    condition found;
    found.codes = {{"I10", code}};
    return found;
}

event_payload morphine(order_end ended, std::optional<event_time> end = {}) {
    medication drug;
    drug.drug = {{"ATC", "N02AA01"}};
    drug.ended = ended;
    drug.end = end;
    return drug;
}

TEST(Retention, KeepsEachKindOfFactForItsLookBack) {
    const local_days date = day(2026, 1, 5);
    struct row {
        const char* what;
        event_payload payload;
        std::int64_t days_kept; // from its date on: the look-back and the day itself
    };
    observation score;
    score.codes = {{"L", "PAIN-NRS"}};
    observation prior;
    prior.codes = {{"L", "PRIOR-TREATMENT"}};
    observation meeting;
    meeting.codes = {{"L", "MDT-DATE"}};
    meeting.value.time = at(date + days(10));
    medication paracetamol;
    paracetamol.drug = {{"ATC", "N02BE01"}};
    visit stay;
    stay.patient_class = "I";
    stay.ended = assertion::given;
    stay.end = at(date + days(5));
    for (const row& one :
         {row{"a score", score, 181}, row{"a prior treatment", prior, 1827},
          row{"a date that an observation tells", meeting, 191}, row{"a tumour", condition_of("C50.9"), 1827},
          row{"a metastasis", condition_of("C79.5"), 1827},
          row{"a benign tumour", condition_of("D16.6"), 1827},
          row{"another diagnosis", condition_of("J18.9"), 181},
          row{"an order that has ended", morphine(order_end::given, at(date + days(20))), 201},
          row{"an order without an end", morphine(order_end::absent), 1827},
          row{"another drug", paracetamol, 181}, row{"a visit", stay, 186},
          row{"an operation", procedure{{{"OPCS4", "V48.2"}}, performance::as_coded, {}, {}, {}}, 181},
          row{"a cement operation", procedure{{{"OPCS4", "V44.4"}}, performance::as_coded, {}, {}, {}},
              1827}})
        EXPECT_EQ(days_kept(said_on(date).add("x", at(date), one.payload).events, date), one.days_kept)
            << one.what;
}

TEST(Retention, KeepsWhatHasJustComeWhateverItsDate) {
    const auto old = said_on(day(2020, 5, 1)).score("PAIN-NRS", at(day(2020, 5, 1)), "7").events;
    const local_days arrival = day(2026, 1, 5);
    const auto fresh = needed(old, arrival + days(29), arrival);
    EXPECT_TRUE(fresh.kept.front());
    EXPECT_EQ(fresh.next_on, arrival + days(30));
    EXPECT_FALSE(needed(old, arrival + days(30), arrival).kept.front());
}

// The patient of an operation, with facts of long before it.
std::vector<event> patient_of_old_facts(message about_procedure) {
    return together({said_on(day(2019, 1, 8)).born(day(1960, 4, 1)),
                     said_on(day(2019, 1, 9)).add("c1", at(day(2019, 1, 9)), condition_of("C50.9")),
                     said_on(day(2024, 5, 1)).add("c2", at(day(2024, 5, 1)), condition_of("G95.2")),
                     said_on(day(2026, 3, 1)).score("PAIN-NRS", at(day(2026, 3, 1)), "8"),
                     std::move(about_procedure)});
}

TEST(Retention, KeepsAllThatAnOpenCaseReadsUntilItIsClosed) {
    const auto events = patient_of_old_facts(said_on(procedure_day).ablation(at(procedure_day)));
    const local_days closed = procedure_day + days(shipped_definition()->closing_day());
    for (const local_days date : {procedure_day, procedure_day + days(181), closed - days(1)}) {
        const auto result = needed(events, date);
        EXPECT_EQ(std::ranges::count(result.kept, true), 5) << (date - procedure_day).count();
        EXPECT_EQ(result.next_on, closed);
    }
    EXPECT_EQ(std::ranges::count(needed(events, closed).kept, true), 0);
    EXPECT_EQ(closed - procedure_day, days(510));
}

TEST(Retention, LetsGoOfOldFactsThatNoDefinitionReadsBesideAnOpenCase) {
    auto events = patient_of_old_facts(said_on(procedure_day).ablation(at(procedure_day)));
    const auto blood_count = said_on(day(2025, 1, 5)).score("HB", at(day(2025, 1, 5)), "130").events;
    const auto fresh_count = said_on(day(2026, 2, 5)).score("HB", at(day(2026, 2, 5)), "120").events;
    events.push_back(blood_count.front());
    events.push_back(fresh_count.front());
    const auto kept = needed(events, procedure_day + days(400)).kept;
    EXPECT_FALSE(kept[5]) << "older than its look-back from the operation";
    EXPECT_TRUE(kept[6]);
}

TEST(Retention, DoesNotHoldFactsForOperationsThatCanNeverCount) {
    const auto events =
        patient_of_old_facts(said_on(procedure_day)
                                 .ablation(at(procedure_day))
                                 .add("Procedure/2", at(procedure_day),
                                      procedure{{{"OPCS4", "V48.2"}}, performance::completed, {}, {}, {}}));
    EXPECT_EQ(std::ranges::count(needed(events, procedure_day + days(181)).kept, true), 0);
}

TEST(Retention, KeepsTheVersionsOfAFactTogether) {
    // Corrected to a date of long ago: without the correction the first version would come back to life.
    observation first;
    first.codes = {{"L", "PAIN-NRS"}};
    const auto events =
        together({said_on(day(2026, 1, 5)).add("o1", at(day(2026, 1, 5)), first),
                  said_on(day(2026, 1, 6)).add("o1", at(day(2024, 1, 5)), first, version_status::corrected)});
    const local_days inside = day(2026, 1, 5) + days(180);
    EXPECT_EQ(needed(events, inside).kept, (std::vector<bool>{true, true}));
    EXPECT_EQ(needed(events, inside + days(1)).kept, (std::vector<bool>{false, false}));
}

TEST(Retention, KeepsTheCancelledVisitOfWhatItVoids) {
    visit cancelled;
    cancelled.cancelled = assertion::given;
    auto events = together({said_on(day(2025, 1, 5)).add("v", at(day(2025, 1, 5)), cancelled),
                            said_on(day(2026, 1, 5)).score("PAIN-NRS", at(day(2026, 1, 5)), "7")});
    events[0].visit_number = events[1].visit_number = "V1";
    EXPECT_EQ(needed(events, day(2026, 2, 1)).kept, (std::vector<bool>{true, true}));
    events[1].visit_number = "V2";
    EXPECT_EQ(needed(events, day(2026, 2, 1)).kept, (std::vector<bool>{false, true}));
}

TEST(Retention, KeepsWhoThePatientIsAsLongAsAnythingElse) {
    const auto person = said_on(day(2024, 1, 5)).of({"nhs|9000014565", "local|RXX|H1"}).born(day(1960, 4, 1));
    const auto tumour = said_on(day(2025, 1, 5)).add("c", at(day(2025, 1, 5)), condition_of("C50.9"));
    EXPECT_EQ(std::ranges::count(needed(together({person, tumour}), day(2026, 1, 5)).kept, true), 2);
    EXPECT_EQ(std::ranges::count(needed(person.events, day(2026, 1, 5)).kept, true), 0);
}

TEST(Retention, KeepsOneOfManyMessagesThatSayTheSameOfAPatient) {
    std::vector<message> visits;
    for (unsigned month = 1; month <= 12; ++month)
        visits.push_back(said_on(day(2024, month, 5)).born(day(1960, 4, 1)));
    visits.push_back(said_on(day(2023, 1, 5)).of({"nhs|9000014565", "local|RYY|9"}).born(day(1960, 4, 1)));
    visits.push_back(said_on(day(2025, 1, 5)).add("c", at(day(2025, 1, 5)), condition_of("C50.9")));
    const auto kept = needed(together(visits), day(2026, 1, 5)).kept;
    EXPECT_EQ(std::ranges::count(kept, true), 3) << "the latest, the one with another number, the tumour";
    EXPECT_TRUE(kept[11]);
    EXPECT_TRUE(kept[12]);
}

TEST(Retention, KeepsARefusalForAsLongAsItHolds) {
    consent refused;
    refused.policy = {{"", "urn:auditgate:consent:registry"}};
    refused.active = true;
    refused.permits = false;
    const auto events = said_on(day(2015, 1, 5)).add("Consent/1", at(day(2015, 1, 5)), refused).events;
    EXPECT_TRUE(needed(events, day(2026, 1, 5)).kept.front());
    refused.last = at(day(2016, 1, 5));
    const auto ended = said_on(day(2015, 1, 5)).add("Consent/1", at(day(2015, 1, 5)), refused).events;
    EXPECT_FALSE(needed(ended, day(2026, 1, 5)).kept.front());
}

TEST(Retention, NeedsNothingWithoutADefinition) {
    const auto events = said_on(procedure_day).ablation(at(procedure_day)).events;
    const std::vector<local_days> received(events.size(), procedure_day);
    EXPECT_EQ(needed_events(events, received, {}, procedure_day).kept, std::vector<bool>{false});
}

// What is compared: everything that a record shows.
std::string shown(const std::vector<event>& events, local_days as_of) {
    std::string text;
    for (const case_result& one : cases(events, *shipped_definition(), as_of).cases) {
        if (as_of >= one.procedure_date + days(shipped_definition()->closing_day()))
            continue;
        text += one.patient_key + '|' + std::to_string(one.procedure_date.time_since_epoch().count()) + '|' +
                one.reason + '|' + fhir::json::write(one.content) + '\n';
    }
    return text;
}

// Facts of one patient around up to two operations, within the look-backs of the definition.
std::vector<event> random_journey() {
    const auto days_in = [](int first, int last) { return days(*rc::gen::inRange(first, last + 1)); };
    std::vector<message> told{said_on(procedure_day - days_in(0, 100)).born(day(1960, 4, 1))};
    told.push_back(said_on(procedure_day).ablation(at(procedure_day)));
    if (*rc::gen::arbitrary<bool>()) {
        const local_days second = procedure_day + days_in(20, 440); // told before the first is closed
        told.push_back(said_on(second).ablation(at(second), "Procedure/2"));
    }
    const int facts = *rc::gen::inRange(2, 14);
    for (int i = 0; i < facts; ++i) {
        const local_days date = procedure_day + days_in(-90, 700);
        const std::string key = std::to_string(*rc::gen::inRange(0, 8));
        switch (*rc::gen::inRange(0, 5)) {
        case 0:
            told.push_back(said_on(date).add(
                "c" + key, at(date),
                condition_of(*rc::gen::element<std::string>("C50.9", "C79.5", "M46.4", "G95.2", "J18.9"))));
            break;
        case 1:
            told.push_back(said_on(date).add("m" + key, at(date),
                                             morphine(order_end::given, at(date + days_in(0, 60)))));
            break;
        case 2: // corrected on another day
            told.push_back(
                said_on(date).add("o" + key, at(date), observation{{{"L", "PAIN-NRS"}}, {}, "", "", {}, ""}));
            told.push_back(said_on(date + days(3))
                               .add("o" + key, at(date - days_in(0, 40)),
                                    observation{{{"L", "PAIN-NRS"}}, {}, "", "", {}, ""},
                                    version_status::corrected));
            break;
        default:
            told.push_back(
                said_on(date).score(*rc::gen::element<std::string>("PAIN-NRS", "BPI-WORST", "ECOG", "HB"),
                                    at(date), std::to_string(*rc::gen::inRange(0, 11))));
        }
    }
    return together(told);
}

// Each event comes a few days after its date; the eraser runs on days that chance picks.
RC_GTEST_PROP(RetentionProperty, ErasingAtAnyTimeChangesNoCaseUntilItIsClosed, ()) {
    const std::vector<event> journey = random_journey();
    std::vector<std::pair<local_days, event>> arrivals;
    for (const event& one : journey)
        arrivals.emplace_back(one.when->date() + days(*rc::gen::inRange(0, 60)), one);
    std::ranges::stable_sort(arrivals, {}, &std::pair<local_days, event>::first);
    std::set<local_days> runs;
    for (const int run : *rc::gen::container<std::vector<int>>(4, rc::gen::inRange(-100, 1'300)))
        runs.insert(procedure_day + days(run));

    std::vector<event> all, left;
    std::vector<local_days> received;
    auto next = arrivals.begin();
    std::size_t erased = 0;
    for (const local_days run : runs) {
        for (; next != arrivals.end() && next->first <= run; ++next) {
            all.push_back(next->second);
            left.push_back(next->second);
            received.push_back(next->first);
        }
        RC_ASSERT(shown(left, run) == shown(all, run));
        const std::vector<std::shared_ptr<const compiled_definition>> definitions{shipped_definition()};
        const auto result = needed_events(left, received, definitions, run);
        std::vector<event> kept;
        std::vector<local_days> kept_received;
        for (std::size_t i = 0; i < left.size(); ++i)
            if (result.kept[i]) {
                kept.push_back(left[i]);
                kept_received.push_back(received[i]);
            }
        erased += left.size() - kept.size();
        left = std::move(kept);
        received = std::move(kept_received);
        RC_ASSERT(shown(left, run) == shown(all, run));
    }
    RC_TAG(erased > 0 ? "something was erased" : "nothing was erased");
}

} // namespace
} // namespace auditgate::mapping::test
