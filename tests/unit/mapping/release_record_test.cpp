// Ids, pseudonyms, what a record holds and what it becomes for a destination that coarsens.
#include "mapping/release/coarsen.hpp"
#include "mapping/release/digest.hpp"
#include "mapping/release/record.hpp"
#include "mapping/terminology/builder.hpp"
#include "tests/unit/mapping/release_support.hpp"

#include <gtest/gtest.h>

namespace auditgate::mapping {
namespace {

using fhir::json::value;
using test_support::day;
using test_support::full_case;
using test_support::json;
using test_support::small_definition;

const destination_keys keys{"acceptance-record-key", "acceptance-pseudonym-key"};

destination_settings plain_destination() {
    destination_settings result;
    result.key_id = "acceptance-1";
    return result;
}

value record_with(const coarsening& how) {
    destination_settings destination = plain_destination();
    destination.coarsen = how;
    destination.provider_regions = {{"RYY", "south"}};
    return record_content(full_case(), small_definition(), destination, keys);
}

// RFC 4231, test cases 2 and 6; FIPS 180-4 example "abc".
TEST(Digest, GivesThePublishedVectors) {
    EXPECT_EQ(hmac_sha256_hex("Jefe", "what do ya want for nothing?"),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    EXPECT_EQ(
        hmac_sha256_hex(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First"),
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Record, IdAndPseudonymAreThoseOfTheGoldenCases) {
    EXPECT_EQ(record_id(keys.record_key, "nice-rfa-spinal-metastases", "nhs|9000012538", day(2026, 3, 5)),
              "fbee834e445811e01d885e15ddd5aeecdb51d46609b78b308669d1305ffa39ed");
    EXPECT_EQ(pseudonym(keys.pseudonym_key, "nhs|9000012538"),
              "6406c76b5ae173c1929efb236bffc1b7ee88ec46ad0cd816ecf17b098d78b91c");
    EXPECT_EQ(record_id(keys.record_key, "nice-rfa-spinal-metastases", "local|RXX|H501015", day(2026, 3, 5)),
              "2ef61a8f5cd6e0234bba3a37e062d3f2ce038a95757f2998a837a564790e5716");
    EXPECT_EQ(pseudonym(keys.pseudonym_key, "local|RXX|H501015"),
              "f6ac58a28eea969abe45d86474c1f75105926f772583f565bae12f3076ae69ec");
}

TEST(Record, HoldsTheItemsOfTheDefinitionAndNothingElse) {
    const value record = record_with({});
    EXPECT_EQ(fhir::json::write(record).find("CANARY"), std::string::npos);
    const value expected =
        json(R"({"dataset":"small","dataset_version":"1.2.0","terminology_version":"1.0.0","ome_table":"uk",
        "record_id":")" +
             record_id(keys.record_key, "small", "nhs|9000012538", day(2026, 3, 5)) + R"(",
        "provider_org":"RXX","source_feeds":["fhir","hl7v2-adt"],
        "patient":{"pseudonym":"6406c76b5ae173c1929efb236bffc1b7ee88ec46ad0cd816ecf17b098d78b91c",
            "pseudonym_key_id":"acceptance-1","pseudonym_basis":"nhs_number","age_band":"60-69","sex":"other",
            "ethnic_category":"H"},
        "selection":{"days":-8,"tumour":"melanoma"},
        "procedure":{"period":"2026-Q1","snomed":["36470004","438791002"],"opcs4":["V43.8","V55.1","Y13.4","Z66.5"],
            "levels":["T11","T12","L1","L2","S1"],"levels_count":5},
        "efficacy":[{"timepoint":"M1","status":"in-window","pain":{"day":30,"worst":3,"instrument":"NRS"},
            "opioid":{"day":29,"ome_mg_per_day":25,"computable":"full"},
            "quality":{"day":34,"profile":"11111","vas":70},"pain_response":"partial"}],
        "safety":{"events":[{"category":"infection","onset_day":3,"ctcae_grade":2,"relatedness":"unknown"},
            {"category":"infection","onset_day":6,"ctcae_grade":null,"relatedness":"procedure"},
            {"category":"bleeding","onset_day":8,"ctcae_grade":1,"relatedness":"disease"}]},
        "follow_up":{"last_contact_day":41},"data_quality":{"legal_basis":"s251"}})");
    EXPECT_EQ(fhir::json::write(record), fhir::json::write(expected));
}

TEST(Record, NamesTheOnlyInstrumentOfABlockWhenItHasAName) {
    compiled_definition definition = small_definition();
    definition.blocks[0].instruments.pop_back();
    const value record = record_content(full_case(), definition, plain_destination(), keys);
    EXPECT_EQ(record["efficacy"][0]["pain"]["instrument"].text(), "NRS");
    EXPECT_EQ(record["efficacy"][0]["quality"].find("instrument"), nullptr);
}

TEST(Record, CarriesVersionAndActionBehindItsId) {
    const value record = finished_record(record_with({}), 3, record_action::amend);
    EXPECT_EQ(record["record_version"].as_integer(), 3);
    EXPECT_EQ(record["record_action"].text(), "amend");
    EXPECT_EQ(record.members()[4].name, "record_id");
    EXPECT_EQ(record.members()[5].name, "record_version");
    EXPECT_EQ(record.members()[6].name, "record_action");
    EXPECT_EQ(record.members()[7].name, "provider_org");
}

TEST(Record, RetractionHasNoContent) {
    const value record = retraction(record_with({}), 4);
    EXPECT_EQ(record["record_action"].text(), "retract");
    EXPECT_EQ(record["record_version"].as_integer(), 4);
    EXPECT_EQ(record["provider_org"].text(), "RXX");
    EXPECT_EQ(record["source_feeds"].size(), 2U);
    for (const char* section :
         {"patient", "selection", "procedure", "efficacy", "safety", "follow_up", "data_quality"}) {
        ASSERT_NE(record.find(section), nullptr) << section;
        EXPECT_TRUE(record[section].is_null()) << section;
    }
}

TEST(Record, VersionsOfDatasetTerminologyAndOpioidTableAreNoContent) {
    const value record = record_with({});
    value other = record;
    other.set("dataset_version", value("2.0.0"));
    other.set("terminology_version", value("1.1.0"));
    other.set("ome_table", value("cdc-2022"));
    EXPECT_EQ(content_hash(record), content_hash(other));
    other.set("provider_org", value("RYY"));
    EXPECT_NE(content_hash(record), content_hash(other));
}

TEST(Record, SaysWhenThePseudonymRestsOnALocalNumber) {
    case_result local = full_case();
    local.patient_key = "local|RXX|H501015";
    local.provider_org = "";
    const value record = record_content(local, small_definition(), plain_destination(), keys);
    EXPECT_EQ(record["patient"]["pseudonym_basis"].text(), "local_id");
    EXPECT_TRUE(record["provider_org"].is_null());
}

// ---- coarsening ----

TEST(Coarsen, DaysToWeeksTowardsZeroAndEventsThatThenCoincideAreOne) {
    coarsening how;
    how.days = coarsening::day_form::week;
    const value record = record_with(how);
    EXPECT_EQ(record["selection"]["days"].as_integer(), -7);
    EXPECT_EQ(record["follow_up"]["last_contact_day"].as_integer(), 35);
    const value& row = record["efficacy"][0];
    EXPECT_EQ(row["pain"]["day"].as_integer(), 28);
    EXPECT_EQ(row["opioid"]["day"].as_integer(), 28);
    EXPECT_EQ(row["quality"]["day"].as_integer(), 28);
    EXPECT_EQ(record["safety"]["events"],
              json(R"([{"category":"infection","onset_day":0,"ctcae_grade":2,"relatedness":"procedure"},
                       {"category":"bleeding","onset_day":7,"ctcae_grade":1,"relatedness":"disease"}])"));
}

TEST(Coarsen, DaysToTheWindowAlone) {
    coarsening how;
    how.days = coarsening::day_form::window_only;
    const value record = record_with(how);
    EXPECT_TRUE(record["selection"]["days"].is_null());
    EXPECT_TRUE(record["follow_up"]["last_contact_day"].is_null());
    EXPECT_TRUE(record["efficacy"][0]["pain"]["day"].is_null());
    EXPECT_EQ(record["efficacy"][0]["pain"]["worst"].as_integer(), 3);
    EXPECT_EQ(record["safety"]["events"],
              json(R"([{"category":"bleeding","onset_day":null,"ctcae_grade":1,"relatedness":"disease"},
                       {"category":"infection","onset_day":null,"ctcae_grade":2,"relatedness":"procedure"}])"));
}

TEST(Coarsen, LevelsToRegionsWithoutAnyCodeThatNamesASite) {
    coarsening how;
    how.named["levels"] = "region";
    const value record = record_with(how);
    EXPECT_EQ(record["procedure"]["levels"], json(R"(["thoracic","lumbar","sacral"])"));
    EXPECT_EQ(record["procedure"]["levels_count"].as_integer(), 4);
    EXPECT_EQ(record["procedure"]["opcs4"], json(R"(["V43.8","Y13.4"])"));
    EXPECT_EQ(record["procedure"]["snomed"], json(R"(["438791002"])"));
}

TEST(Coarsen, WordsToTheirGroups) {
    coarsening how;
    how.period = coarsening::period_form::year;
    how.age = coarsening::age_form::twenty_years;
    how.ethnicity = coarsening::ethnicity_form::five_groups;
    how.named["tumour"] = "common";
    how.sex = coarsening::sex_form::binary_or_unknown;
    how.named["profile"] = "drop";
    const value record = record_with(how);
    EXPECT_EQ(record["procedure"]["period"].text(), "2026");
    EXPECT_EQ(record["patient"]["age_band"].text(), "60-79");
    EXPECT_EQ(record["patient"]["ethnic_category"].text(), "asian");
    EXPECT_EQ(record["selection"]["tumour"].text(), "other");
    EXPECT_EQ(record["patient"]["sex"].text(), "unknown");
    EXPECT_TRUE(record["efficacy"][0]["quality"]["profile"].is_null());
    EXPECT_EQ(record["efficacy"][0]["quality"]["vas"].as_integer(), 70);
}

// It could not be said how coarse it is.
TEST(Coarsen, WhatTheTerminologySaysNothingOfDoesNotLeave) {
    compiled_definition definition = small_definition();
    const std::shared_ptr<const terminology> empty = terminology_builder().build();
    definition.codes = empty;
    destination_settings destination = plain_destination();
    destination.coarsen.age = coarsening::age_form::twenty_years;
    destination.coarsen.ethnicity = coarsening::ethnicity_form::five_groups;
    destination.coarsen.named["tumour"] = "common";
    destination.coarsen.sex = coarsening::sex_form::binary_or_unknown;
    destination.coarsen.named["levels"] = "region";
    const value record = record_content(full_case(), definition, destination, keys);
    for (const char* pointer :
         {"/patient/age_band", "/patient/sex", "/patient/ethnic_category", "/selection/tumour"}) {
        EXPECT_TRUE(record.at(pointer)->is_null()) << pointer;
    }
    for (const char* name : {"levels", "opcs4", "snomed"}) {
        EXPECT_EQ(record["procedure"][name].size(), 0U) << name;
    }
}

TEST(Coarsen, LevelsToRegionsWithoutTheDefinitionsOwnSiteCodes) {
    compiled_definition definition = small_definition();
    definition.selection.site_codes.add({"https://fhir.hl7.org.uk/CodeSystem/opcs-4", "V43", true});
    destination_settings destination = plain_destination();
    destination.coarsen.named["levels"] = "region";
    const value record = record_content(full_case(), definition, destination, keys);
    EXPECT_EQ(record["procedure"]["opcs4"], json(R"(["Y13.4"])"));
}

// A value that no check has seen is no licence to send what should be coarser.
TEST(Coarsen, AnUnknownValueOfASettingIsNotTheExactOne) {
    coarsening how;
    how.named = {{"levels", "regoin"}, {"tumour", "comon"}, {"profile", "dorp"}};
    const value record = record_with(how);
    EXPECT_EQ(record["procedure"]["levels"], json(R"(["thoracic","lumbar","sacral"])"));
    EXPECT_TRUE(record["selection"]["tumour"].is_null());
    EXPECT_TRUE(record["efficacy"][0]["quality"]["profile"].is_null());
}

TEST(Coarsen, TellsSettingsThatNoDatasetKnows) {
    const std::vector<std::shared_ptr<const compiled_definition>> sent{
        std::make_shared<const compiled_definition>(small_definition())};
    const auto told = [&](const char* setting, const char* chosen) {
        destination_settings destination = plain_destination();
        destination.coarsen.named.emplace(setting, chosen);
        destination.coarsen_at.emplace(setting, yaml::position{7, 3});
        std::vector<yaml::problem> problems;
        yaml::problem_sink sink("gateway.yaml", problems);
        check_coarsening(destination, sent, sink);
        return problems.empty() ? "" : to_string(problems.front());
    };
    EXPECT_EQ(told("levels", "exact"), "");
    EXPECT_EQ(told("dayz", "week"),
              "gateway.yaml:7:3: unknown key `dayz` in coarsen, did you mean `days`?; no "
              "dataset of this destination has such a setting");
    EXPECT_EQ(told("levels", "regoin"),
              "gateway.yaml:7:3: `levels` must be one of `exact`, `region`, did you mean `region`?");
}

TEST(Coarsen, AValueThatIsNotKnownStaysSo) {
    coarsening how;
    how.named["tumour"] = "common"; // its map has a line for everything else
    destination_settings destination = plain_destination();
    destination.coarsen = how;
    case_result unknown = full_case();
    unknown.content.find("selection")->set("tumour", value{});
    EXPECT_TRUE(
        record_content(unknown, small_definition(), destination, keys)["selection"]["tumour"].is_null());
}

TEST(Coarsen, DropsEthnicity) {
    coarsening how;
    how.ethnicity = coarsening::ethnicity_form::drop;
    EXPECT_TRUE(record_with(how)["patient"]["ethnic_category"].is_null());
}

TEST(Coarsen, ProviderToItsRegionOrNothing) {
    coarsening how;
    how.provider = coarsening::provider_form::region;
    EXPECT_TRUE(record_with(how)["provider_org"].is_null());
    destination_settings destination = plain_destination();
    destination.coarsen = how;
    destination.provider_regions = {{"RXX", "north"}};
    EXPECT_EQ(record_content(full_case(), small_definition(), destination, keys)["provider_org"].text(),
              "north");
}

} // namespace
} // namespace auditgate::mapping
