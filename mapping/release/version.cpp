#include "mapping/release/version.hpp"

namespace auditgate::mapping {

next_release decide_release(const release_history& history, const std::optional<fhir::json::value>& wanted,
                            const gate_verdict& verdict) {
    const int next_version = history.last_version + 1;
    if (!wanted || verdict.state == gate_state::closed) {
        const std::string reason = wanted ? verdict.reason : "no-record";
        if (history.live || history.may_be_there) {
            return {next_release::kind::send, record_action::retract, next_version, reason};
        }
        return {next_release::kind::nothing, {}, 0, reason};
    }
    if (verdict.state == gate_state::hold) {
        return {next_release::kind::hold, {}, 0, verdict.reason};
    }
    if (!history.live) {
        return {next_release::kind::send, record_action::create, next_version, ""};
    }
    if (history.last_content && comparable_content(*history.last_content) == comparable_content(*wanted)) {
        return {next_release::kind::nothing, {}, 0, "unchanged"};
    }
    return {next_release::kind::send, record_action::amend, next_version, ""};
}

} // namespace auditgate::mapping
