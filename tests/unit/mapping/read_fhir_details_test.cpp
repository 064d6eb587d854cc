// What the readers take from the less common elements of a resource.
#include "tests/unit/mapping/read_fhir_support.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace auditgate::mapping::test {
namespace {

using namespace std::chrono;

std::string bundle(const std::string& type, const std::string& entries) {
    return R"({"resourceType":"Bundle","type":")" + type + R"(","entry":[)" + entries + "]}";
}

// `code` with one coding of the system c.
std::string coded(const std::string& element, const std::string& code) {
    return '"' + element + R"(":{"coding":[{"system":"c","code":")" + code + R"("}]})";
}

TEST(ReadFhirDetails, EveryTypeOfValueSaysWhatItCan) {
    const struct {
        const char* value;
        value_kind kind;
        const char* text;
        const char* unit;
        const char* code;
    } rows[] = {
        {R"("valueBoolean":true)", value_kind::coded, "", "", "true"},
        {R"("valueBoolean":false)", value_kind::coded, "", "", "false"},
        {R"("valueRange":{"low":{"value":7},"high":{"value":8}})", value_kind::number, "7-8", "", ""},
        {R"("valueRatio":{"numerator":{"value":8},"denominator":{"value":10}})", value_kind::text, "8/10", "",
         ""},
        {R"("valueRatio":{"numerator":{"value":60,"code":"mg"},"denominator":{"value":1,"code":"d"}})",
         value_kind::number, "60", "mg/d", ""},
        {R"("valueRatio":{"denominator":{"value":10}})", value_kind::absent, "", "", ""},
        {R"("valueTime":"10:00:00")", value_kind::text, "10:00:00", "", ""},
        {R"("valuePeriod":{"start":"2026-02-27","end":"2026-02-28"})", value_kind::date, "", "", ""},
        {R"("valueCodeableConcept":{"text":"severe"})", value_kind::coded, "", "", ""},
        {R"("valueCodeableConcept":{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/data-absent-reason"}]})",
         value_kind::absent, "", "", ""},
        {R"("_valueInteger":{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/data-absent-reason"}]})",
         value_kind::absent, "", "", ""},
        {R"("valueSampledData":{"origin":{"value":1}})", value_kind::absent, "", "", ""},
    };
    for (const auto& row : rows) {
        const observed_value value =
            only<observation>(resource("Observation", R"("status":"final",)" + std::string(row.value)))
                .as<observation>()
                ->value;
        EXPECT_EQ(value.kind, row.kind) << row.value;
        EXPECT_EQ(value.text, row.text) << row.value;
        EXPECT_EQ(value.unit, row.unit) << row.value;
        EXPECT_EQ(value.codes.empty() ? "" : value.codes.front().code, row.code) << row.value;
    }
}

TEST(ReadFhirDetails, DateOfAnObservationIsThatOfItsPanelOrReport) {
    const std::string member =
        R"({"fullUrl":"urn:uuid:m","resource":{"resourceType":"Observation","id":"m","status":"final",
        "valueInteger":3}},)";
    const std::string panel =
        R"({"fullUrl":"urn:uuid:p","resource":{"resourceType":"Observation","id":"p","status":"final",)" +
        coded("code", "panel") + R"(,"hasMember":[{"reference":"urn:uuid:m"}]}})";
    const std::string report = R"(,{"resource":{"resourceType":"DiagnosticReport","id":"d","status":"final",
        "effectiveDateTime":"2026-03-04","result":[{"reference":"urn:uuid:p"}]}})";
    const auto date_of_member = [&](const std::string& entries) {
        return day_of(of_kind<observation>(read(bundle("collection", entries))).front().when);
    };
    EXPECT_EQ(date_of_member(member + panel), "none");
    EXPECT_EQ(date_of_member(member + panel + report), "2026-3-4");
}

TEST(ReadFhirDetails, ReportGivesProcedureConclusionsAndTheResultsInIt) {
    const std::string document =
        resource("DiagnosticReport", R"("status":"appended","effectiveDateTime":"2026-03-05",)" +
                                         coded("code", "exam") +
                                         R"(,"conclusionCode":[{"coding":[{"system":"s","code":"94602001"}]}],
        "contained":[{"resourceType":"Observation","id":"o","status":"final",)" +
                                         coded("code", "pain") + R"(,"valueInteger":8,"component":[{)" +
                                         coded("code", "part") + R"(,"valueInteger":1}]}],
        "result":[{"reference":"#o"},{"reference":"Observation/elsewhere"}])");
    const read_result all = read(document);
    ASSERT_EQ(all.events.size(), 4U);
    EXPECT_EQ(all.events[0].as<procedure>()->codes, (codings{{"c", "exam"}}));
    EXPECT_EQ(all.events[0].version, version_status::corrected);
    EXPECT_EQ(day_of(all.events[0].when), "2026-3-5");
    EXPECT_EQ(all.events[1].as<condition>()->codes, (codings{{"s", "94602001"}}));
    EXPECT_EQ(all.events[1].fact_key, "S|fhir|DiagnosticReport/r1#conclusion");
    EXPECT_EQ(all.events[1].path, "DiagnosticReport.conclusionCode[0]");
    EXPECT_EQ(all.events[2].as<observation>()->value.text, "8");
    EXPECT_EQ(all.events[2].fact_key, "S|fhir|DiagnosticReport/r1#o");
    EXPECT_EQ(all.events[2].subject, (std::vector<std::string>{"nhs|9000007429"}));
    EXPECT_EQ(all.events[2].path, "DiagnosticReport.contained[0]");
    EXPECT_EQ(all.events[3].fact_key, "S|fhir|DiagnosticReport/r1#o#part");
    EXPECT_EQ(day_of(all.events[3].when), "2026-3-5");
}

TEST(ReadFhirDetails, ReportsAndStudiesThatWereNotMadeSaySo) {
    for (const char* const type : {"DiagnosticReport", "ImagingStudy"}) {
        EXPECT_TRUE(read(resource(type, R"("status":"registered")")).events.empty()) << type;
        EXPECT_EQ(only<procedure>(resource(type, R"("status":"cancelled")")).version,
                  version_status::deleted);
    }
    const event study =
        only<procedure>(resource("ImagingStudy", R"("status":"available","started":"2026-03-05T10:00:00Z",
        "procedureCode":[{"coding":[{"system":"n","code":"CRFAB"}]}],"series":[{"uid":"1","bodySite":{"system":"s","code":"36470004"}}])"));
    EXPECT_EQ(study.as<procedure>()->codes, (codings{{"n", "CRFAB"}}));
    EXPECT_EQ(study.as<procedure>()->body_sites, (codings{{"s", "36470004"}}));
    EXPECT_EQ(day_of(study.when), "2026-3-5");
}

TEST(ReadFhirDetails, ObservationAboutSomebodyElseIsNotThePatients) {
    const auto events_with = [](const std::string& focus) {
        return read(
                   R"({"resourceType":"Observation","id":"o","status":"final","subject":{"reference":"Patient/p"},
            "focus":[{"reference":")" +
                   focus + R"("}],"valueInteger":3})")
            .events.size();
    };
    EXPECT_EQ(events_with("RelatedPerson/r"), 0U);
    EXPECT_EQ(events_with("Patient/donor"), 0U);
    EXPECT_EQ(events_with("Patient/p"), 1U);
    EXPECT_EQ(events_with("Procedure/x"), 1U);
}

TEST(ReadFhirDetails, AnswerIsKnownByItsQuestionnaireAndTheCodesOfTheQuestion) {
    const auto codes_of = [](const std::string& document) {
        return of_kind<observation>(read(document)).back().as<observation>()->codes;
    };
    const std::string response = R"("status":"completed","questionnaire":"https://q.example/bpi|2.0",
        "item":[{"linkId":"1.2","answer":[{"valueInteger":3}]}])";
    const codings by_link = {{"urn:auditgate:capture", "1.2"}, {"https://q.example/bpi", "1.2"}};
    EXPECT_EQ(codes_of(resource("QuestionnaireResponse", response)), by_link);
    codings by_code = by_link;
    by_code.push_back({"http://loinc.org", "77565-0"});
    const std::string questionnaire =
        R"({"resource":{"resourceType":"Questionnaire","id":"q","url":"https://q.example/bpi",
        "item":[{"linkId":"1","item":[{"linkId":"1.2","code":[{"system":"http://loinc.org","code":"77565-0"}]}]}]}},)";
    EXPECT_EQ(codes_of(bundle("collection", questionnaire + R"({"resource":)" +
                                                resource("QuestionnaireResponse", response) + "}")),
              by_code);
}

TEST(ReadFhirDetails, PathOfAnAnswerLeadsToIt) {
    const auto found = of_kind<observation>(read(resource("QuestionnaireResponse", R"("status":"completed",
        "item":[{"linkId":"g","item":[{"linkId":"a","answer":[{"valueInteger":3,"item":[{"linkId":"b","answer":[{"valueInteger":4}]}]}]}]}])")));
    ASSERT_EQ(found.size(), 3U);
    EXPECT_EQ(found[1].path, "QuestionnaireResponse.item[0].item[0].answer[0]");
    EXPECT_EQ(found[2].path, "QuestionnaireResponse.item[0].item[0].answer[0].item[0].answer[0]");
}

TEST(ReadFhirDetails, ProcedureTellsWhatWasUsed) {
    const event fact =
        only<procedure>(resource("Procedure", R"("status":"completed",)" + coded("code", "p") + R"(,
        "contained":[{"resourceType":"Device","id":"d",)" +
                                                  coded("type", "probe") + R"(},
            {"resourceType":"Device","id":"e",)" + coded("type", "kit") +
                                                  R"(}],
        "usedCode":[{"coding":[{"system":"c","code":"cement"}]}],"usedReference":[{"reference":"#d"},{"reference":"Device/x"}],
        "focalDevice":[{"manipulated":{"reference":"#e"}}])"));
    EXPECT_EQ(fact.as<procedure>()->codes,
              (codings{{"c", "p"}, {"c", "cement"}, {"c", "probe"}, {"c", "kit"}}));
}

TEST(ReadFhirDetails, PartOfAProcedureIsOfItsDate) {
    const std::string whole =
        R"({"fullUrl":"urn:uuid:w","resource":{"resourceType":"Procedure","id":"w","status":"completed",
        "performedPeriod":{"end":"2026-03-05T11:00:00Z"}}},)";
    const auto date_of_part = [&](const std::string& members) {
        return day_of(
            of_kind<procedure>(
                read(bundle("collection", whole + R"({"resource":{"resourceType":"Procedure","id":"x",
            "status":"completed","partOf":[{"reference":"urn:uuid:w"}])" +
                                              members + "}}")))
                .back()
                .when);
    };
    EXPECT_EQ(date_of_part(""), "2026-3-5");
    EXPECT_EQ(date_of_part(R"(,"performedDateTime":"2026-03-06")"), "2026-3-6");
}

TEST(ReadFhirDetails, ComplicationsAreNamedOrLieInTheProcedure) {
    const event fact = only<procedure>(resource("Procedure", R"("status":"completed",
        "contained":[{"resourceType":"Condition","id":"c",)" + coded("code", "T81.4") +
                                                                 R"(}],
        "complication":[{"coding":[{"system":"c","code":"G83.4"}]}],
        "complicationDetail":[{"reference":"#c"},{"reference":"Condition/x"},
            {"type":"Condition","identifier":{"system":"urn:x","value":"7"}}])"));
    EXPECT_EQ(fact.as<procedure>()->complications, (codings{{"c", "G83.4"}, {"c", "T81.4"}}));
    EXPECT_EQ(fact.as<procedure>()->complication_facts,
              (std::vector<std::string>{"S|fhir|Condition/x", "S|fhir|Condition?urn:x|7"}));
}

TEST(ReadFhirDetails, SiteByBodyStructure) {
    const event fact = only<procedure>(resource("Procedure", R"("status":"completed",
        "contained":[{"resourceType":"BodyStructure","id":"b",)" +
                                                                 coded("location", "36470004") + R"(}],
        "extension":[{"url":"http://hl7.org/fhir/StructureDefinition/procedure-targetBodyStructure","valueReference":{"reference":"#b"}}])"));
    EXPECT_EQ(fact.as<procedure>()->body_sites, (codings{{"c", "36470004"}}));
}

TEST(ReadFhirDetails, OrganisationByRoleAndByWhatItIsAPartOf) {
    const std::string organisations =
        R"({"resource":{"resourceType":"Organization","id":"trust","identifier":[
            {"system":"https://fhir.nhs.uk/Id/ods-organization-code","value":"RXX"}]}},
        {"resource":{"resourceType":"Organization","id":"unit","partOf":{"reference":"Organization/trust"}}},
        {"resource":{"resourceType":"Organization","id":"circle","partOf":{"reference":"Organization/circle"}}},
        {"resource":{"resourceType":"PractitionerRole","id":"role","organization":{"reference":"Organization/unit"}}},)";
    const auto organisation_of = [&](const std::string& actor) {
        return only<procedure>(bundle("collection", organisations +
                                                        R"({"resource":{"resourceType":"Procedure","id":"x",
            "status":"completed","performer":[{"actor":{"reference":")" +
                                                        actor + R"("}}]}})"))
            .organisation;
    };
    EXPECT_EQ(organisation_of("PractitionerRole/role"), "RXX");
    EXPECT_EQ(organisation_of("Organization/unit"), "RXX");
    EXPECT_EQ(organisation_of("Organization/circle"), "");
    EXPECT_EQ(organisation_of("Organization?identifier=https://fhir.nhs.uk/Id/ods-organization-code|RYY"),
              "RYY");
}

TEST(ReadFhirDetails, NotifiedDeathCountsWhereNothingElseIsSaid) {
    const auto deceased_of = [](const std::string& status, const std::string& more) {
        return only<patient_details>(R"({"resourceType":"Patient","id":"p")" + more + R"(,"extension":[
            {"url":"https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-DeathNotificationStatus","extension":[
            {"url":"deathNotificationStatus","valueCodeableConcept":{"coding":[{"system":"d","code":")" +
                                     status + R"("}]}}]}]})")
            .as<patient_details>()
            ->deceased;
    };
    EXPECT_EQ(deceased_of("1", ""), assertion::given);
    EXPECT_EQ(deceased_of("2", ""), assertion::given);
    EXPECT_EQ(deceased_of("U", ""), assertion::removed);
    EXPECT_EQ(deceased_of("9", ""), assertion::absent);
    EXPECT_EQ(deceased_of("U", R"(,"deceasedDateTime":"2026-03-20")"), assertion::given);
}

TEST(ReadFhirDetails, WhatNobodyClaimsOrOrderedIsNoFact) {
    EXPECT_EQ(only<condition>(resource("Condition", coded("verificationStatus", "differential"))).version,
              version_status::deleted);
    EXPECT_EQ(only<condition>(resource("Condition", coded("verificationStatus", "provisional"))).version,
              version_status::first);
    EXPECT_TRUE(read(resource("ServiceRequest", R"("status":"active","doNotPerform":true)")).events.empty());
    EXPECT_TRUE(read(resource("ServiceRequest", R"("status":"active","intent":"proposal")")).events.empty());
    EXPECT_EQ(read(resource("ServiceRequest", R"("status":"active","intent":"plan")")).events.size(), 1U);
}

TEST(ReadFhirDetails, AppointmentIsForWhatWasOrdered) {
    const event fact = only<booking>(
        R"({"resourceType":"Appointment","id":"a","status":"cancelled","start":"2026-03-05T09:00:00Z",
        "contained":[{"resourceType":"ServiceRequest","id":"s",)" +
        coded("code", "438791002") + R"(,
            "bodySite":[{"coding":[{"system":"c","code":"36470004"}]}]}],"basedOn":[{"reference":"#s"}],
        "participant":[{"actor":{"reference":"Patient/p"}}]})");
    EXPECT_EQ(fact.as<booking>()->codes, (codings{{"c", "438791002"}}));
    EXPECT_EQ(fact.as<booking>()->body_sites, (codings{{"c", "36470004"}}));
    EXPECT_TRUE(fact.as<booking>()->cancelled);
    EXPECT_EQ(fact.subject, (std::vector<std::string>{"fhir|S|Patient/p"}));
}

TEST(ReadFhirDetails, ConsentThatRefusesAPartIsARefusal) {
    const auto permits = [](const std::string& provision) {
        return only<consent>(resource("Consent", R"("status":"active","provision":)" + provision))
            .as<consent>()
            ->permits;
    };
    EXPECT_TRUE(permits(R"({"type":"permit","provision":[{"type":"permit"}]})"));
    EXPECT_FALSE(
        permits(R"({"type":"permit","provision":[{"type":"permit","provision":[{"type":"deny"}]}]})"));
    EXPECT_FALSE(permits(R"({"type":"deny","provision":[{"type":"permit"}]})"));
    const std::string opted_out =
        R"(,"policyRule":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"OPTOUT"}]})";
    EXPECT_FALSE(permits("{}" + opted_out));
    EXPECT_TRUE(permits(R"({"type":"permit"})" + opted_out)); // stated
}

TEST(ReadFhirDetails, ModifiersAnywhereHoldTheResource) {
    const auto code_of = [](const std::string& document) {
        const read_result result = read(document);
        EXPECT_TRUE(result.events.empty()) << document;
        return result.findings.empty() ? "" : result.findings.front().code;
    };
    EXPECT_EQ(code_of(resource("Procedure", R"("performer":[{"modifierExtension":[{"url":"x"}]}])")),
              "modifier-extension");
    EXPECT_EQ(
        code_of(resource("Procedure", R"("contained":[{"resourceType":"Device","implicitRules":"x"}])")),
        "modifier-extension");
    EXPECT_EQ(code_of(bundle("collection", R"({"modifierExtension":[{"url":"x"}],"resource":)" +
                                               resource("Procedure", R"("status":"completed")") + "}")),
              "modifier-extension");
    EXPECT_EQ(code_of(R"({"resourceType":"Bundle","implicitRules":"x","entry":[{"resource":)" +
                      resource("Procedure", R"("status":"completed")") + "}]}"),
              "implicit-rules");
}

TEST(ReadFhirDetails, ListsThatAreCopiedIntoEveryFactHaveALimit) {
    const auto reason = [](const std::string& element, std::size_t count) {
        std::string list;
        for (std::size_t i = 0; i < count; ++i) {
            list += (list.empty() ? "" : ",") + std::string(R"({"system":"s","code":"c","value":"v"})");
        }
        return std::string(
            read(resource("Procedure", '"' + element + "\":[" + list + "]")).unreadable_reason());
    };
    EXPECT_EQ(reason("identifier", identifiers_of_a_patient_max), "");
    EXPECT_EQ(reason("identifier", identifiers_of_a_patient_max + 1), "too-many-identifiers");
    EXPECT_EQ(reason("coding", codes_of_an_element_max), "");
    EXPECT_EQ(reason("coding", codes_of_an_element_max + 1), "too-many-codes");
}

TEST(ReadFhirDetails, EntriesThatAreNoResourceOfTheirOwnAreTold) {
    const auto code_of = [](const std::string& type, const std::string& entry) {
        const read_result result = read(bundle(type, entry));
        EXPECT_TRUE(result.events.empty()) << entry;
        return result.findings.empty() ? "" : result.findings.front().code;
    };
    EXPECT_EQ(code_of("batch", R"({"resource":{"resourceType":"Bundle","type":"transaction"}})"),
              "nested-bundle");
    EXPECT_EQ(
        code_of(
            "transaction",
            R"({"request":{"method":"PATCH","url":"Procedure/x"},"resource":{"resourceType":"Parameters"}})"),
        "patch");
    EXPECT_EQ(
        code_of("document",
                R"({"resource":{"resourceType":"Composition","status":"entered-in-error"}},{"resource":)" +
                    resource("Procedure", R"("status":"completed")") + "}"),
        "document-in-error");
    EXPECT_EQ(read(bundle("document",
                          R"({"resource":{"resourceType":"Composition","status":"final"}},{"resource":)" +
                              resource("Procedure", R"("status":"completed")") + "}"))
                  .events.size(),
              1U);
}

TEST(ReadFhirDetails, HistoryTellsWhenAndThatSomethingWasDeleted) {
    const read_result result = read(bundle("history", R"(
        {"request":{"method":"DELETE","url":"Procedure/x"},"response":{"status":"204","lastModified":"2026-03-08T10:00:00Z"}},
        {"request":{"method":"DELETE","url":"Procedure/y"},"resource":{"resourceType":"Procedure","id":"y","status":"completed"}},
        {"request":{"method":"PUT","url":"Procedure/x"},"response":{"status":"200","lastModified":"2026-03-07T10:00:00Z"},
            "resource":{"resourceType":"Procedure","id":"x","status":"completed"}})"));
    ASSERT_EQ(result.events.size(), 3U);
    EXPECT_EQ(result.events[0].version, version_status::deleted);
    EXPECT_EQ(result.events[0].fact_key, "S|fhir|Procedure/x");
    EXPECT_EQ(result.events[0].recorded, sys_days(2026y / 3 / 8) + 10h);
    EXPECT_EQ(result.events[1].version, version_status::deleted);
    EXPECT_EQ(result.events[2].recorded, sys_days(2026y / 3 / 7) + 10h);
}

TEST(ReadFhirDetails, SenderWithIdsOfOneMessageIsKnownByIdentifiers) {
    source_profile profile;
    profile.sender = "S";
    profile.known_by = fhir_identity::identifier;
    profile.identifiers.local_systems["https://pas.example/mrn"] = "RXX";
    const std::string document = bundle("message", R"(
        {"resource":{"resourceType":"Patient","id":"1","identifier":[{"system":"https://pas.example/mrn","value":"H 5"}]}},
        {"resource":{"resourceType":"Procedure","id":"2","status":"completed","identifier":[{"system":"urn:x","value":"7"}],
            "subject":{"reference":"Patient/1"},"complicationDetail":[{"reference":"Condition/3"}]}})");
    const read_result result = read_message({document, format_of(document), "m", {}}, profile);
    ASSERT_EQ(result.events.size(), 2U);
    EXPECT_EQ(result.events[1].subject, (std::vector<std::string>{"local|RXX|H5"}));
    EXPECT_EQ(result.events[1].fact_key, "S|fhir|Procedure?urn:x|7");
    EXPECT_TRUE(result.events[1].as<procedure>()->complication_facts.empty());
}

TEST(ReadFhirDetails, VisitOfADrugIsItsContext) {
    const auto visit_of = [](const std::string& context) {
        return only<medication>(
                   resource("MedicationAdministration",
                            R"("status":"completed","context":{"reference":")" + context + R"("})"))
            .visit_number;
    };
    EXPECT_EQ(visit_of("Encounter/e"), "Encounter/e");
    EXPECT_EQ(visit_of("EpisodeOfCare/e"), "");
}

} // namespace
} // namespace auditgate::mapping::test
