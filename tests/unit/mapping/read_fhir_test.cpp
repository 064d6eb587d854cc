#include "mapping/read/read.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace auditgate::mapping {
namespace {

using namespace std::chrono;

read_result read(const std::string& document) {
    source_profile profile;
    profile.sender = "S";
    return read_message({document, format_of(document), "m1", sys_days(2026y / 1 / 1)}, profile);
}

template <class payload>
std::vector<event> of_kind(const read_result& result) {
    std::vector<event> found;
    std::copy_if(result.events.begin(), result.events.end(), std::back_inserter(found),
                 [](const event& each) { return each.as<payload>() != nullptr; });
    return found;
}

template <class payload>
event only(const std::string& document) {
    const auto found = of_kind<payload>(read(document));
    EXPECT_EQ(found.size(), 1U) << document;
    return found.empty() ? event{"", "", "", "", {}, "", {}, {}, {}, {}, "", "", "", payload{}}
                         : found.front();
}

// A resource with a patient, an id and these members.
std::string resource(const std::string& type, const std::string& members) {
    return R"({"resourceType":")" + type + R"(","id":"r1","meta":{"lastUpdated":"2026-03-06T09:00:00Z"},)" +
           R"("subject":{"identifier":{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"900 000 7429"}},)" +
           members + "}";
}

std::string day_of(const std::optional<event_time>& when) {
    if (!when) {
        return "none";
    }
    const year_month_day date(when->date());
    return std::to_string(static_cast<int>(date.year())) + "-" +
           std::to_string(static_cast<unsigned>(date.month())) + "-" +
           std::to_string(static_cast<unsigned>(date.day()));
}

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

TEST(ReadFhir, PatientInABundleIsTheSubjectOfWhatRefersToIt) {
    const read_result result =
        read(R"({"resourceType":"Bundle","type":"message","timestamp":"2026-01-29T10:00:00+00:00","entry":[
        {"fullUrl":"urn:uuid:1","resource":{"resourceType":"Patient","id":"p","identifier":[
            {"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9000014565"},
            {"type":{"coding":[{"code":"MR"}]},"value":"H5","assigner":{"identifier":
                {"system":"https://fhir.nhs.uk/Id/ods-organization-code","value":"RXX"}}}],
            "gender":"female","birthDate":"1956-03-05","deceasedBoolean":false,
            "extension":[{"url":"https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-EthnicCategory",
                "valueCodeableConcept":{"coding":[{"system":"e","code":"A"}]}}]}},
        {"fullUrl":"urn:uuid:2","resource":{"resourceType":"Encounter","id":"e","status":"finished","class":{"code":"AMB"},
            "subject":{"reference":"urn:uuid:1"},"period":{"start":"2026-03-05T07:30:00Z","end":"2026-03-05T17:00:00Z"},
            "serviceProvider":{"identifier":{"system":"https://fhir.nhs.uk/Id/ods-organization-code","value":"RYY"}}}},
        {"resource":{"resourceType":"Procedure","id":"x","status":"completed","subject":{"reference":"urn:uuid:1"},
            "encounter":{"reference":"urn:uuid:2"}}},
        {"resource":{"resourceType":"MessageHeader","id":"h"}},
        {"resource":{"resourceType":"Claim","id":"c"}}]})");
    const std::vector<std::string> keys = {"nhs|9000014565", "local|RXX|H5", "fhir|S|Patient/p"};
    const auto patients = of_kind<patient_details>(result);
    ASSERT_EQ(patients.size(), 1U);
    EXPECT_EQ(patients[0].subject, keys);
    EXPECT_EQ(patients[0].as<patient_details>()->sex, "female");
    EXPECT_EQ(patients[0].as<patient_details>()->deceased, assertion::removed);
    EXPECT_EQ(patients[0].as<patient_details>()->ethnic_category, (codings{{"e", "A"}}));
    const auto procedures = of_kind<procedure>(result);
    ASSERT_EQ(procedures.size(), 1U);
    EXPECT_EQ(procedures[0].subject, keys);
    EXPECT_EQ(procedures[0].visit_number, "Encounter/e");
    EXPECT_EQ(procedures[0].organisation, "RYY");
    EXPECT_EQ(procedures[0].recorded, sys_days(2026y / 1 / 29) + 10h); // Bundle.timestamp
    const auto visits = of_kind<visit>(result);
    ASSERT_EQ(visits.size(), 1U);
    EXPECT_EQ(visits[0].as<visit>()->patient_class, "AMB");
    EXPECT_EQ(visits[0].as<visit>()->ended, assertion::given);
    ASSERT_EQ(result.parts.size(), 5U);
    EXPECT_EQ(result.parts[3].use, part_use::not_used);
    EXPECT_EQ(result.parts[4].use, part_use::unknown);
}

TEST(ReadFhir, SubjectElsewhereIsNamedByItsReference) {
    const auto subject_of = [](const std::string& subject) {
        return only<condition>(R"({"resourceType":"Condition","id":"c","subject":)" + subject + "}").subject;
    };
    using keys = std::vector<std::string>;
    EXPECT_EQ(subject_of(R"({"reference":"Patient/p"})"), (keys{"fhir|S|Patient/p"}));
    EXPECT_EQ(subject_of(R"({"reference":"https://x.example/Patient/p/_history/2"})"),
              (keys{"fhir|S|Patient/p"}));
    EXPECT_EQ(
        subject_of(R"({"reference":"Patient?identifier=https://fhir.nhs.uk/Id/nhs-number|9000014565"})"),
        (keys{"nhs|9000014565"}));
    EXPECT_EQ(subject_of(R"({"reference":"urn:uuid:9"})"), keys{});
    EXPECT_EQ(subject_of(
                  R"({"identifier":{"use":"old","system":"https://fhir.nhs.uk/Id/nhs-number","value":"9"}})"),
              keys{});
}

TEST(ReadFhir, ReplacedPatientIsMerged) {
    const event merge = only<identity_change>(R"({"resourceType":"Patient","id":"a",
        "link":[{"type":"replaced-by","other":{"reference":"Patient/b"}},{"type":"seealso","other":{"reference":"Patient/c"}}]})");
    EXPECT_EQ(merge.subject, (std::vector<std::string>{"fhir|S|Patient/b"}));
    EXPECT_EQ(merge.as<identity_change>()->other, (std::vector<std::string>{"fhir|S|Patient/a"}));
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

TEST(ReadFhir, OrderHasDoseFrequencyAndBounds) {
    const event fact = only<medication>(
        resource("MedicationRequest", R"("identifier":[{"value":"O1"}],"status":"active","intent":"order",
        "medicationCodeableConcept":{"coding":[{"system":"atc","code":"N02AA05"}]},"authoredOn":"2026-02-13T08:00:00Z",
        "dosageInstruction":[{"timing":{"repeat":{"boundsPeriod":{"start":"2026-02-14","end":"2026-03-15"},"frequency":2,"period":1,"periodUnit":"d"}},
            "asNeededBoolean":true,"route":{"coding":[{"system":"r","code":"26643006"}]},
            "doseAndRate":[{"doseQuantity":{"value":30,"code":"mg"}}]}])"));
    const medication& order = *fact.as<medication>();
    EXPECT_EQ(order.kind, medication_kind::order);
    EXPECT_EQ(order.dose, (amount{"30", "mg"}));
    EXPECT_EQ(order.frequency, (dose_frequency{2, 1440}));
    EXPECT_TRUE(order.as_needed);
    EXPECT_EQ(order.route, (codings{{"r", "26643006"}}));
    EXPECT_EQ(order.order_numbers, (std::vector<std::string>{"O1"}));
    EXPECT_EQ(day_of(fact.when), "2026-2-14");
    EXPECT_EQ(day_of(order.end), "2026-3-15");
}

TEST(ReadFhir, AnOrderThatIsActiveHasNoEndButTheOneItStates) {
    const auto ended = [](const std::string& type, const std::string& status, const std::string& more) {
        return only<medication>(resource(type, R"("status":")" + status + '"' + more))
            .as<medication>()
            ->ended;
    };
    const std::string bounds =
        R"(,"dosageInstruction":[{"timing":{"repeat":{"boundsPeriod":{"end":"2026-03-15"}}}}])";
    EXPECT_EQ(ended("MedicationRequest", "stopped", ""), assertion::given);
    EXPECT_EQ(ended("MedicationRequest", "active", ""), assertion::removed);
    EXPECT_EQ(ended("MedicationRequest", "active", bounds), assertion::given);
    EXPECT_EQ(ended("MedicationRequest", "on-hold", ""), assertion::absent);
    EXPECT_EQ(ended("MedicationStatement", "active", R"(,"effectivePeriod":{"start":"2026-03-01"})"),
              assertion::removed);
    EXPECT_EQ(ended("MedicationStatement", "active", R"(,"effectivePeriod":{"end":"2026-03-15"})"),
              assertion::given);
}

TEST(ReadFhir, AnOnsetOfAMonthCountsFromItsRecordingButNotAfterIt) {
    const auto when = [](const std::string& onset, const std::string& recorded) {
        return day_of(
            only<condition>(
                resource("Condition", R"("code":{"coding":[{"system":"i","code":"T81.4"}]})" +
                                          (onset.empty() ? "" : R"(,"onsetDateTime":")" + onset + '"') +
                                          (recorded.empty() ? "" : R"(,"recordedDate":")" + recorded + '"')))
                .when);
    };
    EXPECT_EQ(when("2026-03-12", "2026-03-20"), "2026-3-12");
    EXPECT_EQ(when("2026-03", "2026-03-20"), "2026-3-20");
    EXPECT_EQ(when("2026-03", "2026-05-10"), "2026-3-31");
    EXPECT_EQ(when("2025", "2026-03-20"), "2025-12-31");
    EXPECT_EQ(when("2026-03", ""), "2026-3-6"); // meta.lastUpdated
    EXPECT_EQ(when("2026-02", ""), "2026-2-28");
    EXPECT_EQ(when("", "2026-03-20"), "2026-3-20");
}

TEST(ReadFhir, DosagesOfOneOrderAreToldApart) {
    const auto found = of_kind<medication>(
        read(resource("MedicationRequest", R"("identifier":[{"value":"O1"}],"status":"active",
        "dosageInstruction":[{"timing":{"repeat":{"period":8,"periodUnit":"h"}}},{"timing":{"code":{"coding":[{"code":"BID"}]}}}])")));
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].as<medication>()->frequency, (dose_frequency{1, 480}));
    EXPECT_EQ(found[1].as<medication>()->frequency, (dose_frequency{2, 1440}));
    EXPECT_NE(found[0].fact_key, found[1].fact_key);
    EXPECT_NE(found[0].as<medication>()->order_numbers, found[1].as<medication>()->order_numbers);
}

TEST(ReadFhir, StatusOfMedication) {
    const auto order = [](const char* status) {
        return only<medication>(resource("MedicationRequest", R"("status":")" + std::string(status) + '"'));
    };
    EXPECT_EQ(order("cancelled").as<medication>()->status, medication_status::cancelled);
    EXPECT_EQ(order("draft").as<medication>()->status, medication_status::cancelled);
    EXPECT_EQ(day_of(order("stopped").as<medication>()->end), "2026-3-6"); // when it was recorded
    EXPECT_EQ(order("entered-in-error").version, version_status::deleted);
    EXPECT_TRUE(read(resource("MedicationRequest", R"("status":"active","intent":"plan")")).events.empty());
    EXPECT_TRUE(
        read(resource("MedicationRequest", R"("status":"active","doNotPerform":true)")).events.empty());
    const event given = only<medication>(resource("MedicationAdministration", R"("status":"not-done",
        "effectivePeriod":{"start":"2026-03-06T09:00:00Z","end":"2026-03-08T10:00:00Z"},
        "dosage":{"rateQuantity":{"value":37.5,"code":"ug/h"}})"));
    EXPECT_EQ(given.as<medication>()->status, medication_status::not_given);
    EXPECT_EQ(given.as<medication>()->strength, (amount{"37.5", "ug/h"}));
    EXPECT_EQ(day_of(given.as<medication>()->end), "2026-3-8");
    const event taken = only<medication>(
        resource("MedicationStatement", R"("status":"active","effectiveDateTime":"2026-05-04")"));
    EXPECT_EQ(taken.as<medication>()->kind, medication_kind::statement);
    EXPECT_EQ(day_of(taken.as<medication>()->end), "2026-5-4");
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

TEST(ReadFhir, DeletionInATransactionVoidsTheFact) {
    const event fact =
        only<procedure>(R"({"resourceType":"Bundle","timestamp":"2026-03-07T10:00:00Z","entry":[
        {"request":{"method":"DELETE","url":"Procedure/x"}}]})");
    EXPECT_EQ(fact.version, version_status::deleted);
    EXPECT_EQ(fact.fact_key, "S|fhir|Procedure/x");
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

} // namespace
} // namespace auditgate::mapping
