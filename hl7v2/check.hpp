// What is odd inside of a message's values: the findings that parse() leaves out because it does not look
// into fields.
#pragma once

#include "hl7v2/finding.hpp"
#include "hl7v2/message.hpp"

#include <cstddef>
#include <vector>

namespace auditgate::hl7v2 {

struct check_options {
    std::size_t findings_max = 200; // of all kinds together; the rest is left out
};

// Looks at every value once, in linear time. Findings with path and offset, in the order of the message:
//   error    wrong-bytes        bytes that are no text in the message's character set
//   warning  unknown-escape, lone-escape, charset-switch-kept     (escape.hpp)
//            blank-value        a field of blanks alone, read as empty
//            control-character  a control character within a value, kept
// Never a value in any of them.
[[nodiscard]] std::vector<finding> check_content(const message& from, const check_options& options = {});

} // namespace auditgate::hl7v2
