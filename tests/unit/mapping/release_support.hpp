// A small dataset definition and a case of it, for the tests of the release.
#pragma once

#include "mapping/cases/cases.hpp"
#include "mapping/definition/definition.hpp"
#include "mapping/release/destination.hpp"

#include <memory>

namespace auditgate::mapping::test_support {

// The terminology of config/terminology.
[[nodiscard]] std::shared_ptr<const terminology> shipped_terminology();

// Sections patient, selection, procedure, efficacy, safety, follow_up, data_quality with an item for each
// derivation that the release treats in its own way.
[[nodiscard]] compiled_definition small_definition();

// A case with a value for each item, and members that are no item: they hold the word CANARY.
[[nodiscard]] case_result full_case();

[[nodiscard]] std::chrono::local_days day(int year, unsigned month, unsigned day_of_month);

[[nodiscard]] fhir::json::value json(std::string_view text);

} // namespace auditgate::mapping::test_support
