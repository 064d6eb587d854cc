// Condition and AdverseEvent.
#include "mapping/read/fhir_reading.hpp"

namespace auditgate::mapping {

using fhir::elements;
using fhir::json::value;

void read_condition(fhir_reading& from) {
    event base = from.start();
    condition content{read_codings(from["code"]), from.time(from["recordedDate"], "recordedDate")};
    base.when = from.start_time("onset");
    if (!base.when) {
        base.when = content.recorded_date;
    }
    for (const coding& status : read_codings(from["verificationStatus"])) {
        // differential: one of several things that it may be, so nobody says that the patient has it.
        if (status.code == "entered-in-error" || status.code == "refuted" || status.code == "differential") {
            base.version = version_status::deleted;
        }
    }
    from.add(std::move(base), std::move(content));
}

void read_adverse_event(fhir_reading& from) {
    event base = from.start();
    adverse_event content;
    content.onset = from.time(from["date"], "date");
    if (!content.onset) {
        content.onset = from.time(from["detected"], "detected");
    }
    base.when = from.time(from["recordedDate"], "recordedDate");
    if (!base.when) {
        base.when = content.onset;
    }
    if (from["actuality"].text() == "potential") {
        base.version = version_status::deleted; // it did not happen
    }
    content.category = read_codings(from["event"]);
    const codings categories = read_codings(from["category"]);
    content.category.insert(content.category.end(), categories.begin(), categories.end());
    const codings results = from.codings_named(elements(from["resultingCondition"]), "code");
    content.category.insert(content.category.end(), results.begin(), results.end());
    if (const codings severity = read_codings(from["severity"]); !severity.empty()) {
        content.grade = severity.front().code;
    }
    for (const value* entity : elements(from["suspectEntity"])) {
        if (std::string key = from.fact_key((*entity)["instance"]); !key.empty()) {
            content.about_facts.push_back(std::move(key));
        }
        for (const value* causality : elements((*entity)["causality"])) {
            const codings assessment = read_codings((*causality)["assessment"]);
            content.relatedness.insert(content.relatedness.end(), assessment.begin(), assessment.end());
        }
    }
    from.add(std::move(base), std::move(content));
}

} // namespace auditgate::mapping
