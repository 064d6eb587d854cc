// The answers to the messages of one frame that holds a batch, gathered until all are there. Sans-I/O.
#pragma once

#include "hl7v2/batch.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace auditgate::gateway::intake {

class batch_answers {
public:
    // Messages that stand together in one batch, or in none (no header).
    struct group {
        std::optional<hl7v2::batch_header> header;
        std::string control_id; // of the answer's header
        std::size_t messages = 0;
        std::string comment; // about the batch
    };
    struct envelope {
        std::optional<hl7v2::batch_header> file;
        std::string control_id; // of the file's answer
        std::string time;       // DTM
    };

    batch_answers() = default;
    batch_answers(std::vector<group> groups, envelope around);

    // The frames (none, one or two) that answer the message with this number, from 0; true when it was the last one missing.
    bool add(std::size_t number, std::string frames);

    // What goes back for the whole frame: a frame with a batch of answers (in a file, when a file was sent) when the messages
    // stood in one; their frames one after the other when they did not, or when a header holds bytes that would break the
    // frame.
    [[nodiscard]] std::string join() const;

private:
    [[nodiscard]] std::string enveloped() const;

    std::vector<group> groups_;
    envelope around_;
    std::vector<std::string> frames_; // by number of the message
    std::size_t missing_ = 0;
};

} // namespace auditgate::gateway::intake
