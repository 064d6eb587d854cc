#include "tests/unit/mapping/release_support.hpp"

#include "fhir/json.hpp"
#include "mapping/terminology/load.hpp"
#include "tests/support/support.hpp"

#include <stdexcept>

namespace auditgate::mapping::test_support {
namespace {

item make_item(std::string section, std::string name, derivation how) {
    item result;
    result.section = std::move(section);
    result.name = std::move(name);
    result.how = how;
    return result;
}

code_set codes(std::initializer_list<code_pattern> patterns) {
    code_set result;
    for (const code_pattern& one : patterns) {
        result.add(one);
    }
    return result;
}

} // namespace

std::shared_ptr<const terminology> shipped_terminology() {
    static const std::shared_ptr<const terminology> loaded =
        load_terminology(test::source_folder() / "config/terminology").loaded;
    if (!loaded) {
        throw std::runtime_error("config/terminology has problems");
    }
    return loaded;
}

compiled_definition small_definition() {
    compiled_definition result;
    result.dataset = "small";
    result.version = "1.2.0";
    result.codes = shipped_terminology();
    result.opioid.name = "opioid";
    result.opioid.table = result.codes->find_ome_table("uk");
    result.response.name = "pain_response";
    result.safety.relatedness = {"device", "procedure", "disease", "unrelated", "unknown"};
    result.sections = {"patient", "selection", "procedure",   "efficacy",
                       "safety",  "follow_up", "data_quality"};

    assessment_block pain;
    pain.name = "pain";
    pain.shown = {"worst"};
    pain.instruments = {{"BPI-SF", {}}, {"NRS", {}}};
    assessment_value profile;
    profile.name = "profile";
    profile.form = number_form::digits;
    assessment_block quality;
    quality.name = "quality";
    quality.shown = {"profile", "vas"};
    quality.instruments = {{"", {profile}}};
    result.blocks = {pain, quality};

    item snomed = make_item("procedure", "snomed", derivation::session_codes);
    snomed.codes = codes({{"http://snomed.info/sct", "438791002"}, {"http://snomed.info/sct", "36470004"}});
    item opcs4 = make_item("procedure", "opcs4", derivation::session_codes);
    opcs4.codes = codes({{"https://fhir.hl7.org.uk/CodeSystem/opcs-4", "V", true},
                         {"https://fhir.hl7.org.uk/CodeSystem/opcs-4", "Y", true},
                         {"https://fhir.hl7.org.uk/CodeSystem/opcs-4", "Z", true}});
    using effect = coarsening_setting::effect;
    result.coarsening = {
        {"levels", {"exact", "region"}, effect::regions, {}},
        {"tumour", {"all", "common"}, effect::groups, {"selection.tumour"}},
        {"profile", {"keep", "drop"}, effect::drop, {"efficacy.quality.profile"}},
    };
    result.items = {
        make_item("patient", "pseudonym", derivation::released),
        make_item("patient", "pseudonym_key_id", derivation::released),
        make_item("patient", "pseudonym_basis", derivation::released),
        make_item("patient", "age_band", derivation::age_band),
        make_item("patient", "sex", derivation::patient_sex),
        make_item("patient", "ethnic_category", derivation::patient_ethnicity),
        make_item("selection", "days", derivation::days_since_event),
        make_item("selection", "tumour", derivation::condition_category),
        make_item("procedure", "period", derivation::period),
        snomed,
        opcs4,
        make_item("procedure", "levels", derivation::sites),
        make_item("procedure", "levels_count", derivation::site_count),
        make_item("efficacy", "", derivation::time_points),
        make_item("safety", "events", derivation::adverse_events),
        make_item("follow_up", "last_contact_day", derivation::last_contact),
        make_item("data_quality", "legal_basis", derivation::released),
    };
    return result;
}

case_result full_case() {
    case_result result;
    result.patient_key = "nhs|9000012538";
    result.nhs_number = "9000012538";
    result.procedure_date = day(2026, 3, 5);
    result.provider_org = "RXX";
    result.source_feeds = {"fhir", "hl7v2-adt"};
    result.content = json(R"({
        "patient":{"pseudonym":null,"name":"CANARY","age_band":"60-69","sex":"other","ethnic_category":"H"},
        "selection":{"days":-8,"tumour":"melanoma"},
        "procedure":{"period":"2026-Q1","snomed":["36470004","438791002"],"opcs4":["V43.8","V55.1","Y13.4","Z66.5"],
            "levels":["T11","T12","L1","L2","S1"],"levels_count":5,"note":"CANARY"},
        "efficacy":[{"timepoint":"M1","status":"in-window","date":"CANARY",
            "pain":{"day":30,"worst":3,"comment":"CANARY","instrument":"NRS"},
            "opioid":{"day":29,"ome_mg_per_day":25,"computable":"full","drug":"CANARY"},
            "quality":{"day":34,"profile":"11111","vas":70},"pain_response":"partial"}],
        "safety":{"events":[
            {"category":"infection","onset_day":3,"ctcae_grade":2,"relatedness":"unknown","text":"CANARY"},
            {"category":"infection","onset_day":6,"ctcae_grade":null,"relatedness":"procedure"},
            {"category":"bleeding","onset_day":8,"ctcae_grade":1,"relatedness":"disease"}]},
        "follow_up":{"last_contact_day":41},
        "data_quality":{"legal_basis":null},
        "identifiers":["CANARY"]})");
    return result;
}

std::chrono::local_days day(int year, unsigned month, unsigned day_of_month) {
    return std::chrono::local_days(std::chrono::year(year) / std::chrono::month(month) /
                                   std::chrono::day(day_of_month));
}

fhir::json::value json(std::string_view text) {
    fhir::json::parse_result parsed = fhir::json::parse(text);
    if (!parsed.document) {
        throw std::runtime_error("a test's JSON: " + parsed.findings.front().text);
    }
    return std::move(*parsed.document);
}

} // namespace auditgate::mapping::test_support
