#include "hl7v2/finding.hpp"

#include <algorithm>
#include <array>

namespace auditgate::hl7v2 {

namespace {

constexpr auto kinds = std::to_array<finding_kind>({
    {"bad-delimiters", severity::fatal, finding_scope::message, "MSH-1 and MSH-2 are no set of delimiters",
     "send MSH-1 and three to five different characters in MSH-2, none of them a letter, a digit or a blank"},
    {"bad-segment-name", severity::error, finding_scope::message,
     "a line begins with no segment name; it is kept in its place and not read",
     "escape line ends in texts: \\.br\\ or \\X0D\\"},
    {"batch-count-differs", severity::error, finding_scope::batch,
     "BTS-1 is not the number of messages of the batch", "ask the sender for what is missing"},
    {"batch-count-missing", severity::warning, finding_scope::batch,
     "BTS-1 or FTS-1 is empty: nothing shows whether the batch is whole",
     "let the sender fill BTS-1 and FTS-1"},
    {"batch-not-ended", severity::error, finding_scope::batch, "a batch has no BTS: it may have been cut",
     "ask the sender for the whole batch"},
    {"blank-before-segment", severity::warning, finding_scope::message,
     "blanks before a segment name are left out", "send segments without indentation"},
    {"blank-line", severity::warning, finding_scope::message, "empty lines are left out",
     "end each segment once"},
    {"blank-value", severity::warning, finding_scope::message, "a field of blanks alone, read as empty",
     "leave the field empty; to delete a value send two double quotes"},
    {"byte-order-mark", severity::warning, finding_scope::message, "a byte order mark stands before MSH",
     "send no byte order mark"},
    {"carriage-return-line-feed", severity::warning, finding_scope::message, "CRLF ends segments",
     "end segments with CR alone"},
    {"charset-assumed", severity::warning, finding_scope::message, "no character set is declared",
     "fill MSH-18, or set the default character set of the source"},
    {"charset-contradicted", severity::error, finding_scope::message,
     "MSH-18 declares a set in which the bytes cannot be; they are read as UTF-8", "correct MSH-18"},
    {"charset-converted", severity::warning, finding_scope::message,
     "converted as a whole before it was split", "nothing; UTF-8 would need no conversion"},
    {"charset-switch-kept", severity::warning, finding_scope::message,
     "an escape sequence that switches character sets is kept as written",
     "send the text in the set of MSH-18"},
    {"control-character", severity::warning, finding_scope::message,
     "a control character within a value, kept", "escape it as \\Xdd\\, or leave it out"},
    {"file-count-differs", severity::error, finding_scope::batch,
     "FTS-1 is not the number of batches of the file", "ask the sender for what is missing"},
    {"file-not-ended", severity::error, finding_scope::batch, "a file has no FTS: it may have been cut",
     "ask the sender for the whole file"},
    {"junk-before-msh", severity::warning, finding_scope::message,
     "blank or control characters before MSH are left out", "begin the message with MSH"},
    {"last-segment-not-ended", severity::warning, finding_scope::message, "nothing ends the last segment",
     "end every segment with CR"},
    {"line-feed-before-segment", severity::warning, finding_scope::message,
     "a line feed before a known segment name ends the segment", "end segments with CR alone"},
    {"line-feed-ends-segment", severity::warning, finding_scope::message,
     "there is no carriage return: line feeds end the segments", "end segments with CR alone"},
    {"line-feed-in-data", severity::warning, finding_scope::message, "a line feed is part of a value",
     "escape line ends in texts: \\.br\\ or \\X0A\\"},
    {"lone-escape", severity::warning, finding_scope::message,
     "an escape character that begins no sequence, kept", "send the escape character of a text as \\E\\"},
    {"no-msh", severity::fatal, finding_scope::message, "does not begin with MSH",
     "send one message a frame, MSH first"},
    {"second-header", severity::error, finding_scope::message,
     "another MSH stands in the message; it is one segment like the others",
     "send one message a frame, or a batch that can be split"},
    {"text-outside-message", severity::error, finding_scope::batch,
     "lines outside of any message are not read", "ask the sender what they are"},
    {"too-many-segments", severity::fatal, finding_scope::message, "more segments than the limit",
     "split the message"},
    {"trailer-without-header", severity::warning, finding_scope::batch, "BTS without BHS, or FTS without FHS",
     "send both or none"},
    {"trailing-junk", severity::warning, finding_scope::message,
     "control characters behind the last segment are left out", "end the message with the last segment"},
    {"unknown-charset", severity::error, finding_scope::message, "MSH-18 names a set that nobody knows",
     "name one of HL7 table 0211"},
    {"unknown-charset-forced", severity::fatal, finding_scope::message,
     "the character set of the settings is not known", "correct the setting"},
    {"unknown-escape", severity::warning, finding_scope::message,
     "an unknown escape sequence is kept as written", "send only the escape sequences of the standard"},
    {"wrong-bytes", severity::error, finding_scope::message,
     "bytes that are no text in the character set; each is shown as U+FFFD",
     "correct MSH-18 or the default character set of the source"},
});

} // namespace

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

std::span<const finding_kind> finding_kinds() {
    return kinds;
}

const finding_kind* find_finding_kind(std::string_view code) {
    const auto found =
        std::lower_bound(kinds.begin(), kinds.end(), code,
                         [](const finding_kind& one, std::string_view wanted) { return one.code < wanted; });
    return found != kinds.end() && found->code == code ? &*found : nullptr;
}

} // namespace auditgate::hl7v2
