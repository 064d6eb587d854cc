// Third stage of cases(): the sessions of one person. All procedure codes of one local date are looked at together; what
// evidence there is, what excludes it, whether it was completed and at which sites (dataset.md section 2).
#pragma once

#include "mapping/cases/facts.hpp"
#include "mapping/cases/identity.hpp"

#include <chrono>
#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace auditgate::mapping {

// What all messages together say of the person.
struct person_details {
    std::optional<event_time> birth_date;
    std::string sex;       // word of the definition; "" not given
    std::string ethnicity; // word of the definition; "" not given
    bool died = false;
    std::optional<std::chrono::local_days>
        died_on; // as stated; else when it was recorded, or the last day of the month or year stated
    bool died_on_stated = false; // to the day
};

// A person with the facts that are known on the as-of date.
struct patient {
    const person* who = nullptr;
    std::vector<fact> facts; // void ones too: see holds()
    person_details details;
    std::chrono::local_days as_of{};

    // Whether a fact is neither void nor dated after the as-of date (of a month or year: its first day).
    [[nodiscard]] bool holds(const fact& one) const {
        return !one.is_void && (!one.is->when || one.is->when->date() <= as_of);
    }
};

enum class session_status { completed, stopped, not_done };

struct session {
    std::chrono::local_days date{};
    session_status status = session_status::completed;
    std::string excluded; // reason; "": a case of this dataset
    std::string evidence; // name of the rule that held

    std::vector<const fact*> procedures;   // of the date, but those stated as not done
    std::vector<const fact*> status_facts; // that decided the status
    std::vector<const fact*> stated_sites; // observations
    std::set<concept_code> codes;          // of `procedures`
    std::set<std::size_t> sites;           // places in terminology::sites()
    std::map<std::string, std::set<std::size_t>> sites_by_feed;
    std::optional<recorded_time> start; // earliest stated time of the procedures; an instant

    [[nodiscard]] bool is_case() const { return excluded.empty(); }
    [[nodiscard]] bool is_completed() const { return is_case() && status == session_status::completed; }
    [[nodiscard]] bool shares_site_with(const session& other) const;
};

[[nodiscard]] bool holds_any(const code_set& set, const std::vector<concept_code>& codes);
[[nodiscard]] bool holds_any(const code_set& set, const std::set<concept_code>& codes);

// Places in terminology::sites() that codes name.
[[nodiscard]] std::set<std::size_t> sites_named(const codings& as_sent, const event& said_in,
                                                const terminology& codes);

// Places in terminology::sites() at which a procedure was done: by its body sites, or by its codes.
[[nodiscard]] std::set<std::size_t> sites_of(const fact& act, const terminology& codes);

// The words that an observation's value may be: its codes, what local codes make of them, and its text.
[[nodiscard]] std::vector<std::string> value_words(const event& one, const terminology& codes);

// Whole years between two dates (a birthday on 29 February is had on 1 March).
[[nodiscard]] int years_between(std::chrono::local_days from, std::chrono::local_days to);

[[nodiscard]] person_details details_of(const person& who, std::span<const distinct_event> events,
                                        const compiled_definition& definition);

// The person with all facts as they stand on a date. Refers to the events, to `who` and to `made` (see resolve_facts()).
[[nodiscard]] patient patient_of(const person& who, std::span<const distinct_event> events,
                                 const cluster_versions& versions, const compiled_definition& definition,
                                 std::chrono::local_days as_of, std::deque<event>& made);

// By date. Sessions that are excluded are among them; one of a month or year stands at its first day.
[[nodiscard]] std::vector<session> find_sessions(const patient& who, const compiled_definition& definition);

} // namespace auditgate::mapping
