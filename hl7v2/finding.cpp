#include "hl7v2/finding.hpp"

namespace auditgate::hl7v2 {

std::string_view to_string(severity level) {
    switch (level) {
    case severity::fatal:
        return "fatal";
    case severity::error:
        return "error";
    case severity::warning:
        return "warning";
    }
    return "unknown";
}

} // namespace auditgate::hl7v2
