// What the readers of one message share. For the files of this folder only; everybody else reads read.hpp.
#pragma once

#include "mapping/read/civil_time.hpp"
#include "mapping/read/read.hpp"
#include "mapping/terminology/text.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace auditgate::mapping {

// One message while it is being read. Refers to the message, the profile and the result, which must outlive it.
class reading {
public:
    reading(const message_to_read& message, const source_profile& profile, civil_time zone,
            read_result& result)
        : message_(message), profile_(profile), zone_(zone), result_(result) {}

    [[nodiscard]] const message_to_read& message() const { return message_; }
    [[nodiscard]] const source_profile& profile() const { return profile_; }
    [[nodiscard]] const civil_time& zone() const { return zone_; }

    // What is past events_of_a_message_max is dropped with a fatal finding.
    void add(event fact);
    // Takes the notes that were made since the part before.
    void add(part_report part);
    void add(part_note note) { notes_.push_back(std::move(note)); }
    void add(read_finding finding);
    // A fatal finding was added: nothing more of the message will be used.
    [[nodiscard]] bool is_refused() const { return is_refused_; }
    [[nodiscard]] std::size_t events() const { return result_.events.size(); }
    [[nodiscard]] std::size_t findings() const { return result_.findings.size(); }

    // `key` for its first use in this message, `key|2` for the second and so on: repeats in one message are facts of
    // their own (dataset.md section 1, Versions).
    [[nodiscard]] std::string numbered(const std::string& key);

private:
    const message_to_read& message_;
    const source_profile& profile_;
    civil_time zone_;
    read_result& result_;
    std::map<std::string, int> uses_;
    std::vector<part_note> notes_;
    bool is_refused_ = false;
};

// Without blanks anywhere: "900 001 0640" is 9000010640.
[[nodiscard]] std::string without_blanks(std::string_view text);
[[nodiscard]] std::string upper_cased(std::string_view text); // ASCII letters only
// What follows the byte order mark of UTF-8, which some Windows programs write before a document.
[[nodiscard]] std::string_view without_byte_order_mark(std::string_view bytes);
[[nodiscard]] bool is_one_of(std::string_view word, const std::vector<std::string>& words);

// As a part of a fact key: a `#` divides the key of a part from that of its whole.
[[nodiscard]] std::string escaped(std::string_view name);

// Identity keys (event::subject). Empty when the number is.
[[nodiscard]] std::string nhs_key(std::string_view number);
[[nodiscard]] std::string local_key(std::string_view organisation, std::string_view number);

// The two wire formats.
[[nodiscard]] read_result read_hl7v2(const message_to_read& message, const source_profile& profile,
                                     civil_time zone);
[[nodiscard]] read_result read_fhir(const message_to_read& message, const source_profile& profile,
                                    civil_time zone);

} // namespace auditgate::mapping
