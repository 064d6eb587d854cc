// The FHIR half of explanation.hpp.
#pragma once

#include "gateway/cli/explanation.hpp"
#include "mapping/read/read.hpp"

namespace auditgate::gateway::cli {

// Values of one JSON or XML document, and what became of each resource and element. `read`: what the readers made of it.
[[nodiscard]] explanation explain_fhir(std::string_view bytes, mapping::message_format format,
                                       const mapping::read_result& read,
                                       const mapping::source_profile& profile, bool show_phi);

} // namespace auditgate::gateway::cli
