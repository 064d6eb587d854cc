#include "mapping/event.hpp"

#include <gtest/gtest.h>

namespace auditgate::mapping {
namespace {

using namespace std::chrono_literals;

event_time at(std::chrono::year_month_day day, std::chrono::minutes time) {
    return {std::chrono::local_days{day} + time, std::chrono::sys_days{day} + time, time_precision::minute};
}

event sample_procedure() {
    event fact;
    fact.message = "7";
    fact.path = "PR1[1]";
    fact.sender = "PAS|RXX";
    fact.feed = "hl7v2-adt";
    fact.subject = {"nhs|9000014565", "local|RXX|H500208"};
    fact.fact_key = "PAS|RXX|hl7v2-adt|PR1|PR5668a21327";
    fact.version = version_status::corrected;
    fact.when = at(std::chrono::year{2026} / 3 / 5, 10h + 15min);
    fact.payload = procedure{{{"OPCS4", "Y13.4"}}, performance::as_coded, {{"SCT", "36470004"}}, {}, {}};
    return fact;
}

TEST(Event, ComesBackFromTheStoreAsItWas) {
    std::vector<event> events(std::variant_size_v<event_payload>, sample_procedure());
    events[0].payload = patient_details{
        at(std::chrono::year{1956} / 3 / 5, 0min), "F", {{"", "A"}}, assertion::removed, std::nullopt};
    events[2].payload = booking{{{"SCT", "438791002"}}, {}, true};
    events[3].payload = observation{{{"L", "BPI-WORST"}},
                                    {value_kind::number, ">=7;\n", "{score}", {}, {}},
                                    "0",
                                    "10",
                                    observation_source::ward,
                                    "F1#1"};
    medication given;
    given.kind = medication_kind::administration;
    given.dose = amount{"30", "mg"};
    given.frequency = dose_frequency{1, 720};
    given.as_needed = true;
    given.ended = order_end::latest;
    events[4].payload = given;
    events[5].payload = condition{{{"I10", "C79.5"}}, at(std::chrono::year{2026} / 1 / 24, 0min)};
    events[6].payload =
        adverse_event{{{"", "pain-flare"}}, std::nullopt, "2", {}, {"fhir|trust|Procedure/1"}};
    events[7].payload = consent{{{"", "urn:auditgate:consent:registry"}}, true, false, {}, {}};
    events[8].payload = identity_change{true, {"local|RXX|H2"}, "V1"};
    events[9].document = "PAS|RXX|hl7v2-mdm|document|D1";
    events[9].payload = visit{"I", "", assertion::removed, std::nullopt, assertion::given};
    events[10].payload = emptied_set{};
    EXPECT_EQ(events_from_bytes(to_bytes(events)), events);
}

TEST(Event, DamagedBytesGiveNoEvents) {
    const std::string bytes = to_bytes({sample_procedure(), sample_procedure()});
    for (std::size_t size = 0; size < bytes.size(); ++size)
        EXPECT_FALSE(events_from_bytes(std::string_view(bytes).substr(0, size)));
    EXPECT_FALSE(events_from_bytes(bytes + "0;"));
    EXPECT_FALSE(events_from_bytes("auditgate-events-3\n999999999999;"));
}

// What stores hold: an order with an end, and a diagnosis.
TEST(Event, BytesOfEarlierFormatsAreRead) {
    const std::string head = "0;0;0;0;0;0;0;0;0;0;0;0;0;";
    const std::string order = head + "4;0;0;1;3;ATC7;N02AA010;0;0;0;0;";
    const std::string end = "1;86400000;86400000;2;0;";
    const std::string diagnosis = head + "5;1;3;I105;C79.5";
    std::vector<event> events(2);
    medication stopped;
    stopped.drug = {{"ATC", "N02AA01"}};
    stopped.ended = order_end::given;
    stopped.end = event_time{std::chrono::local_days{std::chrono::days{1}},
                             std::chrono::sys_days{std::chrono::days{1}}, time_precision::day};
    events[0].payload = stopped;
    events[1].payload = condition{{{"I10", "C79.5"}}, {}};
    EXPECT_EQ(events_from_bytes("auditgate-events-1\n2;" + order + end + diagnosis), events);
    std::get<medication>(events[0].payload).ended = order_end::removed;
    EXPECT_EQ(events_from_bytes("auditgate-events-2\n2;" + order + "2;" + end + diagnosis), events);
    EXPECT_EQ(events_from_bytes("auditgate-events-3\n2;" + order + "2;" + end + diagnosis + "0;"), events);
    EXPECT_FALSE(events_from_bytes("auditgate-events-4\n2;" + order + "2;" + end + diagnosis + "0;"));
    EXPECT_FALSE(events_from_bytes("auditgate-events-5\n0;"));
}

TEST(Event, HashIsOfWhatIsSaidNotOfWhereItStands) {
    const event fact = sample_procedure();
    event elsewhere = fact;
    elsewhere.message = "8";
    elsewhere.path = "PR1[3]";
    EXPECT_EQ(content_hash(fact), content_hash(elsewhere));
    event other = fact;
    std::get<procedure>(other.payload).codes[0].code = "Y11.4";
    EXPECT_NE(content_hash(fact), content_hash(other));
}

TEST(EventTime, AMonthOrYearEndsWithItsLastDay) {
    using namespace std::chrono;
    for (const auto& [precision, last, has_date] :
         {std::tuple{time_precision::year, 2024y / 12 / 31, false},
          std::tuple{time_precision::month, 2024y / 2 / 29, false},
          std::tuple{time_precision::day, 2024y / 2 / 1, true},
          std::tuple{time_precision::minute, 2024y / 2 / 1, true}}) {
        event_time sent = at(2024y / 2 / 1, 0min);
        sent.precision = precision;
        EXPECT_EQ(sent.last_date(), local_days{last});
        EXPECT_EQ(sent.has_date(), has_date);
    }
}

TEST(EventTime, AnEndHoldsAsLongAsItIsKnown) {
    using namespace std::chrono;
    for (const auto& [precision, end] : {std::pair{time_precision::year, local_days{2025y / 1 / 1} + 0min},
                                         {time_precision::month, local_days{2024y / 3 / 1} + 0min},
                                         {time_precision::day, local_days{2024y / 2 / 2} + 0min},
                                         {time_precision::minute, local_days{2024y / 2 / 1} + 9h}}) {
        event_time sent = at(2024y / 2 / 1, 9h);
        sent.precision = precision;
        EXPECT_EQ(sent.as_end(), end);
    }
}

TEST(Event, ClusterKeysAreTheSubjectAndTheGlobalFactKey) {
    event fact = sample_procedure();
    EXPECT_EQ(cluster_keys(fact), (std::vector<std::string>{"nhs|9000014565", "local|RXX|H500208",
                                                            "PAS|RXX|hl7v2-adt|PR1|PR5668a21327"}));
    fact.fact_scope = event::key_scope::patient;
    EXPECT_EQ(cluster_keys(fact), fact.subject);
    fact.fact_key.clear();
    fact.payload = identity_change{false, {"local|RXX|H2"}};
    EXPECT_EQ(cluster_keys(fact).back(), "local|RXX|H2");
}

TEST(Event, NumbersThatCannotBeAnybodysAreNoClusterKeys) {
    event fact;
    for (const char* number : {"0000000000", "9999999999", "9000014566", "900001456", "90000145650", "", "X"})
        fact.subject.push_back(std::string("nhs|") + number);
    EXPECT_TRUE(cluster_keys(fact).empty());
    fact.payload = identity_change{false, {"nhs|1111111111", "nhs|4010232137", "local|RXX|0000000000"}};
    EXPECT_EQ(cluster_keys(fact), (std::vector<std::string>{"nhs|4010232137", "local|RXX|0000000000"}));
    fact.fact_key = "PAS|RXX|hl7v2-oru|F1";
    EXPECT_EQ(cluster_keys(fact).back(), "PAS|RXX|hl7v2-oru|F1");
    EXPECT_EQ(fact.subject.size(), 7U) << "the event keeps what was sent";
}

} // namespace
} // namespace auditgate::mapping
