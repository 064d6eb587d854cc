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
    const resource_entry* const patient = &set.entries()[0];
    EXPECT_EQ(set.resolve("urn:uuid:1", encounter), patient);
    EXPECT_EQ(set.resolve("Patient/a", encounter), patient);
    EXPECT_EQ(set.resolve("https://y.example/Patient/a/_history/2", encounter), patient);
    const resource_entry* const organization = set.resolve("#o", encounter);
    ASSERT_NE(organization, nullptr);
    EXPECT_EQ(organization->resource, &(*encounter.resource)["contained"][0]);
    EXPECT_EQ(organization->path, "Bundle.entry[1].resource.contained[0]");
    EXPECT_EQ(set.resolve("#o", *organization), organization); // contained resources refer to each other
    EXPECT_EQ(set.resolve("#o", set.entries()[0]), nullptr);
    EXPECT_EQ(set.resolve("Patient/b", encounter), nullptr);
    EXPECT_EQ(set.resolve("urn:uuid:2", encounter), nullptr);
    EXPECT_EQ(set.resolve("", encounter), nullptr);
}

TEST(ResourceSet, RelativeReferenceIsOfTheServerOfItsEntry) {
    const json::value bundle = parsed(R"({"resourceType":"Bundle","entry":[
        {"fullUrl":"https://a.example/fhir/Patient/1","resource":{"resourceType":"Patient","id":"1"}},
        {"fullUrl":"https://b.example/Patient/1","resource":{"resourceType":"Patient","id":"1"}},
        {"fullUrl":"https://b.example/Procedure/2","resource":{"resourceType":"Procedure","id":"2"}},
        {"fullUrl":"https://c.example/Procedure/3","resource":{"resourceType":"Procedure","id":"3"}},
        {"fullUrl":"urn:uuid:4","resource":{"resourceType":"Procedure","id":"4"}}]})");
    const resource_set set(bundle);
    const auto& all = set.entries();
    EXPECT_EQ(set.resolve("Patient/1", all[0]), &all[0]);
    EXPECT_EQ(set.resolve("Patient/1", all[2]), &all[1]);
    EXPECT_EQ(set.resolve("Patient/1", all[3]), nullptr); // that of c.example is not here
    EXPECT_EQ(set.resolve("Patient/1", all[4]), nullptr); // nobody can say which of the two
    EXPECT_EQ(set.resolve("https://b.example/Patient/1", all[0]), &all[1]);
    EXPECT_EQ(set.resolve("https://c.example/Patient/1", all[0]), nullptr);
    EXPECT_EQ(set.resolve("https://c.example/Procedure/4", all[0]), &all[4]); // of no known server
}

TEST(ResourceSet, OfSeveralVersionsTheNamedOrTheLatestIsMeant) {
    const json::value bundle = parsed(R"({"resourceType":"Bundle","type":"history","entry":[
        {"resource":{"resourceType":"Patient","id":"p","meta":{"versionId":"2","lastUpdated":"2026-03-02T23:00:00-02:00"}}},
        {"resource":{"resourceType":"Patient","id":"p","meta":{"versionId":"3","lastUpdated":"2026-03-03T02:00:00Z"}}},
        {"resource":{"resourceType":"Patient","id":"p","meta":{"versionId":"1"}}}]})");
    const resource_set set(bundle);
    const auto& all = set.entries();
    EXPECT_EQ(set.resolve("Patient/p/_history/1", all[0]), &all[2]);
    EXPECT_EQ(set.resolve("Patient/p/_history/2", all[0]), &all[0]);
    EXPECT_EQ(set.resolve("Patient/p", all[0]), &all[1]);
    EXPECT_EQ(set.resolve("Patient/p/_history/9", all[0]), &all[1]);
}

TEST(ResourceSet, ConditionalAndLogicalReferencesNeedOneMatch) {
    const json::value bundle = parsed(R"({"resourceType":"Bundle","entry":[
        {"resource":{"resourceType":"Patient","id":"a","identifier":[{"system":"urn:n","value":"7"},{"system":"urn:n","value":"8"}]}},
        {"resource":{"resourceType":"Patient","id":"b","identifier":[{"system":"urn:n","value":"8"}]}},
        {"resource":{"resourceType":"Group","id":"c","identifier":[{"system":"urn:n","value":"7"}]}}]})");
    const resource_set set(bundle);
    const auto& all = set.entries();
    EXPECT_EQ(set.resolve("Patient?identifier=urn:n|7", all[2]), &all[0]);
    EXPECT_EQ(set.resolve("Patient?identifier=urn:n|8", all[2]), nullptr);
    EXPECT_EQ(set.resolve("Patient?identifier=7", all[2]), nullptr);
    EXPECT_EQ(set.find_by_identifier("Group", "urn:n", "7"), &all[2]);
    EXPECT_EQ(set.find_by_identifier("", "urn:n", "7"), nullptr);
}

TEST(ResourceSet, HashAloneIsTheContainer) {
    const json::value one = parsed(
        R"({"resourceType":"Procedure","id":"p","contained":[{"resourceType":"Condition","id":"c"}]})");
    const resource_set set(one);
    const resource_entry* const contained = set.resolve("#c", set.entries()[0]);
    ASSERT_NE(contained, nullptr);
    EXPECT_EQ(set.resolve("#", *contained), &set.entries()[0]);
    EXPECT_EQ(set.resolve("#", set.entries()[0]), nullptr);
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
        {"Patient?identifier=https://x.example/Patient/1", ""},
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

TEST(ResourceSet, ResolvesTheReferencesOfALargeDocument) {
    constexpr int count = 20'000;
    json::value entries = json::value::array();
    for (int i = 0; i < count; ++i) {
        const std::string id = std::to_string(i);
        entries.push_back(json::make_object(
            {{"fullUrl", json::value("urn:x:" + id)},
             {"resource",
              json::make_object({{"resourceType", json::value("Patient")}, {"id", json::value(id)}})}}));
    }
    const json::value bundle =
        json::make_object({{"resourceType", json::value("Bundle")}, {"entry", std::move(entries)}});
    const resource_set set(bundle);
    int found = 0;
    for (const resource_entry& each :
         set.entries()) { // minutes, if each reference were looked for in all entries
        found += set.resolve(each.full_url, each) == &each ? 1 : 0;
        found += set.resolve("Patient/" + std::string(each.id()), each) == &each ? 1 : 0;
    }
    EXPECT_EQ(found, 2 * count);
}

TEST(ResourceEntry, IdentityIsWhatOtherDocumentsKnowItBy) {
    const json::value bundle = parsed(R"({"resourceType":"Bundle","type":"transaction","entry":[
        {"fullUrl":"https://x.example/Patient/b","resource":{"resourceType":"Patient","id":"a",
            "contained":[{"resourceType":"Organization","id":"o"}]}},
        {"fullUrl":"https://x.example/Patient/b","request":{"method":"POST"},"resource":{"resourceType":"Patient","id":"a"}},
        {"fullUrl":"https://x.example/Group/b","request":{"method":"POST"},"resource":{"resourceType":"Patient","id":"a"}},
        {"fullUrl":"urn:uuid:1","request":{"method":"PUT"},"resource":{"resourceType":"Patient","id":"a"}},
        {"fullUrl":"https://x.example/Patient/b","resource":{"resourceType":"Patient"}}]})");
    const resource_set set(bundle);
    const char* const expected[] = {"Patient/a", "Patient/b", "", "Patient/a", "Patient/b"};
    for (std::size_t i = 0; i < set.entries().size(); ++i) {
        EXPECT_EQ(set.entries()[i].identity(), expected[i]) << i;
    }
    EXPECT_EQ(set.resolve("#o", set.entries()[0])->identity(), "");
}

TEST(ResourceEntry, UuidIdentityNeedsAUuid) {
    const json::value patient = parsed(R"({"resourceType":"Patient","id":"a"})");
    const auto identity = [&patient](std::string_view full_url) {
        return resource_entry{&patient, "", full_url}.uuid_identity();
    };
    for (const char* const url :
         {"urn:uuid:61ebe359-bfdc-4613-8bf2-c5e300945f0a", "urn:uuid:61EBE359-BFDC-4613-8BF2-C5E300945F0A"}) {
        EXPECT_EQ(identity(url), "Patient/" + std::string(url));
    }
    for (const char* const url :
         {"", "urn:uuid:", "urn:uuid:patient", "urn:uuid:61ebe359-bfdc-4613-8bf2-c5e300945f0",
          "urn:uuid:61ebe359-bfdc-4613-8bf2-c5e300945f0ab", "urn:uuid:61ebe359-bfdc-4613-8bf2-c5e300945f0g",
          "urn:uuid:61ebe359xbfdc-4613-8bf2-c5e300945f0a", "urn:oid:61ebe359-bfdc-4613-8bf2-c5e300945f0a1"}) {
        EXPECT_EQ(identity(url), "") << url;
    }
}

} // namespace
} // namespace auditgate::fhir
