// PID: who the patient is. MRG, and the second PID of an unmerge: which records are of one person.
#include "mapping/nhs_number.hpp"
#include "mapping/read/hl7v2_reading.hpp"

#include <algorithm>
#include <array>

namespace auditgate::mapping {

using hl7v2::segment_view;

namespace {

// Events in which PID survives and MRG-1 was the same person's number (v2.8.2 section 3.3; A18, A30, A34 and A36 are those of
// versions before 2.3.1).
constexpr std::array<std::string_view, 7> merges = {"A18", "A30", "A34", "A36", "A39", "A40", "A47"};
// Of two PID: their records are of one person (3.3.24), and are not (3.3.37).
constexpr std::string_view link = "A24";
constexpr std::string_view unlink = "A37";

struct unused_event {
    std::string_view trigger;
    std::string_view why;
};

// Events with MRG in which no patient is merged into another.
constexpr auto unused_events = std::to_array<unused_event>({
    {"A35", "accounts are merged, and no fact belongs to an account: nothing changes"},
    {"A41", "accounts are merged, and no fact belongs to an account: nothing changes"},
    {"A42", "two visit numbers of one patient become one: facts stay with the number they were told under"},
    {"A44",
     "no fact belongs to an account: what was told of its visits stays with the patient of MRG-1 until "
     "the visits are moved (A45), or sent anew"},
    {"A46", "PID-2 and MRG-4 are not read: give the numbers in PID-3 and MRG-1 (A47)"},
    {"A48", "PID-4 is not read"},
    {"A49", "the number of an account changes, and no fact belongs to an account"},
    {"A50", "the number of a visit changes: facts stay with the number they were told under"},
    {"A51", "alternate visit numbers are not read"},
});

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

// A45: the visit MRG-5 was MRG-1's and is PID's now (v2.8.2 section 3.3.45). Without MRG-1, or with the same patient in both,
// it went from one account to another.
void read_visit_move(hl7v2_reading& from, const segment_view& mrg) {
    const std::vector<std::string> prior = from.identity_keys(mrg, 1, true);
    const std::string visit(trimmed(mrg.field(5).text()));
    const bool is_same = std::any_of(prior.begin(), prior.end(), [&](const std::string& key) {
        return is_one_of(key, from.patient_keys());
    });
    if (!mrg.field(1).has_value() || is_same) {
        from.note(mrg, 1, "the visit moves between accounts of one patient: nothing changes");
    } else if (prior.empty()) {
        from.find("no-patient", finding_level::error, mrg, 1,
                  "no identifier of the patient that had the visit can be used: see `identifiers` of the "
                  "source profile");
    } else if (visit.empty()) {
        from.find("no-visit", finding_level::error, mrg, 5,
                  "without its number nobody knows which visit is moved");
    } else {
        from.add(from.start(mrg), identity_change{false, prior, visit});
    }
}

// A43: a number was filed under the wrong person and goes, with all that is told by it, to that of PID (v2.8.2 section 3.3.43:
// it stands in MRG-1 and in PID-3). Which persons are meant tell NHS numbers alone: one number among local ones joins them.
void read_number_move(hl7v2_reading& from, const segment_view& mrg) {
    std::vector<std::string> moved;
    for (std::string& key : from.identity_keys(mrg, 1, true)) {
        if (!key.starts_with(nhs_prefix) && is_one_of(key, from.patient_keys())) {
            moved.push_back(std::move(key));
        }
    }
    const bool has_person = std::any_of(from.patient_keys().begin(), from.patient_keys().end(),
                                        [](const std::string& key) { return key.starts_with(nhs_prefix); });
    if (moved.empty()) {
        from.note(mrg, 1, "no local number stands in both MRG-1 and PID-3, so none moves: nothing changes");
    } else if (!has_person) {
        from.note(mrg, 1,
                  "without an NHS number in PID-3 nobody knows whose the number is now: nothing changes");
    } else {
        from.add(from.start(mrg), identity_change{false, std::move(moved)});
    }
}

std::string_view why_unused(std::string_view trigger) {
    const auto found = std::find_if(unused_events.begin(), unused_events.end(),
                                    [&](const unused_event& one) { return one.trigger == trigger; });
    return found == unused_events.end()
               ? "in this event no patient is merged into another: patients stay as they are"
               : found->why;
}

} // namespace

void read_pid(hl7v2_reading& from, const segment_view& pid) {
    const std::vector<std::string> other_patient = from.patient_keys();
    from.enter_patient(pid);
    if (from.patient_keys().empty()) {
        from.find("no-patient", finding_level::warning, pid, 3,
                  "no identifier of the patient can be used: see `identifiers` of the source profile");
    }
    patient_details details;
    details.birth_date = from.time(pid.field(7), pid, 7);
    details.sex = trimmed(pid.field(8).text());
    details.ethnic_category = read_codings(pid.field(22));
    read_death(from, pid, details);
    from.add(from.start(pid), std::move(details));
    if (from.has_trigger({link, unlink}) && !other_patient.empty()) {
        from.add(from.start(pid), identity_change{from.trigger() == unlink, other_patient});
    }
}

void read_mrg(hl7v2_reading& from, const segment_view& mrg) {
    if (from.trigger() == "A45") {
        read_visit_move(from, mrg);
        return;
    }
    if (from.trigger() == "A43") {
        read_number_move(from, mrg);
        return;
    }
    if (std::find(merges.begin(), merges.end(), from.trigger()) == merges.end()) {
        from.note(mrg, 1, std::string(why_unused(from.trigger())));
        return;
    }
    const std::vector<std::string> prior = from.identity_keys(mrg, 1, true);
    if (prior.empty()) {
        from.find("no-patient", finding_level::error, mrg, 1,
                  "no identifier of the merged record can be used: see `identifiers` of the source profile");
        return;
    }
    from.add(from.start(mrg), identity_change{false, prior});
}

} // namespace auditgate::mapping
