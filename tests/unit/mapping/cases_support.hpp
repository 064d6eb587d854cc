// Events built by hand, and the shipped definition and terminology, for tests of cases().
#pragma once

#include "mapping/cases/cases.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace auditgate::mapping::test {

// The first dataset with the shipped terminology; read once.
[[nodiscard]] std::shared_ptr<const compiled_definition> shipped_definition();

[[nodiscard]] std::chrono::local_days day(int year, unsigned month, unsigned day_of_month);
// 10:15 on that date, or another time; in January to March local time and UTC are the same in England.
[[nodiscard]] event_time at(std::chrono::local_days date, int hour = 10, int minute = 15);

// Facts of one patient, who has an NHS number and a local one unless said otherwise.
class message {
public:
    explicit message(event_time recorded, std::string feed = "fhir")
        : recorded_(recorded), feed_(std::move(feed)) {}

    message& of(std::vector<std::string> subject) {
        subject_ = std::move(subject);
        return *this;
    }
    message& born(std::chrono::local_days date, std::string sex = "female");
    message& add(std::string key, event_time when, event_payload payload,
                 version_status version = version_status::first);
    // An ablation at L3 with its FHIR procedure code.
    message& ablation(event_time when, std::string key = "Procedure/1",
                      performance status = performance::completed, std::string site = "36470004");
    message& score(std::string code, event_time when, std::string value,
                   version_status version = version_status::first);

    std::vector<event> events;

private:
    event_time recorded_;
    std::string feed_;
    std::vector<std::string> subject_ = {"nhs|9000014565", "local|RXX|H1"};
};

[[nodiscard]] std::vector<event> together(const std::vector<message>& messages);

} // namespace auditgate::mapping::test
