#include "fhir/elements.hpp"
#include "mapping/read/fhir_element_use.hpp"
#include "tests/support/support.hpp"
#include "tests/unit/mapping/read_fhir_support.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <sstream>
#include <string>

namespace auditgate::mapping::test {
namespace {

using auditgate::test::read_file;
using auditgate::test::source_folder;

// What became of each place of a document, and why.
std::map<std::string, std::pair<part_use, std::string>> uses_in(const std::string& document,
                                                                const source_profile& profile = {}) {
    std::map<std::string, std::pair<part_use, std::string>> result;
    const read_result read_now = read_message({document, format_of(document), "m", {}}, profile);
    for (const element_report& one : element_reports(
             fhir::json::parse(document).document.value_or(fhir::json::value()), read_now, profile))
        result[one.path] = {one.use, one.why};
    return result;
}

TEST(ElementUse, TellsReadUnusedUnknownAndUnreadable) {
    const auto uses = uses_in(
        resource("Procedure", R"("status":"completed","performedDateTime":"CANARY","performedString":"CANARY",
        "CANARY Smith":"CANARY","colour":"CANARY","note":[{"text":"CANARY"}],
        "code":{"coding":[{"system":"s","code":"1","display":"CANARY"}],"text":"CANARY"},
        "extension":[{"url":"CANARY"}])"));
    const std::map<std::string, part_use> expected = {
        {"Procedure", part_use::used},
        {"Procedure.?", part_use::unknown},
        {"Procedure.code.coding[0].code", part_use::used},
        {"Procedure.code.coding[0].display", part_use::not_used},
        {"Procedure.code.coding[0].system", part_use::used},
        {"Procedure.code.text", part_use::not_used},
        {"Procedure.colour", part_use::unknown},
        {"Procedure.extension[0]", part_use::not_used},
        {"Procedure.id", part_use::used},
        {"Procedure.meta.lastUpdated", part_use::used},
        {"Procedure.note[0]", part_use::not_used},
        {"Procedure.performedDateTime", part_use::unreadable},
        {"Procedure.performedString", part_use::unreadable},
        {"Procedure.status", part_use::used},
        {"Procedure.subject.identifier.system", part_use::used},
        {"Procedure.subject.identifier.value", part_use::used},
    };
    EXPECT_EQ(uses.size(), expected.size());
    for (const auto& [path, use] : expected) {
        ASSERT_TRUE(uses.contains(path)) << path;
        EXPECT_EQ(uses.at(path).first, use) << path;
        EXPECT_EQ(uses.at(path).second.empty(), use == part_use::used) << path;
        EXPECT_EQ(uses.at(path).second.find("CANARY"), std::string::npos) << path;
    }
}

TEST(ElementUse, OfAResourceThatGaveNothingOnlyTheReasonIsTold) {
    const std::string entries =
        R"({"resource":{"resourceType":"Encounter","id":"e","status":"planned"}},{"resource":{"resourceType":"Claim","use":"x"}},
        {"resource":{"resourceType":"Organization"}},{"resource":{"resourceType":"SubscriptionStatus"}},
        {"resource":{"resourceType":"Procedure","modifierExtension":[{"url":"x"}]}},{"request":{"method":"DELETE","url":"Procedure/1"}})";
    const auto uses = uses_in(R"({"resourceType":"Bundle","type":"batch","entry":[)" + entries + "]}");
    const auto why = [&](int entry) {
        return uses.at("Bundle.entry[" + std::to_string(entry) + "].resource");
    };
    EXPECT_EQ(uses.size(), 6U);
    EXPECT_EQ(why(0).first, part_use::not_used);
    EXPECT_NE(why(0).second.find("status"), std::string::npos);
    EXPECT_EQ(why(1).first, part_use::not_used);
    EXPECT_EQ(why(2).second, "read with the resources that refer to it");
    EXPECT_EQ(why(3).first, part_use::unknown);
    EXPECT_EQ(why(4).first, part_use::unreadable);
    EXPECT_NE(why(4).second.find("modifierExtension"), std::string::npos);
    EXPECT_EQ(why(5).first, part_use::used);
}

TEST(ElementUse, ExtensionsThatTheSourceNamesAreRead) {
    const std::string patient =
        R"({"resourceType":"Patient","id":"p","extension":[{"url":"urn:e"},{"url":"urn:f"}],
        "_birthDate":{"extension":[{"url":"urn:g"}]}})";
    source_profile profile;
    profile.ethnic_category_extensions = {"urn:e"};
    const auto uses = uses_in(patient, profile);
    EXPECT_EQ(uses.at("Patient.extension[0]").first, part_use::used);
    EXPECT_EQ(uses.at("Patient.extension[1]").first, part_use::not_used);
    EXPECT_EQ(uses_in(patient).at("Patient.extension[0]").first, part_use::not_used);
}

TEST(ElementUse, TableHoldsOnlyElementsOfR4) {
    for (const read_elements& row : elements_read()) {
        std::istringstream names{std::string(row.elements)};
        for (std::string name; names >> name;)
            EXPECT_TRUE(fhir::find_element(row.type, name).has_value()) << row.type << "." << name;
    }
}

// The part of docs/fhir.md whose heading names this resource.
std::string section_of(const std::string& page, std::string_view resource_type) {
    std::size_t at = 0;
    while ((at = page.find("\n### ", at)) != std::string::npos) {
        const std::size_t end = std::min(page.find("\n### ", at + 1), page.size());
        const std::string heading = page.substr(at, page.find('\n', at + 1) - at);
        std::istringstream words(heading);
        for (std::string word; words >> word;)
            if (word.substr(0, word.find(',')) == resource_type)
                return page.substr(at, end - at);
        at = end;
    }
    return {};
}

TEST(ElementUse, PageForSendersNamesEveryElementThatIsRead) {
    const std::string page = read_file(source_folder() / "docs/fhir.md");
    for (const read_elements& row : elements_read()) {
        if (!fhir::is_resource_type(row.type))
            continue;
        const std::string section = section_of(page, row.type);
        ASSERT_FALSE(section.empty()) << row.type;
        std::istringstream names{std::string(row.elements)};
        for (std::string name; names >> name;)
            EXPECT_TRUE(name == "contained" || section.find('`' + name + '`') != std::string::npos)
                << row.type << "." << name;
    }
}

} // namespace
} // namespace auditgate::mapping::test
