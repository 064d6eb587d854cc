// Files and batches (HL7 v2.8.2 section 2.10.3): FHS BHS MSH.. BTS FTS, and runs of messages without any header. Splits
// bytes into messages without reading them, so that a bad message does not lose its neighbours.
#pragma once

#include "hl7v2/finding.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace auditgate::hl7v2 {

struct batch_message {
    std::size_t offset = 0;
    std::size_t size = 0;
    std::size_t batch = 0; // number of the batch (from 1) that it stands in; 0: in none
};

struct batch_result {
    std::vector<batch_message> messages; // in order; views of the caller's bytes: bytes.substr(offset, size)
    std::size_t batches = 0;             // BHS seen
    bool has_file_header = false;        // FHS seen
    // error    batch-count-differs (BTS-1), file-count-differs (FTS-1), batch-not-ended, file-not-ended,
    //          text-outside-message (bytes before the first or behind a trailer that are no message: not read)
    // warning  trailer-without-header, batch-count-missing
    std::vector<finding> findings;
};

// A header is MSH, FHS or BHS at the begin of a line with a character behind it that can be a field separator; a trailer is
// BTS or FTS with the field separator of the batch, or alone in its line (`BTS^O31` is neither). Lines end by CR, LF or
// CRLF; frame bytes, NUL and a byte order mark around messages are left out.
[[nodiscard]] batch_result split_batch(std::string_view bytes);

// Whether the bytes must be split before they can be read as a message: a batch, or more than one MSH.
[[nodiscard]] bool is_batch(std::string_view bytes);

} // namespace auditgate::hl7v2
