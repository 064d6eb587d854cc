// The feed: an audit record as a FHIR R4 transaction Bundle, and back without loss.
//
// A record becomes a List (its head), a Patient, a Procedure, Conditions, Observations and AdverseEvents, each written
// by conditional update (R4 3.1.0.4.3) on an identifier made of the record id and the name of its *slot*, so that the
// same Bundle may be sent twice, and any R4 server ends with just the resources of the last version. What is not known
// has no element. There are no dates, no display texts, no narrative, no Provenance.
#pragma once

#include "fhir/finding.hpp"
#include "fhir/json.hpp"
#include "mapping/feed/layout.hpp"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace auditgate::mapping::feed {

struct written_bundle {
    std::optional<fhir::json::value> bundle; // none when there is an error among the findings
    std::vector<std::string> slots; // of the resources in it, the head not counted: patient, score.BL ...
    std::vector<fhir::finding> findings; // paths are those of the record: efficacy.score.total
};

// Renders a record (dataset.md section 3, with version and action). `slots_out`: slots that may exist at the
// destination; those that the record does not have any more are deleted in the same transaction, and those that the layout
// does not have any more under each of its resource types. The same input gives
// the same bytes. Errors: an item that the layout does not know, or whose value is not of its type; two rows with the
// same key.
[[nodiscard]] written_bundle write_bundle(const fhir::json::value& record, const layout& places,
                                          std::span<const std::string> slots_out);

struct read_bundle_result {
    std::optional<fhir::json::value> record; // none when there is an error among the findings
    std::vector<std::string> deleted_slots;
    std::vector<fhir::finding> findings; // paths are those of the Bundle: Bundle.entry[3].resource
};

// The dataset and its version that a Bundle says it is of, to choose the layout; empty when it is no feed Bundle.
struct bundle_dataset {
    std::string dataset;
    std::string dataset_version;
};
[[nodiscard]] bundle_dataset dataset_of(const fhir::json::value& bundle);

// Reads a Bundle that write_bundle() made. Only what the layout names gets into the record; other elements are not
// looked at. Errors: not a transaction, entries that are no conditional update or delete of a slot of one record, updates of
// slots that the layout does not know, values that are not of their type.
[[nodiscard]] read_bundle_result read_bundle(const fhir::json::value& bundle, const layout& places);

} // namespace auditgate::mapping::feed
