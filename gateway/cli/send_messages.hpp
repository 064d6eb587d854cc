// The sending side of MLLP without sockets: what to send, and which answer belongs to it.
#pragma once

#include "hl7v2/acknowledgement.hpp"
#include "hl7v2/mllp_framer.hpp"

#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace auditgate::gateway::cli {

struct outgoing_message {
    std::filesystem::path file;
    std::size_t number = 1; // within the file, from 1
    std::string bytes;      // sent unchanged
};

// The messages of one file: a single one, or those of a batch.
void add_messages(std::vector<outgoing_message>& to, const std::filesystem::path& file,
                  std::string_view content);

// What an answer that is not positive means for the message, and what to do: by its code (AE, AR, CE, CR), and by each error
// of table 0357. Only codes and places of the answer are quoted: its texts may repeat values of the message.
[[nodiscard]] std::string meaning_of(std::string_view answer, std::span<const hl7v2::received_error> errors);

// Whether the message asks for an answer (MSH-15, MSH-16).
[[nodiscard]] bool wants_answer(std::string_view message);

// Finds the answer to one message among what a connection receives: the acknowledgement whose MSA-2 is its MSH-10. Answers
// to others (late ones to an earlier message) are passed over.
class answer_search {
public:
    explicit answer_search(std::string_view message);

    // The answer, once enough bytes have come.
    [[nodiscard]] std::optional<hl7v2::received_acknowledgement> feed(std::string_view bytes);

private:
    std::string control_id_;
    hl7v2::mllp_framer framer_;
};

} // namespace auditgate::gateway::cli
