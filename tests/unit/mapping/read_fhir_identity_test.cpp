#include "tests/unit/mapping/read_fhir_support.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace auditgate::mapping::test {
namespace {

using namespace std::chrono;

TEST(ReadFhirIdentity, PatientInABundleIsTheSubjectOfWhatRefersToIt) {
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
    EXPECT_EQ(result.parts[4].use, part_use::not_used);
}

TEST(ReadFhirIdentity, SubjectElsewhereIsNamedByItsReference) {
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

TEST(ReadFhirIdentity, ReplacedPatientIsMerged) {
    const event merge = only<identity_change>(R"({"resourceType":"Patient","id":"a",
        "link":[{"type":"replaced-by","other":{"reference":"Patient/b"}},{"type":"seealso","other":{"reference":"Patient/c"}}]})");
    EXPECT_EQ(merge.subject, (std::vector<std::string>{"fhir|S|Patient/b"}));
    EXPECT_EQ(merge.as<identity_change>()->other, (std::vector<std::string>{"fhir|S|Patient/a"}));
}

TEST(ReadFhirIdentity, DeletionInATransactionVoidsTheFact) {
    const event fact =
        only<procedure>(R"({"resourceType":"Bundle","timestamp":"2026-03-07T10:00:00Z","entry":[
        {"request":{"method":"DELETE","url":"Procedure/x"}}]})");
    EXPECT_EQ(fact.version, version_status::deleted);
    EXPECT_EQ(fact.fact_key, "S|fhir|Procedure/x");
}

// A Bundle of this type with these entries.
std::string bundle(const std::string& type, const std::string& entries) {
    return R"({"resourceType":"Bundle","type":")" + type + R"(","entry":[)" + entries + "]}";
}

const std::string nhs_identifier =
    R"("identifier":[{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9000014565"}])";

TEST(ReadFhirIdentity, WhatIsNoPatientIsNobodysKey) {
    const std::string people = R"({"resource":{"resourceType":"Patient","id":"1"}},
        {"resource":{"resourceType":"Practitioner","id":"77","identifier":[
            {"type":{"coding":[{"code":"MR"}]},"value":"H5","assigner":{"identifier":
                {"system":"https://fhir.nhs.uk/Id/ods-organization-code","value":"RXX"}}}]}},
        {"resource":{"resourceType":"Location","id":"ward"}},)";
    EXPECT_EQ(only<booking>(bundle("message", people + R"({"resource":{"resourceType":"Appointment","id":"a",
        "participant":[{"actor":{"reference":"Patient/1"}},{"actor":{"reference":"Practitioner/77"}},
            {"actor":{"reference":"Location/ward"}}]}})"))
                  .subject,
              (std::vector<std::string>{"fhir|S|Patient/1"}));
    EXPECT_TRUE(
        only<observation>(bundle("message", people + R"({"resource":{"resourceType":"Observation","id":"o",
        "subject":{"reference":"Location/ward"}}})"))
            .subject.empty());
}

TEST(ReadFhirIdentity, AppointmentOfSeveralPatientsIsOfNone) {
    const auto read_with = [](const std::string& second) {
        return read(R"({"resourceType":"Appointment","id":"a","participant":[
            {"actor":{"reference":"Patient/1"}},{"actor":{"reference":")" +
                    second + R"("}}]})");
    };
    EXPECT_EQ(read_with("Patient/1").events.size(), 1U);
    const read_result several = read_with("Patient/2");
    EXPECT_TRUE(several.events.empty());
    ASSERT_EQ(several.findings.size(), 1U);
    EXPECT_EQ(several.findings[0].code, "several-patients");
}

TEST(ReadFhirIdentity, IdOfAContainedResourceNamesNobody) {
    const event fact = only<procedure>(R"({"resourceType":"Procedure","id":"x","status":"completed",
        "contained":[{"resourceType":"Patient","id":"p",)" +
                                       nhs_identifier +
                                       R"(},{"resourceType":"Encounter","id":"e"}],
        "subject":{"reference":"#p"},"encounter":{"reference":"#e"}})");
    EXPECT_EQ(fact.subject, (std::vector<std::string>{"nhs|9000014565"}));
    EXPECT_EQ(fact.visit_number, "");
}

TEST(ReadFhirIdentity, AContainedResourceRefersToItsOwnContainer) {
    const event fact = only<procedure>(bundle("message", R"(
        {"resource":{"resourceType":"Patient","id":"p","contained":[{"resourceType":"Organization","id":"org",
            "identifier":[{"system":"https://fhir.nhs.uk/Id/ods-organization-code","value":"RXX"}]}],
            "identifier":[{"type":{"coding":[{"code":"MR"}]},"value":"H5","assigner":{"reference":"#org"}}]}},
        {"resource":{"resourceType":"Procedure","id":"x","status":"completed","subject":{"reference":"Patient/p"},
            "contained":[{"resourceType":"Organization","id":"org",
            "identifier":[{"system":"https://fhir.nhs.uk/Id/ods-organization-code","value":"RYY"}]}],
            "performer":[{"actor":{"reference":"#org"}}]}})"));
    EXPECT_EQ(fact.subject, (std::vector<std::string>{"local|RXX|H5", "fhir|S|Patient/p"}));
    EXPECT_EQ(fact.organisation, "RYY");
}

// A Patient, an Encounter and a Procedure with the ids of a template, all created by the Bundle.
std::string created(const std::string& type, const std::string& patient_url, const std::string& procedure_url,
                    const std::string& members) {
    const std::string post = R"("request":{"method":"POST"},)";
    return bundle(type,
                  R"({"fullUrl":")" + patient_url + "\"," + post +
                      R"("resource":{"resourceType":"Patient","id":"patient"}},{"fullUrl":")" +
                      procedure_url + "\"," + post +
                      R"("resource":{"resourceType":"Procedure","id":"procedure","status":"completed",)" +
                      members + R"("subject":{"reference":")" + patient_url + R"("}}})");
}

TEST(ReadFhirIdentity, IdOfWhatATransactionCreatesIsIgnored) {
    const std::string patient = "urn:uuid:61ebe359-bfdc-4613-8bf2-c5e300945f0a";
    const std::string operation = "urn:uuid:88f151c0-a954-468a-88bd-5ae15c08e059";
    const std::string number = R"("identifier":[{"system":"urn:x","value":"7#1%"}],)";
    const struct {
        std::string type, patient_url, procedure_url, members;
        std::vector<std::string> subject;
        std::string fact_key;
    } rows[] = {
        {"transaction",
         patient,
         operation,
         "",
         {"fhir|S|Patient/" + patient},
         "S|fhir|Procedure/" + operation},
        {"batch",
         patient,
         operation,
         number,
         {"fhir|S|Patient/" + patient},
         "S|fhir|Procedure?urn:x|7%231%25"},
        {"transaction", "urn:uuid:patient", "urn:uuid:procedure", "", {}, ""}, // unique in this Bundle only
        {"transaction",
         "https://x.example/fhir/Patient/9",
         "https://x.example/fhir/Procedure/8",
         number,
         {"fhir|S|Patient/9"},
         "S|fhir|Procedure/8"}, // the ids at the source
        {"history", patient, operation, number, {"fhir|S|Patient/patient"}, "S|fhir|Procedure/procedure"},
    };
    for (const auto& row : rows) {
        const event fact =
            only<procedure>(created(row.type, row.patient_url, row.procedure_url, row.members));
        EXPECT_EQ(fact.subject, row.subject) << row.type << row.patient_url;
        EXPECT_EQ(fact.fact_key, row.fact_key) << row.type << row.patient_url;
    }
}

TEST(ReadFhirIdentity, VisitWithoutIdHasNoNumberButThatOfItsIdentifier) {
    const auto number_of = [](const std::string& members) {
        return only<visit>(R"({"resourceType":"Encounter",)" + members + R"("status":"finished"})")
            .visit_number;
    };
    EXPECT_EQ(number_of(""), "");
    EXPECT_EQ(number_of(R"("id":"e",)"), "Encounter/e");
    EXPECT_EQ(number_of(R"("identifier":[{"system":"urn:v","value":"7"}],)"), "Encounter?urn:v|7");
    EXPECT_EQ(only<procedure>(bundle("message", R"(
        {"fullUrl":"urn:uuid:1","resource":{"resourceType":"Encounter","identifier":{"system":"urn:v","value":"7"}}},
        {"resource":{"resourceType":"Procedure","status":"completed","encounter":{"reference":"urn:uuid:1"}}})"))
                  .visit_number,
              "Encounter?urn:v|7");
}

TEST(ReadFhirIdentity, DeletionByIdentifierVoidsWhatIsKnownByIt) {
    const auto read_deletion = [](const std::string& url) {
        return read(bundle("transaction", R"({"request":{"method":"DELETE","url":")" + url + R"("}})"));
    };
    const read_result known = read_deletion("Procedure?identifier=urn:x|7");
    ASSERT_EQ(known.events.size(), 1U);
    EXPECT_EQ(known.events[0].fact_key, "S|fhir|Procedure?urn:x|7");
    EXPECT_EQ(known.events[0].version, version_status::deleted);
    for (const char* const url :
         {"Procedure?status=completed", "Procedure?identifier=7", "Procedure", "Procedure?identifier=urn:x|",
          "Procedure?identifier=urn:x|7&status=stopped"}) {
        const read_result unknown = read_deletion(url);
        EXPECT_TRUE(unknown.events.empty()) << url;
        ASSERT_EQ(unknown.findings.size(), 1U) << url;
        EXPECT_EQ(unknown.findings[0].code, "unknown-deletion");
        EXPECT_EQ(unknown.findings[0].text.find('7'), std::string::npos);
        EXPECT_EQ(unknown.parts[0].use, part_use::unreadable);
    }
    EXPECT_TRUE(read_deletion("Patient/1").findings.empty()); // says nothing about the person
}

TEST(ReadFhirIdentity, PartsHaveTheSameKeysAloneAndBesideAnotherVersion) {
    const std::string response = R"({"resourceType":"QuestionnaireResponse","id":"q","status":"completed",
        "item":[{"linkId":"A","answer":[{"valueInteger":3}]}]})";
    const auto together = of_kind<observation>(
        read(bundle("history", R"({"resource":)" + response + R"(},{"resource":)" + response + "}")));
    ASSERT_EQ(together.size(), 4U);
    EXPECT_EQ(together[1].fact_key, "S|fhir|QuestionnaireResponse/q#A");
    EXPECT_EQ(together[3].fact_key, together[1].fact_key);
}

TEST(ReadFhirIdentity, PartsOfWhatNothingNamesAreBoundInTheirMessage) {
    const auto groups_of = [](const std::string& day) {
        std::vector<std::string> groups;
        for (const event& each :
             read(R"({"resourceType":"Observation","status":"final","effectiveDateTime":")" + day +
                  R"(","code":{"coding":[{"system":"l","code":"AE-CATEGORY"}]},"component":[
                {"code":{"coding":[{"system":"l","code":"AE-GRADE"}]},"valueInteger":2}]})")
                 .events) {
            groups.push_back(each.as<observation>()->group);
        }
        return groups;
    };
    const auto groups = groups_of("2026-03-13");
    ASSERT_EQ(groups.size(), 2U);
    EXPECT_NE(groups[0], "");
    EXPECT_EQ(groups[0], groups[1]);
    EXPECT_EQ(groups, groups_of("2026-03-13"));
    EXPECT_NE(groups, groups_of("2026-03-14"));
}

} // namespace
} // namespace auditgate::mapping::test
