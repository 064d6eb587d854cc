// From one frame to what is journaled and answered, without sockets and without the store.
#pragma once

#include "gateway/config/gateway_config.hpp"
#include "gateway/intake/batch_answers.hpp"
#include "gateway/observe/finding_counts.hpp"
#include "gateway/observe/log.hpp"
#include "gateway/store/store.hpp"
#include "hl7v2/acknowledgement.hpp"
#include "hl7v2/header.hpp"

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

namespace auditgate::gateway::intake {

// Where a frame came from.
struct frame_origin {
    std::string listener;
    std::string peer;        // address and port
    std::string source = {}; // whose it is, when that is known already; empty: listener and MSH tell
};

// How the messages of each source are read, for those that refuse by what is found in them (`strict`). Sources that are not
// in it are read as the standard says.
using source_readings = std::map<std::string, hl7v2::parse_options, std::less<>>;

// The messages of a frame that holds a batch, in order.
struct batch_frame {
    std::vector<store::incoming_message> messages; // none: an empty batch
    batch_answers answers;                         // their answers are gathered in it
    std::vector<hl7v2::finding> findings;          // about the batch
};

// More messages in one frame are refused, all of them: memory is per message.
inline constexpr std::size_t batch_messages_max = 10'000;

// Whose messages are taken, and how: replaced as a whole when the configuration changes.
struct intake_rules {
    std::span<const source_config> sources;
    source_readings readings;
    std::shared_ptr<const void> owner; // keeps `sources`; none: somebody else does
};

// Any thread; the clock and the ids must allow that.
class message_intake {
public:
    // `new_control_id`: MSH-10 of an answer, never the same twice. `sources` must outlive this, and so must `found`, which
    // counts what was refused for a finding (none: nobody counts).
    message_intake(std::span<const source_config> sources, observe::clock_function now,
                   std::function<std::string()> new_control_id, source_readings readings = {},
                   observe::finding_counts* found = nullptr);

    // For every message taken from now on.
    void use(intake_rules rules);

    // What to journal for the content of a frame; `answer` holds the framed acknowledgement (none, one or two) to be
    // sent once it is committed. States:
    //   waiting      to be mapped; positive answer
    //   held         unknown-source: no source fits; positive answer, for the message is safe
    //   quarantined  no-msh, bad-delimiters ...: cannot be read; negative answer
    //   refused      the header lacks what it must have, or the source's `strict` names a finding of the message (its code is
    //                the reason); negative answer with its error
    // Those with a negative answer take no part in duplicate detection: sent again, they are judged again.
    [[nodiscard]] store::incoming_message take_frame(std::string content, const frame_origin& from) const;

    // The messages of a frame that hl7v2::is_batch(), each as take_frame() takes it: a bad one does not lose its neighbours.
    // Those that stand in a batch with a header are answered by a batch, unless no message asks for an answer. More than
    // batch_messages_max are one refused message, batch-too-large.
    [[nodiscard]] batch_frame take_batch(std::string content, const frame_origin& from) const;

    // The same for a frame over the listener's limit, of which only the beginning was kept: refused, frame-too-large.
    [[nodiscard]] store::incoming_message take_too_large(std::string beginning,
                                                         const frame_origin& from) const;

    // The same for bytes that are no whole frame, of which the beginning was kept: refused, without an answer, for `reason`
    // (frame-cut: the connection ended inside it, frame-restarted: another one began inside it, frame-endless: it is longer
    // than anything is read, no-frame: nothing began it). Kept for people to look at: what is not whole must never be
    // mapped, and its sender has no answer, so it sends it again.
    [[nodiscard]] store::incoming_message take_broken(std::string beginning, const frame_origin& from,
                                                      std::string_view reason) const;

private:
    using rules_pointer = std::shared_ptr<const intake_rules>;

    [[nodiscard]] rules_pointer rules() const;
    [[nodiscard]] store::incoming_message take_frame(std::string content, const frame_origin& from,
                                                     const intake_rules& by) const;
    [[nodiscard]] store::incoming_message refuse(std::string content, const frame_origin& from,
                                                 std::string reason,
                                                 const hl7v2::acknowledgement_error& error) const;
    [[nodiscard]] std::optional<hl7v2::finding>
    find_strict(std::string_view content, const source_config& source, const intake_rules& by) const;
    [[nodiscard]] batch_answers answers_of(std::string_view content, const hl7v2::batch_result& split,
                                           const frame_origin& from) const;

    mutable std::mutex rules_mutex_;
    rules_pointer rules_;
    observe::clock_function now_;
    std::function<std::string()> new_control_id_;
    observe::finding_counts* found_;
};

// HL7 DTM in UTC: 20260504091233.120+0000.
[[nodiscard]] std::string hl7_time(store::utc_time at);

} // namespace auditgate::gateway::intake
