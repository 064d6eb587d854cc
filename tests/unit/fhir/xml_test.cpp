#include "fhir/xml.hpp"

#include <gtest/gtest.h>

#include <string>

namespace auditgate::fhir {
namespace {

std::string as_json(std::string_view xml) {
    const json::parse_result result = parse_xml(xml);
    return result.document ? json::write(*result.document) : "refused: " + result.findings.front().code;
}

TEST(FhirXml, GivesTheTreeOfTheJsonForm) {
    EXPECT_EQ(as_json(R"(<?xml version="1.0" encoding="UTF-8"?>
<Procedure xmlns="http://hl7.org/fhir">
  <id value="p1"/>
  <meta><lastUpdated value="2026-03-05T13:00:00+00:00"/></meta>
  <text><status value="generated"/><div xmlns="http://www.w3.org/1999/xhtml">CANARY</div></text>
  <status value="completed"/>
  <code><coding><system value="http://snomed.info/sct"/><code value="438791002"/></coding></code>
  <subject><identifier><value value="900"/></identifier></subject>
  <bodySite><coding><code value="36470004"/></coding></bodySite>
</Procedure>)"),
              R"({"resourceType":"Procedure","id":"p1","meta":{"lastUpdated":"2026-03-05T13:00:00+00:00"},)"
              R"("text":{"status":"generated"},"status":"completed",)"
              R"("code":{"coding":[{"system":"http://snomed.info/sct","code":"438791002"}]},)"
              R"("subject":{"identifier":{"value":"900"}},"bodySite":[{"coding":[{"code":"36470004"}]}]})");
}

TEST(FhirXml, KeepsDecimalsAndBooleans) {
    EXPECT_EQ(
        as_json(
            R"(<Observation xmlns="http://hl7.org/fhir"><valueQuantity><value value="6.40"/></valueQuantity>
<component><valueInteger value="3"/></component></Observation>)"),
        R"({"resourceType":"Observation","valueQuantity":{"value":6.40},"component":[{"valueInteger":3}]})");
    EXPECT_EQ(as_json(R"(<Patient xmlns="http://hl7.org/fhir"><deceasedBoolean value="false"/></Patient>)"),
              R"({"resourceType":"Patient","deceasedBoolean":false})");
}

TEST(FhirXml, ReadsBundlesAndExtensions) {
    EXPECT_EQ(
        as_json(R"(<Bundle xmlns="http://hl7.org/fhir"><entry><fullUrl value="urn:uuid:1"/><resource>
<Patient><extension url="https://x"><valueString value="y"/></extension></Patient></resource></entry></Bundle>)"),
        R"({"resourceType":"Bundle","entry":[{"fullUrl":"urn:uuid:1","resource":{"resourceType":"Patient",)"
        R"("extension":[{"url":"https://x","valueString":"y"}]}}]})");
}

TEST(FhirXml, Refuses) {
    EXPECT_EQ(as_json("<Patient"), "refused: invalid-xml");
    EXPECT_EQ(as_json(""), "refused: invalid-xml");
    EXPECT_EQ(as_json("<Patient/>"), "refused: not-fhir");
    EXPECT_EQ(as_json(R"(<!DOCTYPE Patient [<!ENTITY x "y">]><Patient xmlns="http://hl7.org/fhir"/>)"),
              "refused: doctype");
    std::string deep = R"(<Patient xmlns="http://hl7.org/fhir">)";
    for (int i = 0; i < 100; ++i) {
        deep += "<a>";
    }
    for (int i = 0; i < 100; ++i) {
        deep += "</a>";
    }
    EXPECT_EQ(as_json(deep + "</Patient>"), "refused: too-deep");
}

TEST(FhirXml, PrimitiveWithAnExtensionKeepsItsValue) {
    EXPECT_EQ(
        as_json(R"(<Patient xmlns="http://hl7.org/fhir"><birthDate value="2010-12-18">
<extension url="http://hl7.org/fhir/StructureDefinition/patient-birthTime"><valueDateTime value="2010-12-18T14:35:45Z"/></extension>
</birthDate></Patient>)"),
        R"({"resourceType":"Patient","birthDate":"2010-12-18","_birthDate":{"extension":[)"
        R"({"url":"http://hl7.org/fhir/StructureDefinition/patient-birthTime","valueDateTime":"2010-12-18T14:35:45Z"}]}})");
}

TEST(FhirXml, AnElementThatDoesNotRepeatStandsThereOnce) {
    EXPECT_EQ(
        as_json(
            R"(<Patient xmlns="http://hl7.org/fhir"><gender value="male"/><gender value="female"/></Patient>)"),
        "refused: duplicate-element");
    EXPECT_EQ(as_json(R"(<Procedure xmlns="http://hl7.org/fhir"><code/><subject/><code/></Procedure>)"),
              "refused: duplicate-element");
    EXPECT_EQ(
        as_json(
            R"(<Patient xmlns="http://hl7.org/fhir"><name><given value="A"/><given value="B"/></name></Patient>)"),
        R"({"resourceType":"Patient","name":[{"given":["A","B"]}]})");
}

TEST(FhirXml, ReadsManyDifferentElements) {
    constexpr int count = 20'000; // minutes, if each were looked for among all others
    std::string xml = R"(<Basic xmlns="http://hl7.org/fhir">)";
    for (int i = 0; i < count; ++i) {
        xml += "<e" + std::to_string(i) + R"( value="1"/>)";
    }
    const json::parse_result result = parse_xml(xml + R"(<e7 value="2"/></Basic>)");
    ASSERT_TRUE(result.document.has_value());
    EXPECT_EQ(result.document->size(), count + 1U);
    EXPECT_EQ(json::write((*result.document)["e7"]), R"(["1","2"])");
}

} // namespace
} // namespace auditgate::fhir
