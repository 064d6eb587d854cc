// What leaves holds nothing that leads back to a person (dataset.md section 8), whatever the messages say.
#include "mapping/feed/feed.hpp"
#include "mapping/release/record.hpp"
#include "tests/property/checking.hpp"
#include "tests/property/rendering.hpp"
#include "tests/support/canaries.hpp"
#include "tests/support/support.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <regex>
#include <set>

namespace auditgate::test {
namespace {

using texts = std::set<std::string>;

std::string lower(std::string text) {
    std::ranges::transform(text, text.begin(),
                           [](unsigned char one) { return static_cast<char>(std::tolower(one)); });
    return text;
}

std::string two_digits(unsigned number) {
    return std::string(number < 10 ? "0" : "") + std::to_string(number);
}

// A date as people and systems write it; with a month, never a year alone, which a quarter tells.
void add_date(texts& to, std::chrono::sys_days day) {
    static constexpr std::array<const char*, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const std::chrono::year_month_day date(day);
    const std::string y = std::to_string(static_cast<int>(date.year()));
    const std::string m = two_digits(static_cast<unsigned>(date.month()));
    const std::string name = months.at(static_cast<unsigned>(date.month()) - 1);
    const auto number = static_cast<unsigned>(date.day());
    const std::string d = two_digits(number), plain = std::to_string(number);
    to.insert({y + m, y + '-' + m, d + m + y, plain + ' ' + name + ' ' + y, plain + '-' + name + '-' + y,
               name + ' ' + y, d + '/' + m + '/' + y.substr(2)});
    for (const char* between : {"/", "-", "."})
        to.insert(d + between + m + between + y);
}

// The whole, and each part of it that is long enough to say something.
void add_words(texts& to, const std::string& text) {
    to.insert(text);
    std::string word;
    for (const char one : text + ' ') {
        if (std::isalnum(static_cast<unsigned char>(one)) != 0) {
            word += one;
            continue;
        }
        if (word.size() >= 5)
            to.insert(word);
        word.clear();
    }
}

// Whether digits stand in a file of the shipped configuration, as 791002 does in the SNOMED code 438791002.
bool is_in_a_public_code(const std::string& digits) {
    static const std::string configured = [] {
        std::string all;
        for (const auto& one : std::filesystem::recursive_directory_iterator(source_folder() / "config"))
            if (one.is_regular_file())
                all += read_file(one.path()) + '\n';
        return all;
    }();
    return configured.find(digits) != std::string::npos;
}

// The whole, and all runs of six of its characters that are nobody's code by chance.
void add_number(texts& to, const std::string& number) {
    constexpr std::size_t run = 6;
    to.insert(number);
    for (std::size_t i = 0; i + run <= number.size(); ++i)
        if (const std::string part = number.substr(i, run); !is_in_a_public_code(part))
            to.insert(part);
}

void add_person(texts& to, const person& who) {
    for (const std::string& text : {who.surname, who.given, who.street, who.town, who.note})
        add_words(to, text);
    for (const std::string& number : {who.nhs_number, who.local_number, who.other_number, who.phone})
        add_number(to, number);
    const std::string& nhs = who.nhs_number;
    to.insert(nhs.substr(0, 3) + ' ' + nhs.substr(3, 3) + ' ' + nhs.substr(6));
    to.insert(nhs.substr(0, 3) + '-' + nhs.substr(3, 3) + '-' + nhs.substr(6));
    to.insert({who.postcode, who.postcode.substr(0, 4), who.postcode.substr(0, 4) + who.postcode.substr(5)});
    add_date(to, who.born);
    to.insert(std::to_string(static_cast<int>(std::chrono::year_month_day(who.born).year())));
}

texts identifying(const event_set& set) {
    texts all{"7654321", "QUACKENBUSH", "HORATIO", "free text", "as directed", "WARD1", "RXX01"};
    for (int patient = 0; patient < people; ++patient)
        add_person(all, person_of(set.family, patient));
    for (const telling& one : set.tellings) {
        for (const char* kind : {"MSG", "V", "REP", "DOC", "ORD", "ADM", "APP", "proc", "cond", "obs", "form",
                                 "rx", "ae", "consent", "pat", "enc"})
            all.insert(name_of(kind, one, set.family));
        add_date(all, happened(one).day);
        add_date(all, recorded(one).day);
    }
    return all;
}

// Everything that may leave of a case: records, Bundles and retractions, for a destination that sees all and for one that
// sees as little as can be.
std::string leaving(const dataset_case& one, const mapping::coarsening& coarsen) {
    const gateway::pipeline::destination& to = configuration().mapping->destinations.front();
    mapping::destination_settings settings = to.settings;
    settings.coarsen = coarsen;
    const auto content = mapping::record_content(one.is, *one.definition, settings, to.keys);
    std::string all;
    for (const auto& record : {mapping::finished_record(content, 1, mapping::record_action::create),
                               mapping::finished_record(content, 2, mapping::record_action::amend),
                               mapping::retraction(content, 3)}) {
        all += fhir::json::write(record) + '\n';
        if (coarsen != mapping::coarsening{})
            continue;
        const auto* layout = mapping::feed::find_layout(configuration().layouts, one.definition->dataset,
                                                        one.definition->version);
        RC_ASSERT(layout != nullptr);
        const auto written = mapping::feed::write_bundle(record, *layout, {});
        RC_ASSERT(written.bundle.has_value());
        all += fhir::json::write(*written.bundle) + '\n';
    }
    return all;
}

// Without the digests that names are made of, in which any six digits may stand by chance.
std::string without_digests(const std::string& text) {
    static const std::regex digest(
        "[0-9a-f]{64}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");
    return std::regex_replace(text, digest, "#");
}

TEST(ReleaseProperty, WhatLeavesHoldsNothingThatIdentifies) {
    mapping::coarsening little;
    little.days = mapping::coarsening::day_form::window_only;
    little.period = mapping::coarsening::period_form::year;
    little.age = mapping::coarsening::age_form::twenty_years;
    little.provider = mapping::coarsening::provider_form::region;
    shares happened;
    check_event_sets(60, [&](const event_set& set) {
        const auto as_of = some_day_of_computing();
        const std::vector<dataset_case> cases = all_cases(events_of(messages_of(set)), as_of);
        count_what_happens(happened, cases);
        std::string all;
        for (const dataset_case& one : cases)
            if (one.is.state == mapping::case_state::record)
                all += leaving(one, {}) + leaving(one, little);
        if (all.empty())
            return;
        const texts names = identifying(set);
        const std::string clear = lower(without_digests(all));
        for (const std::string& name : names)
            if (clear.find(lower(name)) != std::string::npos)
                RC_FAIL("what leaves holds \"" + name + "\":\n" + all);
        std::vector<std::string> whole;
        for (int patient = 0; patient < people; ++patient) {
            const person who = person_of(set.family, patient);
            whole.insert(whole.end(), {who.surname, who.given, who.nhs_number, who.local_number,
                                       who.other_number, who.note, who.postcode});
        }
        const auto hidden = canary_search(whole).find_in(all);
        if (!hidden.empty())
            RC_FAIL("what leaves holds " + hidden.front() + ":\n" + all);
    });
    expect_that_much_happens(happened);
}

} // namespace
} // namespace auditgate::test
