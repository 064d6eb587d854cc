#include "tests/property/rendering.hpp"

namespace auditgate::test {

namespace {

using std::chrono::days;

std::string quoted(std::string_view text) {
    return '"' + std::string(text) + '"';
}

std::string coded(std::string_view system, std::string_view code) {
    return R"({"coding":[{"system":")" + std::string(system) + R"(","code":")" + std::string(code) +
           R"(","display":"shown"}],"text":"written"})";
}

std::string nhs_identifier(const std::string& number) {
    return R"({"system":"https://fhir.nhs.uk/Id/nhs-number","value":")" + number + R"("})";
}

std::string local_identifier(const std::string& number, std::string_view organisation) {
    return R"({"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v2-0203","code":"MR"}]},)"
           R"("value":")" +
           number +
           R"(","assigner":{"identifier":{"system":"https://fhir.nhs.uk/Id/ods-organization-code",)" +
           R"("value":")" + std::string(organisation) + R"("}}})";
}

// A Reference has one identifier.
std::string subject(const telling& one, int family) {
    const person who = person_of(family, one.patient);
    std::string reference;
    switch (one.numbers) {
    case 1:
    case 5:
        reference = R"("identifier":)" + local_identifier(who.local_number, "RXX");
        break;
    case 3:
        reference = R"("identifier":)" + local_identifier(who.other_number, "RYY");
        break;
    case 4:
    case 6:
        reference =
            R"("reference":"Patient/)" + name_of("pat", {told::fhir_patient, one.patient}, family) + '"';
        break;
    default:
        reference = R"("identifier":)" + nhs_identifier(who.nhs_number);
    }
    return "{" + reference + R"(,"display":")" + who.given + ' ' + who.surname + R"("})";
}

// Everything but the end of a resource.
std::string resource(const telling& one, int family, const char* type, const char* id) {
    return R"({"resourceType":")" + std::string(type) + R"(","id":")" + name_of(id, one, family) +
           R"(","meta":{"lastUpdated":")" + recorded_time_fhir(one) + R"("})";
}

std::string about(const telling& one, int family) {
    return R"(,"subject":)" + subject(one, family);
}

std::string annotated(const telling& one, int family) {
    return R"(,"note":[{"text":")" + person_of(family, one.patient).note + R"("}])";
}

std::string procedure(const telling& one, int family) {
    static constexpr std::array<std::string_view, 6> statuses{"completed", "completed", "completed",
                                                              "completed", "stopped",   "not-done"};
    static constexpr std::array<std::string_view, 5> sites{"36470004", "11994002", "23215003", "36470004",
                                                           "71341001"};
    static constexpr std::array<std::string_view, 5> codes{"438791002", "438791002", "879916008", "438791002",
                                                           "80146002"};
    const std::string_view status = one.version == 2 ? "entered-in-error" : pick(statuses, one.value);
    std::string when = fhir_time(happened(one));
    if (one.value % 13 == 12)
        when.resize(7); // of a month
    return resource(one, family, "Procedure", "proc") + R"(,"status":)" + quoted(status) + R"(,"code":)" +
           coded("http://snomed.info/sct", pick(codes, one.value)) + about(one, family) +
           R"(,"performedDateTime":)" + quoted(when) +
           R"(,"performer":[{"actor":{"identifier":{"system":"https://fhir.nhs.uk/Id/ods-organization-code",)" +
           R"("value":"RXX01"}}}],"bodySite":[)" + coded("http://snomed.info/sct", pick(sites, one.value)) +
           "]" + annotated(one, family) + "}";
}

std::string condition(const telling& one, int family) {
    static constexpr std::array<std::string_view, 8> codes{"C79.5", "C50.9", "C34.1", "T81.4",
                                                           "G95.2", "M46.4", "D18.0", "Z99.9"};
    std::string onset = fhir_time({happened(one).day - days(one.value % 20), 0});
    if (one.value % 9 == 8)
        onset.resize(7);
    return resource(one, family, "Condition", "cond") + R"(,"verificationStatus":)" +
           coded("http://terminology.hl7.org/CodeSystem/condition-ver-status",
                 one.version == 2 ? "entered-in-error" : "confirmed") +
           R"(,"code":)" + coded("http://hl7.org/fhir/sid/icd-10", pick(codes, one.value)) +
           about(one, family) + R"(,"onsetDateTime":)" + quoted(onset) + annotated(one, family) + "}";
}

std::string observation(const telling& one, int family) {
    static constexpr std::array<std::string_view, 3> statuses{"final", "amended", "entered-in-error"};
    static constexpr std::array<std::string_view, 4> codes{"BPI-WORST", "PAIN-NRS", "EQ-VAS", "OME-24H"};
    return resource(one, family, "Observation", "obs") + R"(,"status":)" +
           quoted(pick(statuses, one.version)) +
           (one.value % 2 == 0
                ? std::string(R"(,"category":[)") +
                      coded("http://terminology.hl7.org/CodeSystem/observation-category", "survey") + "]"
                : "") +
           R"(,"code":)" + coded("urn:auditgate:capture", pick(codes, one.value)) + about(one, family) +
           R"(,"effectiveDateTime":)" + quoted(fhir_time(happened(one))) + R"(,"valueInteger":)" +
           std::to_string(one.value % 12) + annotated(one, family) + "}";
}

std::string questionnaire(const telling& one, int family) {
    static constexpr std::array<std::string_view, 3> statuses{"completed", "amended", "entered-in-error"};
    return resource(one, family, "QuestionnaireResponse", "form") + R"(,"status":)" +
           quoted(pick(statuses, one.version)) + about(one, family) + R"(,"authored":)" +
           quoted(fhir_time(happened(one))) +
           R"(,"item":[{"linkId":"BPI-WORST","text":"asked","answer":[{"valueInteger":)" +
           std::to_string(one.value % 11) + R"(}]},{"linkId":"EQ5D-INDEX","answer":[{"valueDecimal":0.)" +
           std::to_string(300 + one.value) + R"(}]},{"linkId":"REMARKS","answer":[{"valueString":")" +
           person_of(family, one.patient).note + R"("}]}]})";
}

std::string order(const telling& one, int family) {
    static constexpr std::array<std::string_view, 4> statuses{"active", "active", "stopped", "completed"};
    static constexpr std::array<std::string_view, 4> drugs{"N02AA01", "N02AA05", "R05DA04", "N02AE01"};
    const std::string_view status = one.version == 2 ? (one.value % 2 == 0 ? "cancelled" : "entered-in-error")
                                                     : pick(statuses, one.value);
    const moment start = happened(one);
    return resource(one, family, "MedicationRequest", "rx") + R"(,"status":)" + quoted(status) +
           R"(,"intent":"order","medicationCodeableConcept":)" +
           coded("http://www.whocc.no/atc", pick(drugs, one.value)) + about(one, family) +
           R"(,"authoredOn":)" + quoted(fhir_time(start)) +
           R"(,"dosageInstruction":[{"text":"as directed","timing":{"repeat":{"boundsPeriod":{"start":)" +
           quoted(fhir_time(start)) +
           (one.value % 3 == 0 ? R"(,"end":)" + quoted(fhir_time({start.day + days(5 + one.value), 0}))
                               : "") +
           R"(},"frequency":2,"period":1,"periodUnit":"d"}},"asNeededBoolean":)" +
           (one.value % 7 == 6 ? "true" : "false") +
           R"(,"route":{"coding":[{"system":"http://snomed.info/sct","code":"26643006"}]},"doseAndRate":[{)" +
           R"("doseQuantity":{"value":)" + std::to_string(5 + one.value) +
           R"(,"unit":"mg","system":"http://unitsofmeasure.org","code":"mg"}}]}])" + annotated(one, family) +
           "}";
}

std::string adverse_event(const telling& one, int family) {
    static constexpr std::array<std::string_view, 3> events{"skin-or-soft-tissue-burn", "infection", "other"};
    return resource(one, family, "AdverseEvent", "ae") + R"(,"actuality":"actual","event":)" +
           coded("urn:auditgate:capture", pick(events, one.value)) + about(one, family) + R"(,"date":)" +
           quoted(fhir_time(happened(one))) +
           (one.value % 2 == 0 ? R"(,"suspectEntity":[{"instance":{"reference":"Procedure/)" +
                                     name_of("proc", one, family) + R"("}}])"
                               : "") +
           "}";
}

std::string consent(const telling& one, int family) {
    const moment start = happened(one);
    return resource(one, family, "Consent", "consent") + R"(,"status":)" +
           quoted(one.version == 2 ? "inactive" : "active") + R"(,"scope":)" +
           coded("http://terminology.hl7.org/CodeSystem/consentscope", "research") + R"(,"category":[)" +
           coded("http://terminology.hl7.org/CodeSystem/v3-ActCode", "INFA") + R"(],"patient":)" +
           subject(one, family) +
           R"(,"policy":[{"uri":"urn:auditgate:consent:registry"}],"provision":{"type":)" +
           quoted(one.value % 3 == 2 ? "deny" : "permit") +
           (one.value % 4 == 3 ? R"(,"period":{"start":)" + quoted(fhir_time({start.day, 0})) + R"(,"end":)" +
                                     quoted(fhir_time({start.day + days(one.value * 4), 0})) + "}"
                               : "") +
           "}}";
}

std::string patient(const telling& one, int family) {
    const person who = person_of(family, one.patient);
    std::string identifiers = nhs_identifier(who.nhs_number);
    if (one.value % 2 == 0)
        identifiers += ',' + local_identifier(who.local_number, "RXX");
    telling same = one;
    same.thing = 0;
    std::string all = resource(same, family, "Patient", "pat") + R"(,"identifier":[)" + identifiers +
                      R"(],"name":[{"family":")" + who.surname + R"(","given":[")" + who.given +
                      R"("]}],"gender":)" + quoted(who.sex == "M" ? "male" : "female") + R"(,"birthDate":)" +
                      quoted(fhir_time({who.born, 0})) + R"(,"address":[{"line":[")" + who.street +
                      R"("],"city":")" + who.town + R"(","postalCode":")" + who.postcode + R"("}])";
    if (one.value % 5 == 4)
        all += R"(,"deceasedDateTime":)" + quoted(fhir_time(happened(one)));
    else if (one.version == 1)
        all += R"(,"deceasedBoolean":false)";
    if (one.version == 2)
        all += R"(,"link":[{"type":"replaced-by","other":{"reference":"Patient/)" +
               name_of("pat", {told::fhir_patient, (one.patient + 1) % people}, family) + R"("}}])";
    return all + "}";
}

std::string encounter(const telling& one, int family) {
    static constexpr std::array<std::string_view, 3> classes{"AMB", "IMP", "SS"};
    const moment start = happened(one);
    return resource(one, family, "Encounter", "enc") + R"(,"status":)" +
           quoted(one.version == 2 ? "cancelled" : "finished") +
           R"(,"class":{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":)" +
           quoted(pick(classes, one.value)) + "}" + about(one, family) + R"(,"period":{"start":)" +
           quoted(fhir_time(start)) +
           (one.value % 3 == 0
                ? ""
                : R"(,"end":)" + quoted(fhir_time({start.day + days(one.value % 5), 18 * 60}))) +
           R"(},"serviceProvider":{"identifier":{"system":"https://fhir.nhs.uk/Id/ods-organization-code",)" +
           R"("value":"RXX01"}}})";
}

} // namespace

std::string fhir_message(const telling& one, int family) {
    using renderer = std::string (*)(const telling&, int);
    static constexpr std::array<renderer, 9> by_kind{
        procedure, condition, observation, questionnaire, order, adverse_event, consent, patient, encounter};
    static_assert(by_kind.size() == static_cast<std::size_t>(told::fhir_encounter) -
                                        static_cast<std::size_t>(told::fhir_procedure) + 1);
    return by_kind[static_cast<std::size_t>(one.what) - static_cast<std::size_t>(told::fhir_procedure)](
        one, family);
}

} // namespace auditgate::test
