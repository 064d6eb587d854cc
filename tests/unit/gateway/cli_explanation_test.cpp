#include "gateway/cli/explanation.hpp"
#include "gateway/cli/open_value.hpp"
#include "gateway/cli/progress.hpp"
#include "gateway/cli/table_explanation.hpp"
#include "mapping/terminology/load.hpp"
#include "tests/support/support.hpp"

#include <gtest/gtest.h>

#include <algorithm>

using namespace auditgate::gateway::cli;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view admission =
    "MSH|^~\\&|PAS|RXX|EPR|RXX|20260504091233||ADT^A08^ADT_A01|77|P|2.5\r"
    "PID|1||9434765919^^^NHS^NH~123^^^RXX^MR||CANARYNAME^ANNA||19500101|F\r"
    "PV1|1|I|W1\r"
    "ZXX|CANARYLOCAL\r";

explanation explain_hl7_result(const std::string& type, const std::string& value) {
    return explain_message(std::string(admission) + "OBX|1|" + type + "|x^^L||" + value + "\r", false);
}

const explained_value* find(const explanation& in, std::string_view path) {
    const auto found = std::find_if(in.values.begin(), in.values.end(),
                                    [&](const explained_value& one) { return one.path == path; });
    return found == in.values.end() ? nullptr : &*found;
}

// The terminology that is shipped.
class shipped_terminology {
public:
    shipped_terminology()
        : loaded_(
              auditgate::mapping::load_terminology(auditgate::test::source_folder() / "config/terminology")) {
    }
    [[nodiscard]] reading_rules rules() const { return {{}, loaded_.loaded.get()}; }

private:
    auditgate::mapping::terminology_load loaded_;
};

TEST(Explanation, ShowsEveryValueWithItsPlaceAndName) {
    const explanation found = explain_message(admission, false);
    EXPECT_EQ(found.title, "ADT^A08, HL7 v2.5, 4 segments, UTF-8");
    ASSERT_NE(find(found, "MSH-9"), nullptr);
    EXPECT_EQ(*find(found, "MSH-9"), (explained_value{"MSH-9", "Message Type", "ADT^A08^ADT_A01", false}));
    EXPECT_EQ(*find(found, "PV1-2"), (explained_value{"PV1-2", "Patient Class", "I", false}));
    EXPECT_TRUE(find(found, "PID-3[2]")->hidden);
    EXPECT_EQ(find(found, "PID-4"), nullptr) << "empty fields are left out";
    EXPECT_EQ(find(found, "PID")->name, "Patient Identification");
}

TEST(Explanation, ReadsTheBytesAsTheProfileOfTheirSourceSays) {
    const std::string latin = std::string(admission) + "NTE|1||\xE9\r";
    const auto codes_with = [&](const std::string& charset) {
        reading_rules rules;
        rules.profile.wire.forced_charset = charset;
        std::vector<std::string> codes;
        for (const explained_finding& one : explain_message(latin, false, rules).findings)
            codes.push_back(one.code);
        return codes;
    };
    const std::vector<std::string> as_utf8 = codes_with("");
    EXPECT_EQ(std::count(as_utf8.begin(), as_utf8.end(), "wrong-bytes"), 1);
    const std::vector<std::string> as_latin = codes_with("8859/1");
    EXPECT_EQ(std::count(as_latin.begin(), as_latin.end(), "wrong-bytes"), 0);
    EXPECT_EQ(std::count(as_latin.begin(), as_latin.end(), "charset-assumed"), 0);
}

TEST(Explanation, HidesWhoSomebodyIsUnlessAsked) {
    const auto shows = [](std::string_view bytes, bool show_phi, std::string_view text) {
        const explanation found = explain_message(bytes, show_phi);
        return to_table(found, 0).find(text) != std::string::npos ||
               write(to_json(found)).find(text) != std::string::npos;
    };
    constexpr std::string_view patient =
        R"({"resourceType":"Patient","identifier":[{"system":"s","value":"9434765919"}],"name":[{"family":"CANARYNAME"}],)"
        R"("birthDate":"1950-01-01","note":"CANARYLOCAL"})";
    for (const std::string_view bytes : {admission, patient})
        for (const std::string_view secret : {"CANARYNAME", "9434765919", "1950", "CANARYLOCAL"}) {
            EXPECT_FALSE(shows(bytes, false, secret)) << secret;
            EXPECT_TRUE(shows(bytes, true, secret)) << secret;
        }
}

TEST(Explanation, HidesALineThatIsNoSegment) {
    const std::string torn =
        std::string(admission) +
        "OBX|1|TX|x^^L||first line\rCANARYLINE of a letter|CANARYREST\rOBX|2|NM|y^^L||1\r";
    const explanation found = explain_message(torn, false);
    EXPECT_EQ(to_table(found, 0).find("CANARY"), std::string::npos);
    EXPECT_EQ(write(to_json(found)).find("CANARY"), std::string::npos);
    ASSERT_NE(find(found, "#6"), nullptr);
    EXPECT_TRUE(find(found, "#6")->hidden);
    EXPECT_NE(find(found, "OBX(2)-3"), nullptr);
    EXPECT_EQ(find(explain_message(torn, true), "#6")->value, "CANARYLINE of a letter");
}

TEST(Explanation, TellsWhatIsForAuditDatasets) {
    const explanation found =
        explain_message(std::string(admission) + "PR1|1||V55.1^Text^OPCS4||20260504\r", false);
    const auto procedure = std::find_if(found.facts.begin(), found.facts.end(),
                                        [](const explained_fact& one) { return one.kind == "procedure"; });
    ASSERT_NE(procedure, found.facts.end());
    EXPECT_EQ(procedure->codes, "OPCS4|V55.1");
    EXPECT_NE(to_table(found, 0).find("procedure  OPCS4|V55.1\n"), std::string::npos);
}

const explained_part* part(const explanation& in, std::string_view path) {
    const auto found = std::find_if(in.parts.begin(), in.parts.end(),
                                    [&](const explained_part& one) { return one.path == path; });
    return found == in.parts.end() ? nullptr : &*found;
}

TEST(Explanation, TellsWhatBecameOfEachSegmentAndWhy) {
    const explanation found =
        explain_message(std::string(admission) +
                            "NK1|1|CANARYKIN\rPR1|1||^text only||20260504\rPR1|2||V55.1^^OPCS4||20260504\r",
                        false);
    const auto use_of = [&](std::string_view path) { return part(found, path)->use; };
    EXPECT_EQ(use_of("PID"), "read");
    EXPECT_EQ(use_of("PV1"), "read");
    EXPECT_EQ(use_of("NK1"), "known and unused");
    EXPECT_EQ(use_of("ZXX"), "unknown");
    EXPECT_EQ(use_of("PR1"), "unreadable");
    EXPECT_EQ(use_of("PR1(2)"), "read");
    EXPECT_EQ(part(found, "PR1(2)")->facts, 1U);
    ASSERT_EQ(part(found, "PR1")->notes.size(), 1U);
    EXPECT_EQ(part(found, "PR1")->notes[0].path, "PR1-3");
    const std::string table = to_table(found, 0);
    EXPECT_NE(table.find("  known and unused     1  NK1\n"), std::string::npos) << table;
    EXPECT_NE(table.find("  NK1: no audit dataset asks for it\n"), std::string::npos) << table;
    EXPECT_EQ(table.find("CANARY"), std::string::npos);
    EXPECT_EQ(write(to_json(found)).find("CANARY"), std::string::npos);
    const auto parts = to_json(found)["parts"];
    EXPECT_EQ(parts.items().size(), found.parts.size());
}

TEST(Explanation, SaysOnceWhatIsSaidOfManyParts) {
    std::string bytes(admission);
    for (int i = 0; i < 30; ++i)
        bytes += "NTE|1||CANARY\r";
    const std::string table = to_table(explain_message(bytes, false), 0);
    EXPECT_NE(table.find("NTE, NTE(2), NTE(3), NTE(4) and 26 more: no audit dataset asks for it"),
              std::string::npos)
        << table;
}

TEST(Explanation, PointsOutCodeSystemsAndUnitsThatNoFileNames) {
    const shipped_terminology known;
    const auto notes_of = [&](const std::string& segment, std::string_view path) {
        const explanation found =
            explain_message(std::string(admission) + segment + "\r", false, known.rules());
        std::string notes;
        for (const explained_note& note : part(found, path)->notes)
            notes += note.path + ": " + note.text.substr(0, note.text.find(':')) + "\n";
        return notes;
    };
    EXPECT_EQ(notes_of("PR1|1||V55.1^^OPCS4||20260504|||||||||||L3^^SCT", "PR1"), "");
    EXPECT_EQ(notes_of("PR1|1||7^^LOCALX||20260504", "PR1"), "PR1-3: unknown code system `LOCALX`\n");
    EXPECT_EQ(notes_of("PR1|1||7^^Mrs CANARY Smith||20260504", "PR1"),
              "PR1-3: unknown code system (not shown)\n");
    EXPECT_EQ(notes_of("PR1|1||7||20260504|||||||||||L3^^SITES", "PR1"),
              "PR1-3: a code without the name of its system\nPR1-16: unknown code system `SITES`\n");
    EXPECT_EQ(notes_of("DG1|1||7^^LOCALX", "DG1"), "DG1-3: unknown code system `LOCALX`\n");
    EXPECT_EQ(notes_of("OBX|1|CWE|7^^LOCALX||8^^LOCALY||||||F", "OBX"),
              "OBX-3: unknown code system `LOCALX`\nOBX-5: unknown code system `LOCALY`\n");
    EXPECT_EQ(notes_of("RXE||N02AA01^^ATC|30||spoon", "RXE"), "RXE-5: unknown unit\n");
    EXPECT_EQ(notes_of("RXA|0|1|20260504||7^^LOCALX|30|mg", "RXA"), "RXA-5: unknown code system `LOCALX`\n");
}

TEST(Explanation, ReadsAsTheProfileOfTheSenderSays) {
    reading_rules rules;
    rules.profile.identifiers.local_types = {"PI"};
    rules.profile.identifiers.nhs_types = {};
    rules.profile.identifiers.nhs_authorities = {};
    const explanation found = explain_message(admission, false, rules);
    EXPECT_TRUE(std::any_of(found.findings.begin(), found.findings.end(),
                            [](const explained_finding& one) { return one.code == "no-patient"; }));
}

TEST(Explanation, ExplainsFhirInASimpleForm) {
    const explanation found = explain_message(
        R"({"resourceType":"Observation","status":"final","valueQuantity":{"value":3.50,"unit":"mg"}})",
        false);
    EXPECT_EQ(found.title, "Observation, FHIR JSON");
    EXPECT_EQ(find(found, "Observation.status")->value, "final");
    EXPECT_EQ(find(found, "Observation.valueQuantity.value")->value, "3.50");
}

constexpr std::string_view fhir_procedure =
    R"({"resourceType":"Procedure","id":"CANARY-7","status":"completed","performedDateTime":"2026-03-05",
        "identifier":[{"system":"urn:x","value":9434765919}],"CANARY":"CANARY","CANARY NAME":"CANARY",
        "code":{"coding":[{"system":"http://snomed.info/sct","code":"438791002","display":"CANARY"}]},
        "note":[{"text":"CANARY"}],"performedString":"CANARY","subject":{"reference":"Patient/CANARY"}})";

const explained_element* find_element(const explanation& in, std::string_view path) {
    const auto found = std::find_if(in.elements.begin(), in.elements.end(),
                                    [&](const explained_element& one) { return one.path == path; });
    return found == in.elements.end() ? nullptr : &*found;
}

TEST(Explanation, TellsOfEachFhirElementWhatBecameOfIt) {
    const explanation found = explain_message(fhir_procedure, false);
    ASSERT_EQ(found.facts.size(), 1U);
    EXPECT_EQ(found.facts[0], (explained_fact{"Procedure", "procedure", "http://snomed.info/sct|438791002"}));
    EXPECT_EQ(find_element(found, "Procedure.code.coding[0].code")->use, "read");
    EXPECT_EQ(*find_element(found, "Procedure.note[0]"),
              (explained_element{"Procedure.note[0]", "unused", "texts for people are never read"}));
    EXPECT_EQ(find_element(found, "Procedure.?")->use, "unknown");
    EXPECT_EQ(find_element(found, "Procedure.performedString")->use, "unreadable");
    const std::string table = to_table(found, 0);
    EXPECT_NE(table.find("  Procedure.note[0]  known and unused: texts for people are never read\n"),
              std::string::npos);
    EXPECT_NE(table.find("2 unknown, 1 unreadable"), std::string::npos) << table;
    const std::string json = write(to_json(found));
    EXPECT_NE(json.find(R"({"path":"Procedure.status","use":"read"})"), std::string::npos) << json;
    for (const std::string& text : {table, json}) {
        EXPECT_EQ(text.find("CANARY NAME"), std::string::npos) << text;
        EXPECT_EQ(text.find("\"CANARY\""), std::string::npos) << text;
        EXPECT_EQ(text.find("9434765919"), std::string::npos) << text;
    }
}

TEST(Explanation, ReadsFhirXmlAsJson) {
    const explanation xml = explain_message(
        R"(<Observation xmlns="http://hl7.org/fhir"><status value="final"/><note><text value="CANARY"/></note>
        <valueQuantity><value value="3.50"/></valueQuantity></Observation>)",
        false);
    const explanation json = explain_message(
        R"({"resourceType":"Observation","status":"final","note":[{"text":"CANARY"}],"valueQuantity":{"value":3.50}})",
        false);
    EXPECT_EQ(xml.title, "Observation, FHIR XML");
    EXPECT_EQ(xml.values, json.values);
    EXPECT_EQ(xml.elements, json.elements);
}

TEST(Explanation, ReadsAsTheProfileOfTheSourceSays) {
    constexpr std::string_view dispense =
        R"({"resourceType":"MedicationDispense","id":"1","status":"completed","whenHandedOver":"2026-03-01"})";
    const explanation plain = explain_message(dispense, false);
    EXPECT_TRUE(plain.facts.empty());
    EXPECT_EQ(find_element(plain, "MedicationDispense")->use, "unused");
    auditgate::mapping::source_profile profile;
    profile.dispenses = auditgate::mapping::fhir_dispense::order;
    const explanation as_order = explain_message(dispense, false, {profile});
    EXPECT_EQ(as_order.facts.size(), 1U);
    EXPECT_EQ(find_element(as_order, "MedicationDispense.whenHandedOver")->use, "read");
}

TEST(Explanation, LinesOfNdjsonHaveTheirNumbers) {
    const explanation found = explain_message(std::string(R"({"resourceType":"Patient","id":"1"})") + "\n\n" +
                                                  R"({"resourceType":"Patient","CANARY)" + "\n" +
                                                  R"({"resourceType":"Claim"})" + "\n",
                                              false);
    EXPECT_EQ(found.title, "NDJSON, 3 lines");
    ASSERT_EQ(found.facts.size(), 1U);
    EXPECT_EQ(found.facts[0].path, "line(1).Patient");
    EXPECT_EQ(find_element(found, "line(4).Claim")->use, "unused");
    ASSERT_EQ(found.findings.size(), 1U);
    EXPECT_EQ(found.findings[0].code, "invalid-json");
    EXPECT_TRUE(found.findings[0].path.starts_with("line(3)"));
}

TEST(Explanation, SaysWhyAFileCannotBeRead) {
    const explanation text = explain_message("hello", false);
    ASSERT_FALSE(text.findings.empty());
    EXPECT_EQ(text.findings[0].code, "no-msh");
    const explanation json = explain_message("{\"a\":", false);
    ASSERT_FALSE(json.findings.empty());
    EXPECT_EQ(json.findings[0].code, "invalid-json");
}

TEST(Explanation, CutsLongValuesBetweenCharacters) {
    const std::string bytes = "MSH|^~\\&|PAS|RXX|||20260504||ADT^A08|\xc3\xa9\xc3\xa9\xc3\xa9|P|2.5\r";
    EXPECT_NE(to_table(explain_message(bytes, true), 2).find("\xc3\xa9\xc3\xa9...\n"), std::string::npos);
}

TEST(ProgressLine, ShowsShareCountAndRate) {
    EXPECT_EQ(progress_line("sending", 500, 1000, 2s),
              "sending  [###############...............]  50%  500/1000  250/s");
    EXPECT_EQ(progress_line("sending", 0, 0, 0ms), "sending  [..............................]  0%  0/0  0/s");
}

TEST(Explanation, ShowsWhatTheColumnsOfATableGiveAndHidesWhoItIs) {
    const auto folder = auditgate::test::source_folder();
    const auto load = auditgate::mapping::load_source_profile(folder / "config/sources/coding-extract.yaml");
    ASSERT_TRUE(load.profile.has_value());
    const std::string bytes =
        auditgate::test::read_file(folder / "deploy/sample/tables/coding_20260316.csv") + "9990000042,H1\r\n";
    const explanation found = explain_table(bytes, "coding_20260316.csv", *load.profile, false);
    EXPECT_EQ(found.title, "table-coding, 4 rows, 22 facts");
    EXPECT_EQ(*find(found, "row 2, DIAG_01"),
              (explained_value{"row 2, DIAG_01", "condition", "C79.5", false}));
    EXPECT_TRUE(find(found, "row 2, NHS_NUMBER")->hidden);
    EXPECT_TRUE(find(found, "row 2, PATIENT_NAME")->hidden);
    ASSERT_EQ(found.findings.size(), 1U);
    EXPECT_EQ(found.findings[0].path, "row 5");
    EXPECT_EQ(found.findings[0].code, "cell-count-differs");
    const std::string shown = to_table(found, 0) + write(to_json(found));
    for (const char* secret : {"9990000042", "H700001", "Sample, Anna", "12/07/1958"})
        EXPECT_EQ(shown.find(secret), std::string::npos) << secret;
    const explanation misnamed = explain_table(bytes, "other.csv", *load.profile, false);
    EXPECT_EQ(misnamed.findings.at(0).code, "file-name-differs");
    EXPECT_NE(misnamed.findings.at(0).text.find("`file_name` of the profile"), std::string::npos);
}

TEST(Explanation, ChecksNoFileNameOfStandardInput) {
    const auto folder = auditgate::test::source_folder();
    const auto load = auditgate::mapping::load_source_profile(folder / "config/sources/coding-extract.yaml");
    ASSERT_TRUE(load.profile.has_value());
    const std::string bytes = auditgate::test::read_file(folder / "deploy/sample/tables/coding_20260316.csv");
    const explanation named = explain_table(bytes, "coding_20260316.csv", *load.profile, false);
    const explanation piped = explain_table(bytes, "", *load.profile, false);
    EXPECT_TRUE(piped.findings.empty()) << to_table(piped, 0);
    EXPECT_EQ(piped.title, named.title);
    EXPECT_EQ(piped.values, named.values);
}

// An unquoted comma in a name moves all that follows into the columns of other things.
TEST(Explanation, HidesTheCellsOfARowThatHasMoreOrFewerThanColumns) {
    const auto folder = auditgate::test::source_folder();
    const auto load = auditgate::mapping::load_source_profile(folder / "config/sources/coding-extract.yaml");
    ASSERT_TRUE(load.profile.has_value());
    std::string bytes = auditgate::test::read_file(folder / "deploy/sample/tables/coding_20260316.csv");
    const std::string header = bytes.substr(0, bytes.find_first_of("\r\n"));
    const auto columns = static_cast<std::size_t>(std::count(header.begin(), header.end(), ',')) + 1;
    for (const std::size_t cells : {columns + 1, columns - 1}) {
        std::string row = "C1";
        for (std::size_t i = 2; i <= cells; ++i)
            row += ",C" + std::to_string(i);
        const std::string torn = header + "\r\n" + row + "\r\n";
        const explanation found = explain_table(torn, "coding_20260316.csv", *load.profile, false);
        ASSERT_EQ(found.values.size(), cells + 1) << to_table(found, 0); // and the line of the row
        for (std::size_t i = 1; i <= cells; ++i)
            EXPECT_EQ(found.values[i],
                      (explained_value{"row 2, cell " + std::to_string(i), "of no column", "", true}));
        const explanation shown = explain_table(torn, "coding_20260316.csv", *load.profile, true);
        EXPECT_EQ(find(shown, "row 2, cell 2")->value, "C2");
    }
}

TEST(Explanation, HidesCellsThatDoNotLookAsTheirColumnShould) {
    const auto folder = auditgate::test::source_folder();
    const auto coding =
        auditgate::mapping::load_source_profile(folder / "config/sources/coding-extract.yaml");
    ASSERT_TRUE(coding.profile.has_value());
    std::string bytes = auditgate::test::read_file(folder / "deploy/sample/tables/coding_20260316.csv");
    bytes.replace(bytes.find("C79.5"), 5, "Mrs CANARY Sample");
    const explanation found = explain_table(bytes, "coding_20260316.csv", *coding.profile, false);
    ASSERT_NE(find(found, "row 2, DIAG_01"), nullptr);
    EXPECT_TRUE(find(found, "row 2, DIAG_01")->hidden);
    EXPECT_EQ((to_table(found, 0) + write(to_json(found))).find("CANARY"), std::string::npos);
    EXPECT_EQ(
        find(explain_table(bytes, "coding_20260316.csv", *coding.profile, true), "row 2, DIAG_01")->value,
        "Mrs CANARY Sample");
}

TEST(Explanation, HidesObservedValuesThatDoNotLookAsTheirTypeShould) {
    const auto shown = [](const std::string& type, const std::string& value) {
        const explanation found = explain_hl7_result(type, value);
        const explained_value* result = find(found, "OBX-5");
        return result->hidden ? std::string("hidden") : result->value;
    };
    EXPECT_EQ(shown("NM", "7"), "7");
    EXPECT_EQ(shown("NM", "-3.50"), "-3.50");
    EXPECT_EQ(shown("NM", "Mrs Jane Sample 07700900123"), "hidden");
    EXPECT_EQ(shown("NM", "07700900123"), "hidden");
    EXPECT_EQ(shown("NM", "9434765919"), "hidden");
    EXPECT_EQ(shown("SN", ">^100"), ">^100");
    EXPECT_EQ(shown("DT", "20260305"), "20260305");
    EXPECT_EQ(shown("DTM", "20260305091233.12+0100"), "20260305091233.12+0100");
    EXPECT_EQ(shown("DT", "Jane"), "hidden");
    EXPECT_EQ(shown("IS", "Mrs Jane"), "hidden");
    EXPECT_EQ(shown("ST", "7"), "hidden");
    EXPECT_EQ(shown("CWE", "C79.5^Jane^I10"), "C79.5^(hidden)^I10");
    EXPECT_EQ(shown("CWE", "Mrs Jane^text^I10"), "hidden");
    EXPECT_EQ(shown("CWE", "7^^Mrs Jane"), "7^^(hidden)");
}

TEST(Explanation, HidesFhirValuesThatDoNotLookAsTheirElementShould) {
    const explanation found = explain_message(
        R"({"resourceType":"Observation","status":"final","effectiveDateTime":"SECRETDATE Jane",)"
        R"("code":{"coding":[{"system":"http://loinc.org","code":"Mrs Jane Smith 07700"}]},)"
        R"("component":[{"code":{"coding":[{"system":"Patient/Jane","code":"72514-3"}]},)"
        R"("valueQuantity":{"value":9434765919,"unit":"per Jane","comparator":">="}}],)"
        R"("valueQuantity":{"value":7,"unit":"mg/mL"},"meta":{"lastUpdated":"2026-03-05T09:12:33.123+01:00"}})",
        false);
    const std::string text = to_table(found, 0) + write(to_json(found));
    for (const char* const secret : {"Jane", "07700", "SECRETDATE", "9434765919"})
        EXPECT_EQ(text.find(secret), std::string::npos) << text;
    EXPECT_EQ(find(found, "Observation.code.coding[0].system")->value, "http://loinc.org");
    EXPECT_EQ(find(found, "Observation.component[0].code.coding[0].code")->value, "72514-3");
    EXPECT_EQ(find(found, "Observation.component[0].valueQuantity.comparator")->value, ">=");
    EXPECT_EQ(find(found, "Observation.valueQuantity.unit")->value, "mg/mL");
    EXPECT_EQ(find(found, "Observation.meta.lastUpdated")->value, "2026-03-05T09:12:33.123+01:00");
}

TEST(OpenValue, HasTheFormOfItsKind) {
    for (const char* const date : {"2026", "2026-03", "2026-03-05", "05/03/2026", "05/03/2026 09:12",
                                   "2026-03-05T09:12:33Z", "202603050912", "20260305091233+0000", ""})
        EXPECT_TRUE(has_form(date, value_form::date)) << date;
    for (const char* const other : {"9434765919", "07700900123", "07700 900123", "0770-0900-123", "7700-900",
                                    "x", "2026-03-05 Jane", "2026-03-05Tx", "12345678"})
        EXPECT_FALSE(has_form(other, value_form::date)) << other;
    for (const char* const code :
         {"C79.5", "V55.1", "438791002", "MedicationAdministration", "entered-in-error"})
        EXPECT_TRUE(has_form(code, value_form::code)) << code;
    for (const char* const other : {"9434765919", "Mrs Smith", "12/07/1958", "Zo\xc3\xab", "a@b"})
        EXPECT_FALSE(has_form(other, value_form::code)) << other;
    for (const char* const number : {"3.50", ">=100", "1e3", "0.3333333333333"})
        EXPECT_TRUE(has_form(number, value_form::number)) << number;
    for (const char* const other : {"12 Jane", "123456789", "seven"})
        EXPECT_FALSE(has_form(other, value_form::number)) << other;
    EXPECT_TRUE(has_form("urn:oid:2.16.840.1.113883.2.1.4.1", value_form::uri));
    EXPECT_FALSE(has_form("https://pas/Patient?name=Smith", value_form::uri));
    EXPECT_TRUE(has_form("mL/min/{1.73_m2}", value_form::unit));
    EXPECT_FALSE(has_form("tablets of Jane", value_form::unit));
}

} // namespace
