// PID: who the patient is. MRG, and the second PID of an unmerge: which records are of one person.
#include "mapping/read/hl7v2_reading.hpp"

#include <algorithm>
#include <array>

namespace auditgate::mapping {

using hl7v2::segment_view;

namespace {

// Events in which PID survives and MRG-1 was the same person's number (v2.8.2 section 3.3). Merges of accounts (A35, A41)
// and moves of visits (A45) or accounts (A44) leave patients as they are.
constexpr std::array<std::string_view, 7> merges = {"A18", "A30", "A34", "A36", "A39", "A40", "A47"};
constexpr std::string_view unmerge = "A37";

void read_death(hl7v2_reading& from, const segment_view& pid, patient_details& details) {
    const auto died_at = pid.field(29);
    const auto indicator = pid.field(30);
    if (upper_cased(indicator.text()) == "N") {
        details.deceased = assertion::removed;
    } else if (upper_cased(indicator.text()) == "Y" || died_at.has_value()) {
        details.deceased = assertion::given;
        details.deceased_at = from.time(died_at, pid, 29);
    } else if (died_at.is_null() || indicator.is_null()) {
        details.deceased = assertion::removed;
    }
}

} // namespace

void read_pid(hl7v2_reading& from, const segment_view& pid) {
    const std::vector<std::string> other_patient = from.patient_keys();
    from.enter_patient(pid);
    if (from.patient_keys().empty()) {
        from.find("no-patient", finding_level::warning, pid, 3, "no identifier of the patient can be used");
    }
    patient_details details;
    details.birth_date = from.time(pid.field(7), pid, 7);
    details.sex = trimmed(pid.field(8).text());
    details.ethnic_category = read_codings(pid.field(22));
    read_death(from, pid, details);
    from.add(from.start(pid), std::move(details));
    if (from.trigger() == unmerge && !other_patient.empty()) {
        from.add(from.start(pid), identity_change{true, other_patient});
    }
}

void read_mrg(hl7v2_reading& from, const segment_view& mrg) {
    if (std::find(merges.begin(), merges.end(), from.trigger()) == merges.end()) {
        return;
    }
    const std::vector<std::string> prior = from.identity_keys(mrg, 1);
    if (prior.empty()) {
        from.find("no-patient", finding_level::error, mrg, 1,
                  "no identifier of the merged record can be used");
        return;
    }
    from.add(from.start(mrg), identity_change{false, prior});
}

} // namespace auditgate::mapping
