#include "tests/unit/mapping/cases_support.hpp"

#include "mapping/definition/load.hpp"
#include "mapping/terminology/load.hpp"

#include <gtest/gtest.h>

#include <filesystem>

namespace auditgate::mapping::test {

std::shared_ptr<const compiled_definition> shipped_definition() {
    static const std::shared_ptr<const compiled_definition> definition = [] {
        const std::filesystem::path config = std::filesystem::path(AUDITGATE_SOURCE_DIR) / "config";
        const terminology_load codes = load_terminology(config / "terminology");
        const definition_load load = load_definition(config / "datasets" / "nice-rfa-spinal-metastases.yaml",
                                                     codes.loaded, {"uk", "Europe/London", true});
        for (const yaml::problem& one : load.problems)
            ADD_FAILURE() << to_string(one);
        return load.loaded;
    }();
    return definition;
}

std::chrono::local_days day(int year, unsigned month, unsigned day_of_month) {
    return std::chrono::local_days{std::chrono::year{year} / std::chrono::month{month} /
                                   std::chrono::day{day_of_month}};
}

event_time at(std::chrono::local_days date, int hour, int minute) {
    const auto time = std::chrono::hours(hour) + std::chrono::minutes(minute);
    return {date + time, std::chrono::sys_days(date.time_since_epoch()) + time, time_precision::minute};
}

message& message::born(std::chrono::local_days date, std::string sex) {
    patient_details details;
    details.birth_date =
        event_time{date, std::chrono::sys_days(date.time_since_epoch()), time_precision::day};
    details.sex = std::move(sex);
    return add("", recorded_, details);
}

message& message::add(std::string key, event_time when, event_payload payload, version_status version) {
    event& one = events.emplace_back();
    one.message = feed_ + std::to_string(recorded_.instant.time_since_epoch().count());
    one.sender = "trust";
    one.feed = feed_;
    one.subject = subject_;
    if (!key.empty())
        one.fact_key = "trust|" + feed_ + '|' + key;
    one.version = version;
    one.recorded = recorded_.instant;
    one.when = when;
    one.organisation = "RXX01";
    one.payload = std::move(payload);
    return *this;
}

message& message::ablation(event_time when, std::string key, performance status, std::string site) {
    return add(std::move(key), when,
               procedure{{{"SCT", "438791002"}}, status, {{"SCT", std::move(site)}}, {}, {}});
}

message& message::score(std::string code, event_time when, std::string value, version_status version) {
    observation seen;
    seen.codes = {{"L", code}};
    seen.value.kind = value_kind::number;
    seen.value.text = std::move(value);
    return add("Observation/" + code + std::to_string(when.instant.time_since_epoch().count()), when, seen,
               version);
}

std::vector<event> together(const std::vector<message>& messages) {
    std::vector<event> all;
    for (const message& one : messages)
        all.insert(all.end(), one.events.begin(), one.events.end());
    return all;
}

} // namespace auditgate::mapping::test
