#include "fhir/bundle.hpp"

#include <gtest/gtest.h>

namespace auditgate::fhir {
namespace {

json::value parsed(std::string_view text) {
    return json::parse(text).document.value_or(json::value());
}

TEST(ResourceSet, HoldsOneResourceOrTheEntriesOfABundle) {
    const json::value one = parsed(R"({"resourceType":"Procedure","id":"p"})");
    ASSERT_EQ(resource_set(one).entries().size(), 1U);
    EXPECT_EQ(resource_set(one).entries()[0].path, "Procedure");

    const json::value bundle = parsed(R"({"resourceType":"Bundle","timestamp":"2026-03-05T10:00:00Z","entry":[
        {"fullUrl":"urn:uuid:1","resource":{"resourceType":"Patient","id":"a"}},
        {"request":{"method":"DELETE","url":"Procedure/b"}}]})");
    const resource_set set(bundle);
    ASSERT_EQ(set.entries().size(), 2U);
    EXPECT_EQ(set.timestamp(), "2026-03-05T10:00:00Z");
    EXPECT_EQ(set.entries()[0].path, "Bundle.entry[0].resource");
    EXPECT_EQ(set.entries()[0].type(), "Patient");
    EXPECT_EQ(set.entries()[1].resource, nullptr);
    EXPECT_EQ(set.entries()[1].method, "DELETE");
    EXPECT_EQ(set.entries()[1].url, "Procedure/b");
}

TEST(ResourceSet, ResolvesReferencesInsideTheDocument) {
    const json::value bundle = parsed(R"({"resourceType":"Bundle","entry":[
        {"fullUrl":"urn:uuid:1","resource":{"resourceType":"Patient","id":"a"}},
        {"fullUrl":"https://x.example/fhir/Encounter/e","resource":{"resourceType":"Encounter","id":"e",
            "contained":[{"resourceType":"Organization","id":"o"}]}}]})");
    const resource_set set(bundle);
    const resource_entry& encounter = set.entries()[1];
    EXPECT_EQ(set.resolve("urn:uuid:1", encounter), set.entries()[0].resource);
    EXPECT_EQ(set.resolve("Patient/a", encounter), set.entries()[0].resource);
    EXPECT_EQ(set.resolve("https://y.example/Patient/a/_history/2", encounter), set.entries()[0].resource);
    EXPECT_EQ(set.resolve("#o", encounter), &(*encounter.resource)["contained"][0]);
    EXPECT_EQ(set.resolve("#o", set.entries()[0]), nullptr);
    EXPECT_EQ(set.resolve("Patient/b", encounter), nullptr);
    EXPECT_EQ(set.resolve("urn:uuid:2", encounter), nullptr);
    EXPECT_EQ(set.resolve("", encounter), nullptr);
}

TEST(LiteralTarget, IsTypeAndId) {
    const struct {
        const char* reference;
        const char* target;
    } rows[] = {
        {"Procedure/123", "Procedure/123"},
        {"Procedure/123/_history/4", "Procedure/123"},
        {"https://x.example/fhir/Procedure/123", "Procedure/123"},
        {"https://x.example/fhir/Procedure/123/_history/4", "Procedure/123"},
        {"urn:uuid:ba6c4348-1317-aa33-6547-21e906b0f42d", ""},
        {"#contained", ""},
        {"Patient?identifier=a|b", ""},
        {"procedure/123", ""},
        {"Procedure/", ""},
        {"", ""},
    };
    for (const auto& row : rows) {
        EXPECT_EQ(literal_target(row.reference), row.target) << row.reference;
    }
}

TEST(ConditionalIdentifier, IsSystemAndValue) {
    EXPECT_EQ(conditional_identifier("Patient?identifier=https://x|1&active=true"), "https://x|1");
    EXPECT_EQ(conditional_identifier("Patient/1"), "");
    EXPECT_EQ(conditional_identifier("?identifier=a|b"), "");
}

} // namespace
} // namespace auditgate::fhir
