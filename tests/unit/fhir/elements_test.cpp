#include "fhir/elements.hpp"

#include <gtest/gtest.h>

namespace auditgate::fhir {
namespace {

TEST(Elements, KindsAndRepetitionAreThoseOfR4) {
    const struct {
        const char* type;
        const char* name;
        element_kind kind;
        const char* of_type;
        bool repeats;
    } rows[] = {
        {"Patient", "identifier", element_kind::complex, "Identifier", true},
        {"Patient", "deceasedBoolean", element_kind::boolean, "?", false},
        {"Patient", "multipleBirthInteger", element_kind::number, "#", false},
        {"Patient", "birthDate", element_kind::text, "", false},
        {"Patient", "link", element_kind::complex, "Patient_Link", true},
        {"Patient", "contained", element_kind::resource, "Resource", true},
        {"Patient_Link", "modifierExtension", element_kind::complex, "Extension", true},
        {"HumanName", "given", element_kind::text, "", true},
        {"AdverseEvent", "identifier", element_kind::complex, "Identifier", false},
        {"Dosage", "doseAndRate", element_kind::complex, "Dosage_DoseAndRate", true},
        {"Timing_Repeat", "period", element_kind::number, "#", false},
        {"Bundle_Entry", "resource", element_kind::resource, "Resource", false},
        {"Extension", "valueCodeableConcept", element_kind::complex, "CodeableConcept", false},
    };
    for (const auto& row : rows) {
        const auto found = find_element(row.type, row.name);
        ASSERT_TRUE(found.has_value()) << row.type << "." << row.name;
        EXPECT_EQ(found->kind, row.kind) << row.type << "." << row.name;
        EXPECT_EQ(found->type, row.of_type) << row.type << "." << row.name;
        EXPECT_EQ(found->repeats, row.repeats) << row.type << "." << row.name;
    }
}

TEST(Elements, WhatR4HasNotIsNotFound) {
    EXPECT_FALSE(find_element("Patient", "identifie"));
    EXPECT_FALSE(find_element("Patient", "deceased"));
    EXPECT_FALSE(find_element("Identifier", "contained"));
    EXPECT_FALSE(find_element("NoType", "id"));
    EXPECT_TRUE(knows_elements_of("Timing_Repeat"));
    EXPECT_FALSE(knows_elements_of("Claim")); // a resource of R4, which nobody reads here
    EXPECT_TRUE(is_resource_type("Claim"));
    EXPECT_TRUE(is_resource_type("AdverseEvent"));
    EXPECT_TRUE(is_resource_type("VisionPrescription"));
    EXPECT_FALSE(is_resource_type("SubscriptionStatus")); // of R5
    EXPECT_FALSE(is_resource_type("Timing"));
}

} // namespace
} // namespace auditgate::fhir
