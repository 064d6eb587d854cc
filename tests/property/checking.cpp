#include "tests/property/checking.hpp"

#include "gateway/acceptance/clusters.hpp"
#include "mapping/read/read.hpp"
#include "mapping/release/gate.hpp"
#include "tests/support/shipped_configuration.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <iostream>
#include <set>
#include <sstream>

namespace auditgate::test {

namespace {

#ifdef AUDITGATE_SANITIZED
constexpr int slower = 5; // times, about, under a sanitizer
#else
constexpr int slower = 1;
#endif

// `otherwise` when the variable is not set.
std::uint64_t number_of_environment(const char* name, std::uint64_t otherwise) {
    const char* text = std::getenv(name);
    return text == nullptr ? otherwise : std::stoull(text);
}

bool has_event(const mapping::case_result& one) {
    const auto* events = one.content["safety"].find("events");
    return events != nullptr && events->size() > 0;
}

bool has_flag(const mapping::case_result& one, std::string_view flag) {
    const auto& flags = one.content["data_quality"]["flags"];
    for (std::size_t i = 0; i < flags.size(); ++i)
        if (flags[i].text() == flag)
            return true;
    return false;
}

bool has_score(const mapping::case_result& one, std::size_t rows_least) {
    const auto& rows = one.content["efficacy"];
    std::size_t filled = 0;
    for (std::size_t i = 0; i < rows.size(); ++i)
        filled += rows[i]["pain"]["worst"].is_null() ? 0U : 1U;
    return filled >= rows_least;
}

bool has_opioid(const mapping::case_result& one) {
    const auto& rows = one.content["efficacy"];
    for (std::size_t i = 0; i < rows.size(); ++i)
        if (!rows[i]["opioid"]["ome_mg_per_day"].is_null())
            return true;
    return false;
}

} // namespace

void shares::expect(std::string_view what, int percent_least) const {
    if (testing::Test::HasFatalFailure())
        return; // of the sets tried until then
    const auto found = so_.find(what);
    const int so = found == so_.end() ? 0 : found->second;
    const double share = percent_least / 100.0;
    const double expected = sets_ * share;
    const double chance = 4 * std::sqrt(expected * (1 - share)); // four standard deviations
    EXPECT_GE(so, expected - chance) << what << " in " << so << " of " << sets_ << " sets";
}

void shares::print() const {
    for (const auto& [what, so] : so_)
        std::cout << "  " << what << ": " << so << " of " << sets_ << " sets ("
                  << so * 100 / std::max(sets_, 1) << " %)\n";
}

void check_event_sets(int sets, const std::function<void(const event_set&)>& property) {
    rc::detail::TestParams params = rc::detail::configuration().testParams;
    params.seed = number_of_environment("AUDITGATE_PROPERTY_SEED", params.seed);
    params.maxSuccess = static_cast<int>(
        number_of_environment("AUDITGATE_PROPERTY_SETS", static_cast<std::uint64_t>(sets / slower)));
    rc::detail::TestMetadata about;
    about.id = about.description = testing::UnitTest::GetInstance()->current_test_info()->name();
    const auto checked =
        rc::detail::checkProperty(rc::detail::toProperty([&] { property(*event_sets()); }), about, params);
    std::ostringstream text;
    rc::detail::printResultMessage(checked, text);
    if (!checked.is<rc::detail::SuccessResult>())
        FAIL() << "AUDITGATE_PROPERTY_SEED=" << params.seed << '\n' << text.str();
}

const gateway::configuration& configuration() {
    static const gateway::configuration shipped = shipped_configuration(shipped_datasets::all);
    return shipped;
}

std::chrono::local_days some_day_of_computing() {
    const int day = *rc::gen::resize(rc::kNominalSize, rc::gen::inRange(-60, 480));
    return std::chrono::local_days{(day_zero + std::chrono::days(day)).time_since_epoch()};
}

std::vector<mapping::event> events_of(const std::vector<std::string>& messages) {
    std::vector<mapping::event> events;
    for (const std::string& bytes : messages) {
        const mapping::message_to_read message{bytes, mapping::format_of(bytes), bytes.substr(0, 200),
                                               day_zero};
        auto read = mapping::read_message(message, configuration().mapping->default_profile);
        std::move(read.events.begin(), read.events.end(), std::back_inserter(events));
    }
    return events;
}

std::vector<std::vector<mapping::event>> clusters(const std::vector<mapping::event>& events) {
    std::vector<std::vector<mapping::event>> all;
    for (const std::vector<std::size_t>& places : gateway::acceptance::clusters_of(events)) {
        std::vector<mapping::event>& cluster = all.emplace_back();
        for (const std::size_t place : places)
            cluster.push_back(events[place]);
    }
    return all;
}

std::string text_of(const mapping::case_result& one) {
    std::ostringstream text;
    text << one.patient_key << '|' << one.procedure_date.time_since_epoch().count() << '|'
         << static_cast<int>(one.state) << '|' << one.reason << '|' << one.provider_org;
    for (const std::string& feed : one.source_feeds)
        text << ',' << feed;
    text << '|' << fhir::json::write(one.content) << '|' << mapping::to_bytes(mapping::gate_facts_of(one));
    for (const mapping::trace_entry& why : one.trace) {
        text << '\n' << why.path << ' ' << why.rule;
        for (const std::string& message : why.used)
            text << " + " << message;
        for (const std::string& message : why.beaten)
            text << " - " << message;
    }
    return text.str();
}

std::vector<dataset_case> all_cases(const std::vector<mapping::event>& events,
                                    std::chrono::local_days as_of) {
    std::vector<dataset_case> all;
    for (const std::vector<mapping::event>& cluster : clusters(events))
        for (const auto& definition : configuration().mapping->definitions)
            for (mapping::case_result& one : mapping::cases(cluster, *definition, as_of).cases)
                all.push_back({definition.get(), std::move(one)});
    return all;
}

void count_what_happens(shares& in, const std::vector<dataset_case>& cases) {
    std::vector<const mapping::case_result*> records;
    std::set<std::string> patients;
    bool is_held = false;
    for (const dataset_case& one : cases) {
        is_held = is_held || one.is.state == mapping::case_state::held;
        if (one.is.state != mapping::case_state::record)
            continue;
        records.push_back(&one.is);
        patients.insert(one.is.patient_key);
    }
    const auto any = [&](const auto& is_so) {
        return std::ranges::any_of(records, [&](const auto* one) { return is_so(*one); });
    };
    in.start_set();
    in.count("a record", !records.empty());
    in.count("several records", records.size() >= 2);
    in.count("records of several patients", patients.size() >= 2);
    in.count("a held case", is_held);
    in.count("an adverse event", any(has_event));
    in.count("a pain score", any([](const auto& one) { return has_score(one, 1); }));
    in.count("pain scores at several time points", any([](const auto& one) { return has_score(one, 2); }));
    in.count("an opioid dose", any(has_opioid));
    in.count("a merged patient", any([](const auto& one) { return has_flag(one, "merged-patient"); }));
    in.count("a conflict", any([](const auto& one) { return has_flag(one, "conflict"); }));
    in.count("a late correction", any([](const auto& one) { return has_flag(one, "late-correction"); }));
    in.count("a repeat or a new level", any([](const auto& one) {
                 const auto& sequence = one.content["procedure"]["sequence"];
                 return !sequence.is_null() && sequence.text() != "index";
             }));
    in.count("a consent", any([](const auto& one) { return !one.consents.empty(); }));
    in.count("a stopped procedure",
             any([](const auto& one) { return one.content["procedure"]["status"].text() == "stopped"; }));
}

// About half of what was measured over thousands of sets.
void expect_that_much_happens(const shares& in) {
    in.print();
    in.expect("a record", 50);
    in.expect("several records", 40);
    in.expect("records of several patients", 15);
    in.expect("a held case", 2);
    in.expect("an adverse event", 8);
    in.expect("a pain score", 18);
    in.expect("pain scores at several time points", 5);
    in.expect("an opioid dose", 12);
    in.expect("a merged patient", 9);
    in.expect("a conflict", 3);
    in.expect("a late correction", 5);
    in.expect("a repeat or a new level", 14);
    in.expect("a consent", 9);
    in.expect("a stopped procedure", 4);
}

} // namespace auditgate::test
