#include "gateway/cli/next_steps.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <utility>

namespace auditgate::gateway::cli {
namespace {

struct step {
    std::string_view reason;
    std::string_view text;
};

constexpr auto steps_for_messages = std::to_array<step>({
    {"unknown-source", "no source of gateway.yaml fits: add one, auditgate reload, then\n"
                       "    auditgate holds release-message --reason unknown-source --dry-run"},
    {"no-usable-identifier", "nothing says whose it is: mend `identifiers` of the source's profile, or the "
                             "sender; auditgate reload, then\n"
                             "    auditgate holds release-message --reason no-usable-identifier"},
    {"identity-conflict", "a number would make one person of two: have them merged, or the wrong message "
                          "corrected, at the hospital. It is applied by itself then"},
    {"identity-cluster-too-large", "a number is used for many people: find it with `auditgate why`, and have "
                                   "it corrected there"},
    {"cannot-be-opened", "put the folder of keys or the backup right, then\n"
                         "    auditgate quarantine replay --reason cannot-be-opened"},
});

constexpr auto steps_for_records = std::to_array<step>({
    {"opt-out-list-stale", "fetch a new answer of the national service, to where `response` of opt_out_files "
                           "names it; auditgate opt-out request writes what to ask"},
    {"opt-out-not-requested", "auditgate opt-out request asks about it; it leaves once that is answered"},
    {"opt-out-not-checkable", "nobody can say without an NHS number: it rests, unless the destination says "
                              "`without_nhs_number: send`"},
    {"dissent-list-unreadable", "put back the list that `dissent` of opt_out_files names"},
    {"no-consent", "it rests until consent is on file"},
    {"cannot-be-opened", "its row is damaged, or its key is gone: restore the data folder from a backup"},
    {"cannot-seal", "the layout in feed/ has no place for it: auditgate check, auditgate reload"},
    {"gate-facts-unreadable", "it is computed anew after an upgrade; if it stays, restart the gateway"},
    {"content-not-readable", "it is computed anew after an upgrade; if it stays, restart the gateway"},
});

template <std::size_t Size>
const step* find(const std::array<step, Size>& steps, std::string_view reason) {
    const auto found =
        std::find_if(steps.begin(), steps.end(), [&](const step& one) { return one.reason == reason; });
    return found == steps.end() ? nullptr : &*found;
}

std::string step_for(const store::stored_message& one) {
    if (one.state == store::message_state::refused)
        return "its sender got a negative answer, and must send it again as the standard asks";
    if (const step* known = find(steps_for_messages, one.reason))
        return std::string(known->text);
    const bool held = one.state == store::message_state::held;
    return std::string(held ? "docs/how-messages-run.md tells why. "
                            : "auditgate quarantine show ID tells why. ") +
           "Mend the sender, or its source's profile (auditgate reload), then\n    auditgate " +
           (held ? "holds release-message" : "quarantine replay") + " --reason " + one.reason;
}

std::string step_for(const store::held_record& one) {
    if (const step* known = find(steps_for_records, one.reason))
        return std::string(known->text);
    return "what the registry said stands behind it. When that is mended:\n"
           "    auditgate holds release-record " +
           one.destination + " --reason " + one.reason;
}

template <class Row>
std::string steps_of(std::span<const Row> rows) {
    std::string out;
    std::set<std::string> told;
    for (const Row& one : rows)
        if (const std::string text = step_for(one); told.insert(one.reason + text).second)
            out += "  " + one.reason + ": " + text + "\n";
    return out.empty() ? out : "What to do:\n" + out;
}

} // namespace

std::string next_steps(std::span<const store::stored_message> messages) {
    return steps_of(messages);
}

std::string next_steps(std::span<const store::held_record> records) {
    return steps_of(records);
}

} // namespace auditgate::gateway::cli
