// What a Dosage says of how often, from when to when and how much: for fhir_medication.cpp.
#pragma once

#include "mapping/read/fhir_reading.hpp"

#include <optional>
#include <vector>

namespace auditgate::mapping {

// Timing.repeat, else a known Timing.code; none: neither says how often.
[[nodiscard]] std::optional<dose_frequency> read_frequency(const fhir::json::value& timing);

// The end of `length` (a Duration) from `start`. Of a day without a time the last day is meant: seven days from 1 March are
// over when 7 March is. None: the length is no whole number of minutes, hours, days, weeks or months.
[[nodiscard]] std::optional<event_time> end_after(const event_time& start, const fhir::json::value& length,
                                                  const civil_time& zone);

// A drug, and what one piece or one measure of it holds.
struct drug_product {
    codings drug;
    std::optional<amount> strength; // of the one ingredient: 10 mg (of a tablet, or in `per`), 25 ug/h
    std::optional<amount> per;      // 5 mL of a liquid; none of what is counted in pieces
};

// medicationCodeableConcept, and the Medication that medicationReference names in this document. The strength is that of a
// product of one active ingredient: of several nobody can say here which one is meant, but their codes are the drug's.
[[nodiscard]] drug_product read_product(const fhir_reading& from);

// Fills dose, strength, route, frequency and as_needed. A dosage in words alone, or a range without a low end, is a dose
// without a number: it was stated, so that no earlier version completes it, and cannot be counted.
void read_dose(const fhir::json::value& dosage, const drug_product& product, medication& content);

// Of a dose in volume and a strength in that volume what they make: 10 mL of 10 mg in 5 mL are 20 mg. None: other units, or
// no exact decimal.
[[nodiscard]] std::optional<amount> dose_in_mass(const amount& dose, const drug_product& product);

} // namespace auditgate::mapping
