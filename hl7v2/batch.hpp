// Files and batches (HL7 v2.8.2 section 2.10.3): FHS BHS MSH.. BTS FTS, and runs of messages without any header. Splits
// bytes into messages without reading them, so that a bad message does not lose its neighbours; and writes what answers a
// batch.
#pragma once

#include "hl7v2/delimiters.hpp"
#include "hl7v2/finding.hpp"

#include <cstddef>
#include <optional>
#include <span>
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
    std::vector<std::size_t> headers;    // where BHS 1, 2 ... begin, for read_batch_header()
    std::size_t file_header = 0;         // where the (last) FHS begins
    // The first 200, and text-outside-message when there is any:
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

// What answering a batch or a file needs of its header (BHS: v2.8.2 section 2.14.2, FHS: section 2.14.6, whose fields have
// the same numbers): the fields as received, raw.
struct batch_header {
    delimiters marks;                  // the standard's, when those of the header cannot be used
    std::string sending_application;   // BHS-3
    std::string sending_facility;      // BHS-4
    std::string receiving_application; // BHS-5
    std::string receiving_facility;    // BHS-6
    std::string name;                  // BHS-9
    std::string control_id;            // BHS-11
};

// `bytes` begin with BHS or FHS; what follows the segment does not matter.
[[nodiscard]] batch_header read_batch_header(std::string_view bytes);

struct batch_acknowledgement_content {
    // Of a batch: the acknowledgements of its messages (acknowledgement.hpp), each ended by CR; those that nobody asked for
    // are not there. None at all says that every message was accepted. Of a file: its acknowledged batches.
    std::span<const std::string> parts = {};
    std::string_view control_id = {}; // BHS-11 of the answer: unique, given by the caller
    std::string_view time = {};       // BHS-7, as DTM
    std::string_view comment = {};    // BTS-2, ASCII for people; never a value of a message
};

// The batch that answers a batch (section 2.10.3.3): BHS with applications and facilities swapped and BHS-12 the control id
// of the batch answered, the parts as they are, BTS with their number. In the delimiters of the batch.
[[nodiscard]] std::string build_batch_acknowledgement(const batch_header& to,
                                                      const batch_acknowledgement_content& content);

// The same for a file: FHS, the answers of its batches, FTS.
[[nodiscard]] std::string build_file_acknowledgement(const batch_header& to,
                                                     const batch_acknowledgement_content& content);

} // namespace auditgate::hl7v2
