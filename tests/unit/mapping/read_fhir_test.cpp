#include "tests/unit/mapping/read_fhir_support.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace auditgate::mapping::test {
namespace {

using namespace std::chrono;

TEST(ReadFhir, ProcedureHasCodesSitesDateAndOrganisation) {
    const event fact = only<procedure>(resource("Procedure", R"("status":"completed",
        "code":{"coding":[{"system":"http://snomed.info/sct","code":"438791002","display":"CANARY"}],"text":"CANARY"},
        "performedDateTime":"2026-03-05T23:30:00-01:00",
        "bodySite":[{"coding":[{"system":"http://snomed.info/sct","code":"36470004"}]}],
        "performer":[{"actor":{"identifier":{"system":"https://fhir.nhs.uk/Id/ods-organization-code","value":"RXX01"}}}],
        "complicationDetail":[{"reference":"Condition/c1"}])"));
    EXPECT_EQ(fact.as<procedure>()->codes, (codings{{"http://snomed.info/sct", "438791002"}}));
    EXPECT_EQ(fact.as<procedure>()->body_sites, (codings{{"http://snomed.info/sct", "36470004"}}));
    EXPECT_EQ(fact.as<procedure>()->status, performance::completed);
    EXPECT_EQ(fact.as<procedure>()->complication_facts, (std::vector<std::string>{"S|fhir|Condition/c1"}));
    EXPECT_EQ(day_of(fact.when), "2026-3-6"); // the day in London
    EXPECT_EQ(fact.organisation, "RXX01");
    EXPECT_EQ(fact.subject, (std::vector<std::string>{"nhs|9000007429"}));
    EXPECT_EQ(fact.fact_key, "S|fhir|Procedure/r1");
    EXPECT_EQ(fact.feed, "fhir");
    EXPECT_EQ(fact.recorded, sys_days(2026y / 3 / 6) + 9h);
}

TEST(ReadFhir, StatusOfAProcedure) {
    const struct {
        const char* status;
        performance how;
        version_status version;
    } rows[] = {
        {"completed", performance::completed, version_status::first},
        {"stopped", performance::stopped, version_status::first},
        {"not-done", performance::not_done, version_status::first},
        {"preparation", performance::not_done, version_status::first},
        {"in-progress", performance::as_coded, version_status::first},
        {"entered-in-error", performance::as_coded, version_status::deleted},
    };
    for (const auto& row : rows) {
        const event fact =
            only<procedure>(resource("Procedure", R"("status":")" + std::string(row.status) + '"'));
        EXPECT_EQ(fact.as<procedure>()->status, row.how) << row.status;
        EXPECT_EQ(fact.version, row.version) << row.status;
    }
}

TEST(ReadFhir, ObservationValuesByType) {
    const auto value_of = [](const std::string& value) {
        return only<observation>(
                   resource("Observation", R"("status":"final","effectiveDateTime":"2026-03-04",)" + value))
            .as<observation>()
            ->value;
    };
    EXPECT_EQ(value_of(R"("valueQuantity":{"value":6.40,"comparator":">=","unit":"x","code":"mm"})").text,
              ">=6.40");
    EXPECT_EQ(value_of(R"("valueQuantity":{"value":6.4,"unit":"x","code":"mm"})").unit, "mm");
    EXPECT_EQ(value_of(R"("valueQuantity":{"value":6.4,"unit":"x"})").unit, "x");
    EXPECT_EQ(value_of(R"("valueInteger":8)").kind, value_kind::number);
    EXPECT_EQ(value_of(R"("valueString":"32443")").kind, value_kind::text);
    EXPECT_EQ(value_of(R"("valueCodeableConcept":{"coding":[{"system":"s","code":"c"}]})").codes,
              (codings{{"s", "c"}}));
    EXPECT_EQ(day_of(value_of(R"("valueDateTime":"2026-02-27")").time), "2026-2-27");
    EXPECT_EQ(value_of(R"("dataAbsentReason":{"text":"x"})").kind, value_kind::absent);
    EXPECT_EQ(value_of(R"("valueQuantity":{"unit":"mm"})").kind, value_kind::absent);
}

TEST(ReadFhir, ComponentsAreBoundToTheirObservation) {
    const auto found = of_kind<observation>(read(resource("Observation", R"("status":"amended",
        "code":{"coding":[{"system":"l","code":"AE-CATEGORY"}]},"effectiveDateTime":"2026-03-13T10:00:00Z",
        "component":[{"code":{"coding":[{"system":"l","code":"AE-GRADE"}]},"valueInteger":2}])")));
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[1].fact_key, "S|fhir|Observation/r1#AE-GRADE");
    EXPECT_EQ(found[1].version, version_status::corrected);
    EXPECT_EQ(found[1].as<observation>()->value.text, "2");
    EXPECT_EQ(found[0].as<observation>()->group, found[1].as<observation>()->group);
    EXPECT_EQ(day_of(found[1].when), "2026-3-13");
}

TEST(ReadFhir, AnswersOfAQuestionnaireAreObservations) {
    const auto found = of_kind<observation>(read(resource("QuestionnaireResponse", R"("status":"completed",
        "authored":"2026-04-04T10:00:00+01:00","item":[{"linkId":"g","item":[
            {"linkId":"BPI-WORST","answer":[{"valueInteger":3}]},{"linkId":"X","answer":[{"valueInteger":1},{"valueInteger":2}]}]}])")));
    ASSERT_EQ(found.size(), 4U);
    EXPECT_EQ(found[0].fact_key, "S|fhir|QuestionnaireResponse/r1"); // the whole, which can be taken back
    EXPECT_EQ(found[1].as<observation>()->codes, (codings{{"urn:auditgate:capture", "BPI-WORST"}}));
    EXPECT_EQ(found[1].as<observation>()->source, observation_source::questionnaire);
    EXPECT_EQ(day_of(found[1].when), "2026-4-4");
    EXPECT_NE(found[2].fact_key, found[3].fact_key);
    EXPECT_TRUE(
        read(resource("QuestionnaireResponse",
                      R"("status":"in-progress","item":[{"linkId":"a","answer":[{"valueInteger":3}]}])"))
            .events.empty());
}

TEST(ReadFhir, AnOnsetIsKeptAsSentBesideItsRecording) {
    const auto read_onset = [](const std::string& onset, const std::string& recorded) {
        return only<condition>(
            resource("Condition", R"("code":{"coding":[{"system":"i","code":"T81.4"}]})" +
                                      (onset.empty() ? "" : R"(,"onsetDateTime":")" + onset + '"') +
                                      (recorded.empty() ? "" : R"(,"recordedDate":")" + recorded + '"')));
    };
    EXPECT_EQ(day_of(read_onset("2026-03-12", "2026-03-20").when), "2026-3-12");
    const event since_march = read_onset("2026-03", "2026-03-20");
    EXPECT_EQ(since_march.when->precision, time_precision::month);
    EXPECT_EQ(day_of(since_march.as<condition>()->recorded_date), "2026-3-20");
    EXPECT_EQ(read_onset("2026-03", "").as<condition>()->recorded_date, std::nullopt);
    EXPECT_EQ(day_of(read_onset("", "2026-03-20").when), "2026-3-20");
}

TEST(ReadFhir, ConsentAndAdverseEvent) {
    const event fact = only<consent>(
        R"({"resourceType":"Consent","id":"c","status":"active","patient":{"reference":"Patient/p"},
        "category":[{"coding":[{"system":"s","code":"INFA"}]}],"policy":[{"uri":"urn:auditgate:consent:registry"}],
        "provision":{"type":"deny","period":{"start":"2026-03-10","end":"2026-04-14"}}})");
    EXPECT_EQ(fact.as<consent>()->policy, (codings{{"s", "INFA"}, {"", "urn:auditgate:consent:registry"}}));
    EXPECT_TRUE(fact.as<consent>()->active);
    EXPECT_FALSE(fact.as<consent>()->permits);
    EXPECT_EQ(day_of(fact.as<consent>()->last), "2026-4-14");
    EXPECT_EQ(fact.subject, (std::vector<std::string>{"fhir|S|Patient/p"}));

    const event harm =
        only<adverse_event>(resource("AdverseEvent", R"("actuality":"actual","date":"2026-07-03",
        "event":{"coding":[{"system":"l","code":"burn"}]},"suspectEntity":[{"instance":{"reference":"Procedure/x"},
            "causality":[{"assessment":{"coding":[{"system":"l","code":"device"}]}}]}])"));
    EXPECT_EQ(harm.as<adverse_event>()->category, (codings{{"l", "burn"}}));
    EXPECT_EQ(harm.as<adverse_event>()->about_facts, (std::vector<std::string>{"S|fhir|Procedure/x"}));
    EXPECT_EQ(harm.as<adverse_event>()->relatedness, (codings{{"l", "device"}}));
    EXPECT_EQ(only<adverse_event>(resource("AdverseEvent", R"("actuality":"potential")")).version,
              version_status::deleted);
}

TEST(ReadFhir, UnknownModifierStopsTheResource) {
    const read_result result =
        read(resource("Procedure", R"("status":"completed","modifierExtension":[{"url":"x"}])"));
    EXPECT_TRUE(result.events.empty());
    ASSERT_EQ(result.findings.size(), 1U);
    EXPECT_EQ(result.findings[0].code, "modifier-extension");
    EXPECT_EQ(result.parts[0].use, part_use::unreadable);
}

TEST(ReadFhir, XmlGivesTheSameEventsAsJson) {
    const std::string json =
        R"({"resourceType":"Condition","id":"c","meta":{"lastUpdated":"2026-03-06T09:00:00Z"},
        "code":{"coding":[{"system":"http://hl7.org/fhir/sid/icd-10","code":"C79.5"}]},
        "subject":{"reference":"Patient/p"},"onsetDateTime":"2026-01-24"})";
    const std::string xml = R"(<Condition xmlns="http://hl7.org/fhir"><id value="c"/>
        <meta><lastUpdated value="2026-03-06T09:00:00Z"/></meta>
        <code><coding><system value="http://hl7.org/fhir/sid/icd-10"/><code value="C79.5"/></coding></code>
        <subject><reference value="Patient/p"/></subject><onsetDateTime value="2026-01-24"/></Condition>)";
    EXPECT_EQ(read(json).events, read(xml).events);
    EXPECT_EQ(day_of(read(xml).events.front().when), "2026-1-24");
}

TEST(ReadFhir, UnreadableDocumentGivesNoEvents) {
    EXPECT_EQ(read(R"({"resourceType":"Patient","id":"1","id":"2"})").unreadable_reason(), "duplicate-key");
    EXPECT_EQ(read(R"({"a":1})").unreadable_reason(), "no-resource-type");
    EXPECT_EQ(read("<a").unreadable_reason(), "invalid-xml");
}

TEST(ReadFhir, InvalidTimeIsAFindingWithoutItsValue) {
    const read_result result = read(resource("Procedure", R"("performedDateTime":"CANARY")"));
    ASSERT_EQ(result.findings.size(), 1U);
    EXPECT_EQ(result.findings[0].path, "Procedure.performedDateTime");
    EXPECT_EQ(result.findings[0].text.find("CANARY"), std::string::npos);
}

TEST(ReadFhir, OfSeveralPerformersTheLowestCodeCounts) {
    const auto performer = [](const std::string& code) {
        return R"({"actor":{"identifier":{"system":"https://fhir.nhs.uk/Id/ods-organization-code","value":")" +
               code + R"("}}})";
    };
    EXPECT_EQ(only<procedure>(
                  resource("Procedure",
                           R"("status":"completed","performer":[{"actor":{"reference":"Practitioner/1"}},)" +
                               performer("RZZ01") + "," + performer("RXX01") + "]"))
                  .organisation,
              "RXX01");
}

TEST(ReadFhir, EncounterThatIsNotCancelledAnyMoreSaysSo) {
    const auto cancelled = [](const std::string& status) {
        return only<visit>(R"({"resourceType":"Encounter","id":"e","status":")" + status + R"("})")
            .as<visit>()
            ->cancelled;
    };
    EXPECT_EQ(cancelled("cancelled"), assertion::given);
    EXPECT_EQ(cancelled("entered-in-error"), assertion::given);
    EXPECT_EQ(cancelled("finished"), assertion::removed);
    EXPECT_EQ(cancelled("in-progress"), assertion::removed);
}

TEST(ReadFhir, TimeOfRecordingFallsBackWithAFinding) {
    const auto document = [](const std::string& updated, const std::string& timestamp) {
        return R"({"resourceType":"Bundle","timestamp":")" + timestamp +
               R"(","entry":[{"resource":{"resourceType":"Procedure","id":"x","status":"completed","meta":{"lastUpdated":")" +
               updated + R"("}}}]})";
    };
    const std::string at_nine = "2026-03-06T09:00:00Z";
    const read_result resource_wrong = read(document("CANARY", at_nine));
    ASSERT_EQ(resource_wrong.events.size(), 1U);
    EXPECT_EQ(resource_wrong.events[0].recorded, sys_days(2026y / 3 / 6) + 9h);
    EXPECT_EQ(resource_wrong.findings.at(0).path, "Bundle.entry[0].resource.meta.lastUpdated");
    const read_result both_wrong = read(document("CANARY", "CANARY"));
    EXPECT_EQ(both_wrong.events.at(0).recorded, sys_days(2026y / 1 / 1)); // when it was received
    EXPECT_EQ(both_wrong.findings.at(0).path, "Bundle.timestamp");
    EXPECT_EQ(read(document(at_nine, "CANARY")).events.at(0).recorded, sys_days(2026y / 3 / 6) + 9h);
}

TEST(ReadFhir, ByteOrderMarkIsNoPartOfTheDocument) {
    const std::string mark = "\xEF\xBB\xBF";
    EXPECT_EQ(read(mark + R"({"resourceType":"Patient","id":"1"})").events.size(), 1U);
    EXPECT_EQ(read(mark + R"(<Patient xmlns="http://hl7.org/fhir"><id value="1"/></Patient>)").events.size(),
              1U);
}

} // namespace
} // namespace auditgate::mapping::test
