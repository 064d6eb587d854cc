#include "tests/property/event_sets.hpp"

#include "tests/property/rendering.hpp"
#include "tests/support/sample_journey.hpp"

#include <array>
#include <cstdio>
#include <ostream>
#include <string_view>

namespace auditgate::test {

namespace {

using std::chrono::days;

rc::Gen<int> up_to(int last) {
    return rc::gen::resize(rc::kNominalSize, rc::gen::inRange(0, last + 1));
}

rc::Gen<int> between(int first, int last) {
    return rc::gen::resize(rc::kNominalSize, rc::gen::inRange(first, last + 1));
}

// Of three messages two speak of the first patient, so that facts meet.
rc::Gen<int> someone() {
    return rc::gen::weightedElement<int>({{6, 0}, {2, 1}, {1, 2}});
}

rc::Gen<int> some_numbers() {
    return rc::gen::weightedElement<int>({{14, 0}, {5, 1}, {3, 2}, {3, 3}, {1, 4}, {1, 5}, {1, 6}});
}

// The nominal days of the time points more often, so that a record has several.
rc::Gen<int> some_day() {
    return rc::gen::weightedOneOf<int>(
        {{4, between(-30, 14)}, {4, between(-120, 430)}, {3, rc::gen::element(-1, 3, 7, 30, 91, 182, 365)}});
}

rc::Gen<int> some_minute() {
    return rc::gen::weightedOneOf<int>(
        {{2, rc::gen::just(0)}, {5, between(8 * 60, 18 * 60)}, {1, between(1, 24 * 60 - 1)}});
}

rc::Gen<telling> telling_of(rc::Gen<told> what, rc::Gen<int> day) {
    return rc::gen::build<telling>(
        rc::gen::set(&telling::what, std::move(what)), rc::gen::set(&telling::patient, someone()),
        rc::gen::set(&telling::numbers, some_numbers()), rc::gen::set(&telling::day, std::move(day)),
        rc::gen::set(&telling::minute, some_minute()),
        rc::gen::set(&telling::lag, rc::gen::weightedOneOf<int>({{4, up_to(2)}, {1, up_to(120)}})),
        rc::gen::set(&telling::thing, up_to(2)), rc::gen::set(&telling::value, up_to(59)),
        rc::gen::set(&telling::version, rc::gen::weightedElement<int>({{8, 0}, {2, 1}, {1, 2}})));
}

rc::Gen<telling> any_telling() {
    return telling_of(rc::gen::weightedElement<told>({{2, told::coded_stay},
                                                      {1, told::charges},
                                                      {1, told::coded_later},
                                                      {2, told::operation_note},
                                                      {2, told::operation_items},
                                                      {6, told::scores},
                                                      {3, told::adverse_event},
                                                      {3, told::history},
                                                      {4, told::orders},
                                                      {3, told::doses},
                                                      {2, told::visit},
                                                      {2, told::person},
                                                      {2, told::merge},
                                                      {1, told::unmerge},
                                                      {1, told::moved_visit},
                                                      {1, told::booking},
                                                      {1, told::laboratory},
                                                      {2, told::fhir_procedure},
                                                      {2, told::fhir_condition},
                                                      {3, told::fhir_observation},
                                                      {2, told::fhir_questionnaire},
                                                      {2, told::fhir_order},
                                                      {1, told::fhir_adverse_event},
                                                      {2, told::fhir_consent},
                                                      {1, told::fhir_patient},
                                                      {1, told::fhir_encounter}}),
                      some_day());
}

// An ablation on one of a few days, so that several sources tell of the same one.
rc::Gen<telling> ablation() {
    return telling_of(rc::gen::element(told::coded_stay, told::fhir_procedure, told::operation_note),
                      rc::gen::weightedOneOf<int>({{4, rc::gen::just(0)}, {3, rc::gen::element(9, 40, 60)}}));
}

rc::Gen<std::vector<telling>> up_to(int most, rc::Gen<telling> of) {
    return rc::gen::resize(most, rc::gen::container<std::vector<telling>>(std::move(of)));
}

std::string with_number(std::string_view what, int number) {
    return std::string(what) + std::to_string(number);
}

} // namespace

rc::Gen<event_set> event_sets() {
    return rc::gen::map(rc::gen::tuple(up_to(9'999), up_to(3, ablation()), up_to(24, any_telling())),
                        [](std::tuple<int, std::vector<telling>, std::vector<telling>> made) {
                            event_set set{std::get<0>(made), std::move(std::get<1>(made))};
                            const auto& others = std::get<2>(made);
                            set.tellings.insert(set.tellings.end(), others.begin(), others.end());
                            return set;
                        });
}

std::ostream& operator<<(std::ostream& out, const telling& one) {
    return out << "{told(" << static_cast<int>(one.what) << "), " << one.patient << ", " << one.numbers
               << ", " << one.day << ", " << one.minute << ", " << one.lag << ", " << one.thing << ", "
               << one.value << ", " << one.version << "}";
}

std::ostream& operator<<(std::ostream& out, const event_set& set) {
    out << "family " << set.family << '\n';
    for (const telling& one : set.tellings) {
        std::string message = message_of(one, set.family);
        for (char& each : message)
            if (each == '\r')
                each = '\n';
        out << one << '\n' << message << '\n';
    }
    return out;
}

person person_of(int family, int patient) {
    static constexpr std::array<std::string_view, 6> surnames{
        "Featherstonhaugh", "Oyelaran-Whitby", "Llewellyn", "Brzezinski", "MacGillicuddy", "Venkataraman"};
    static constexpr std::array<std::string_view, 5> given{"Philippa", "Thaddeus", "Gwendolen", "Ignatius",
                                                           "Wilhelmina"};
    static constexpr std::array<std::string_view, 4> towns{"Wymondham", "Ballachulish", "Cholmondeley",
                                                           "Mousehole"};
    const int number = family * people + patient;
    person one;
    one.surname = pick(surnames, number);
    one.given = pick(given, number / 3);
    one.street = std::to_string(10 + number % 80) + " Threadneedle Gardens";
    one.town = pick(towns, number);
    one.postcode = with_number("ZZ", 70 + number % 30) + ' ' + std::to_string(number % 10) + "WQ";
    one.phone = "07700" + std::to_string(900'000 + number % 1'000);
    one.nhs_number = nhs_test_number(number);
    one.local_number = with_number("H", 6'100'000 + number);
    one.other_number = with_number("K", 8'200'000 + number);
    one.born = std::chrono::sys_days{std::chrono::year{1931} / 1 / 4} + days((number * 611) % 28'000);
    one.sex = number % 3 == 0 ? "M" : "F";
    one.note = "seen with her daughter Clementine, retired beekeeper of " + one.town;
    return one;
}

std::string name_of(const char* kind, const telling& one, int family) {
    return kind + std::to_string(700'000 + family * 10 + one.patient) + 'N' + std::to_string(one.thing);
}

moment happened(const telling& one) {
    return {day_zero + days(one.day), one.minute};
}

moment recorded(const telling& one) {
    return {day_zero + days(one.day + one.lag), one.minute == 0 ? 12 * 60 : one.minute};
}

std::string hl7v2_time(const moment& when) {
    const std::chrono::year_month_day date(when.day);
    std::array<char, 32> text{};
    const int size = std::snprintf(text.data(), text.size(), "%04d%02u%02u", static_cast<int>(date.year()),
                                   static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
    if (when.minute != 0)
        std::snprintf(text.data() + size, text.size() - static_cast<std::size_t>(size), "%02d%02d",
                      when.minute / 60, when.minute % 60);
    return text.data();
}

std::string fhir_time(const moment& when) {
    const std::string digits = hl7v2_time(when);
    std::string text = digits.substr(0, 4) + '-' + digits.substr(4, 2) + '-' + digits.substr(6, 2);
    if (when.minute != 0)
        text += 'T' + digits.substr(8, 2) + ':' + digits.substr(10, 2) + ":00Z";
    return text;
}

std::string recorded_time(const telling& one) {
    return hl7v2_time(recorded(one));
}

std::string recorded_time_fhir(const telling& one) {
    return fhir_time(recorded(one));
}

std::string message_of(const telling& one, int family) {
    return one.what < told::fhir_procedure ? hl7v2_message(one, family) : fhir_message(one, family);
}

std::vector<std::string> messages_of(const event_set& set) {
    std::vector<std::string> messages;
    for (const telling& one : set.tellings)
        messages.push_back(message_of(one, set.family));
    return messages;
}

} // namespace auditgate::test
