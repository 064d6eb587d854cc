// The audit record as it leaves (dataset.md section 3): built from the definition's items, so that what is no
// item cannot leave.
#pragma once

#include "fhir/json.hpp"
#include "mapping/cases/cases.hpp"
#include "mapping/definition/definition.hpp"
#include "mapping/release/destination.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace auditgate::mapping {

enum class record_action { create, amend, retract };

[[nodiscard]] std::string_view to_string(record_action action);

// HMAC-SHA256 of `record|<dataset>|<patient key>|<YYYY-MM-DD>`, 64 hexadecimal digits.
[[nodiscard]] std::string record_id(std::string_view record_key, std::string_view dataset,
                                    std::string_view patient_key, std::chrono::local_days procedure_date);

// HMAC-SHA256 of the patient key, 64 hexadecimal digits.
[[nodiscard]] std::string pseudonym(std::string_view pseudonym_key, std::string_view patient_key);

// What a destination should hold of a case in state `record`: coarsened, in the order of section 3, without
// record_version and record_action. Members of the case's content that are no item of the definition are left
// behind.
[[nodiscard]] fhir::json::value record_content(const case_result& from, const compiled_definition& definition,
                                               const destination_settings& destination,
                                               const destination_keys& keys);

// The record that is sent: the content with its version and action. Not for retract.
[[nodiscard]] fhir::json::value finished_record(const fhir::json::value& content, int version,
                                                record_action action);

// A record without content: head, provider and feeds as in `last_sent` (content), all sections null.
[[nodiscard]] fhir::json::value retraction(const fhir::json::value& last_sent, int version);

// One text for what counts as content: equal texts, nothing to send. Versions of dataset, terminology and
// opioid table are no content: a change of them alone sends nothing.
[[nodiscard]] std::string comparable_content(const fhir::json::value& content);

// SHA-256 of comparable_content(), hexadecimal.
[[nodiscard]] std::string content_hash(const fhir::json::value& content);

} // namespace auditgate::mapping
