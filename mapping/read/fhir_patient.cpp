// Patient, with what Patient.link says of other records of the same person.
#include "mapping/read/fhir_reading.hpp"

namespace auditgate::mapping {

using fhir::elements;
using fhir::json::value;

namespace {

codings ethnic_category(const fhir_reading& from) {
    for (const value* extension : elements(from["extension"])) {
        if (is_one_of((*extension)["url"].text(), from.profile().ethnic_category_extensions)) {
            return read_codings((*extension)["valueCodeableConcept"]);
        }
    }
    return {};
}

// The notification of a death: 1 informal, 2 formal, U taken back (UKCore-DeathNotificationStatus).
assertion notified_death(const fhir_reading& from) {
    for (const value* extension : elements(from["extension"])) {
        if (!is_one_of((*extension)["url"].text(), from.profile().death_notification_extensions)) {
            continue;
        }
        for (const value* part : elements((*extension)["extension"])) {
            for (const coding& status : read_codings((*part)["valueCodeableConcept"])) {
                if (status.code == "1" || status.code == "2") {
                    return assertion::given;
                }
                if (status.code == "U") {
                    return assertion::removed;
                }
            }
        }
    }
    return assertion::absent;
}

void read_deceased(fhir_reading& from, patient_details& details) {
    if (!from["deceasedDateTime"].is_null()) {
        details.deceased = assertion::given;
        details.deceased_at = from.time(from["deceasedDateTime"], "deceasedDateTime");
    } else if (const std::optional<bool> dead = from["deceasedBoolean"].as_bool()) {
        details.deceased = *dead ? assertion::given : assertion::removed;
    } else {
        details.deceased = notified_death(from);
    }
}

// replaced-by: the other record survives; replaces: this one does.
void read_links(fhir_reading& from, const event& base) {
    std::size_t number = 0;
    for (const value* link : elements(from["link"])) {
        const std::string place = "link[" + std::to_string(number++) + "]";
        const std::string_view type = (*link)["type"].text();
        if (type != "replaced-by" && type != "replaces") {
            continue;
        }
        const std::vector<std::string> other = from.patient_keys((*link)["other"]);
        if (other.empty()) {
            from.find("unresolved-reference", finding_level::error, "link.other",
                      "the record of the same person cannot be identified");
            continue;
        }
        event merge = base;
        merge.path += "." + place;
        identity_change change;
        change.other = type == "replaced-by" ? base.subject : other;
        if (type == "replaced-by") {
            merge.subject = other;
        }
        from.add(std::move(merge), std::move(change));
    }
}

} // namespace

void read_patient(fhir_reading& from) {
    event base = from.start();
    base.subject = from.own_patient_keys();
    // Each item of the details comes from the message recorded last that gives it: no version replaces another.
    base.fact_key.clear();
    patient_details details;
    details.birth_date = from.time(from["birthDate"], "birthDate");
    details.sex = from["gender"].text();
    details.ethnic_category = ethnic_category(from);
    read_deceased(from, details);
    from.add(base, std::move(details));
    read_links(from, base);
}

} // namespace auditgate::mapping
