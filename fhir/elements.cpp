#include "fhir/elements.hpp"

#include "fhir/element_tables.hpp"

#include <algorithm>
#include <array>

namespace auditgate::fhir {

namespace {

// All resources of R4 (http://hl7.org/fhir/R4/resourcelist.html), sorted.
constexpr std::array<std::string_view, 146> resource_types = {"Account",
                                                              "ActivityDefinition",
                                                              "AdverseEvent",
                                                              "AllergyIntolerance",
                                                              "Appointment",
                                                              "AppointmentResponse",
                                                              "AuditEvent",
                                                              "Basic",
                                                              "Binary",
                                                              "BiologicallyDerivedProduct",
                                                              "BodyStructure",
                                                              "Bundle",
                                                              "CapabilityStatement",
                                                              "CarePlan",
                                                              "CareTeam",
                                                              "CatalogEntry",
                                                              "ChargeItem",
                                                              "ChargeItemDefinition",
                                                              "Claim",
                                                              "ClaimResponse",
                                                              "ClinicalImpression",
                                                              "CodeSystem",
                                                              "Communication",
                                                              "CommunicationRequest",
                                                              "CompartmentDefinition",
                                                              "Composition",
                                                              "ConceptMap",
                                                              "Condition",
                                                              "Consent",
                                                              "Contract",
                                                              "Coverage",
                                                              "CoverageEligibilityRequest",
                                                              "CoverageEligibilityResponse",
                                                              "DetectedIssue",
                                                              "Device",
                                                              "DeviceDefinition",
                                                              "DeviceMetric",
                                                              "DeviceRequest",
                                                              "DeviceUseStatement",
                                                              "DiagnosticReport",
                                                              "DocumentManifest",
                                                              "DocumentReference",
                                                              "EffectEvidenceSynthesis",
                                                              "Encounter",
                                                              "Endpoint",
                                                              "EnrollmentRequest",
                                                              "EnrollmentResponse",
                                                              "EpisodeOfCare",
                                                              "EventDefinition",
                                                              "Evidence",
                                                              "EvidenceVariable",
                                                              "ExampleScenario",
                                                              "ExplanationOfBenefit",
                                                              "FamilyMemberHistory",
                                                              "Flag",
                                                              "Goal",
                                                              "GraphDefinition",
                                                              "Group",
                                                              "GuidanceResponse",
                                                              "HealthcareService",
                                                              "ImagingStudy",
                                                              "Immunization",
                                                              "ImmunizationEvaluation",
                                                              "ImmunizationRecommendation",
                                                              "ImplementationGuide",
                                                              "InsurancePlan",
                                                              "Invoice",
                                                              "Library",
                                                              "Linkage",
                                                              "List",
                                                              "Location",
                                                              "Measure",
                                                              "MeasureReport",
                                                              "Media",
                                                              "Medication",
                                                              "MedicationAdministration",
                                                              "MedicationDispense",
                                                              "MedicationKnowledge",
                                                              "MedicationRequest",
                                                              "MedicationStatement",
                                                              "MedicinalProduct",
                                                              "MedicinalProductAuthorization",
                                                              "MedicinalProductContraindication",
                                                              "MedicinalProductIndication",
                                                              "MedicinalProductIngredient",
                                                              "MedicinalProductInteraction",
                                                              "MedicinalProductManufactured",
                                                              "MedicinalProductPackaged",
                                                              "MedicinalProductPharmaceutical",
                                                              "MedicinalProductUndesirableEffect",
                                                              "MessageDefinition",
                                                              "MessageHeader",
                                                              "MolecularSequence",
                                                              "NamingSystem",
                                                              "NutritionOrder",
                                                              "Observation",
                                                              "ObservationDefinition",
                                                              "OperationDefinition",
                                                              "OperationOutcome",
                                                              "Organization",
                                                              "OrganizationAffiliation",
                                                              "Parameters",
                                                              "Patient",
                                                              "PaymentNotice",
                                                              "PaymentReconciliation",
                                                              "Person",
                                                              "PlanDefinition",
                                                              "Practitioner",
                                                              "PractitionerRole",
                                                              "Procedure",
                                                              "Provenance",
                                                              "Questionnaire",
                                                              "QuestionnaireResponse",
                                                              "RelatedPerson",
                                                              "RequestGroup",
                                                              "ResearchDefinition",
                                                              "ResearchElementDefinition",
                                                              "ResearchStudy",
                                                              "ResearchSubject",
                                                              "RiskAssessment",
                                                              "RiskEvidenceSynthesis",
                                                              "Schedule",
                                                              "SearchParameter",
                                                              "ServiceRequest",
                                                              "Slot",
                                                              "Specimen",
                                                              "SpecimenDefinition",
                                                              "StructureDefinition",
                                                              "StructureMap",
                                                              "Subscription",
                                                              "Substance",
                                                              "SubstanceNucleicAcid",
                                                              "SubstancePolymer",
                                                              "SubstanceProtein",
                                                              "SubstanceReferenceInformation",
                                                              "SubstanceSourceMaterial",
                                                              "SubstanceSpecification",
                                                              "SupplyDelivery",
                                                              "SupplyRequest",
                                                              "Task",
                                                              "TerminologyCapabilities",
                                                              "TestReport",
                                                              "TestScript",
                                                              "ValueSet",
                                                              "VerificationResult",
                                                              "VisionPrescription"};

// What every element has (R4 element.html, backboneelement.html) and what every resource has besides (domainresource.html).
constexpr type_row of_elements{"", "id extension:Extension* modifierExtension:Extension*"};
constexpr type_row of_resources{
    "", "resourceType meta:Meta implicitRules language text:Narrative contained:Resource*"};

const type_row* find_row(std::string_view type) {
    for (const auto rows : {rows_of_data_types(), rows_of_resources()}) {
        const auto found =
            std::lower_bound(rows.begin(), rows.end(), type,
                             [](const type_row& row, std::string_view wanted) { return row.type < wanted; });
        if (found != rows.end() && found->type == type) {
            return &*found;
        }
    }
    return nullptr;
}

element_definition definition_of(std::string_view form) {
    element_definition result;
    if (form.ends_with('*')) {
        result.repeats = true;
        form.remove_suffix(1);
    }
    if (form.empty()) {
        return result;
    }
    result.type = form.substr(1);
    result.kind = result.type == "?"          ? element_kind::boolean
                  : result.type == "#"        ? element_kind::number
                  : result.type == "Resource" ? element_kind::resource
                                              : element_kind::complex;
    return result;
}

std::optional<element_definition> find_in(const type_row& row, std::string_view name) {
    for (std::string_view rest = row.elements; !rest.empty();) {
        const std::string_view token = rest.substr(0, rest.find(' '));
        const std::string_view element = token.substr(0, token.find_first_of(":*"));
        if (element == name) {
            return definition_of(token.substr(element.size()));
        }
        rest.remove_prefix(std::min(rest.size(), token.size() + 1));
    }
    return std::nullopt;
}

} // namespace

std::optional<element_definition> find_element(std::string_view type, std::string_view name) {
    const type_row* row = find_row(type);
    if (row == nullptr) {
        return std::nullopt;
    }
    if (auto own = find_in(*row, name)) {
        return own;
    }
    if (auto common = find_in(of_elements, name)) {
        return common;
    }
    return is_resource_type(type) ? find_in(of_resources, name) : std::nullopt;
}

bool knows_elements_of(std::string_view type) {
    return find_row(type) != nullptr;
}

bool is_resource_type(std::string_view name) {
    return std::binary_search(resource_types.begin(), resource_types.end(), name);
}

} // namespace auditgate::fhir
