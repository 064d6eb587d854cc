#include "gateway/cli/retract.hpp"

#include "gateway/acceptance/golden_case.hpp"
#include "gateway/config/configuration.hpp"
#include "mapping/nhs_number.hpp"
#include "mapping/release/record.hpp"

#include <algorithm>
#include <iostream>
#include <optional>

namespace auditgate::gateway::cli {

namespace {

exit_code fail(const error& why) {
    std::cerr << "auditgate retract: " << why.message << '\n';
    return exit_code_of(why.code);
}

} // namespace

result<std::string> record_of_patient(std::istream& number, const retract_options& options,
                                      const pipeline::setup& with) {
    const auto date = acceptance::parse_day(options.procedure_date);
    if (!date)
        return error{errc::usage, "--date must be the day of the procedure, such as 2026-03-09"};
    const auto to = std::find_if(with.destinations.begin(), with.destinations.end(),
                                 [&](const auto& one) { return one.name == options.destination; });
    if (to == with.destinations.end())
        return error{errc::usage, "the configuration has no destination `" + options.destination + "`"};
    std::string dataset = options.dataset.empty() ? to->dataset : options.dataset;
    if (dataset.empty() && with.definitions.size() == 1)
        dataset = with.definitions.front()->dataset;
    if (dataset.empty())
        return error{errc::usage, "say with --dataset which of the datasets it is"};
    std::string patient;
    std::getline(number, patient);
    std::erase_if(patient, [](char c) { return c == ' ' || c == '\r'; });
    if (!patient.starts_with("local|")) {
        patient.insert(0, "nhs|");
        if (mapping::usable_nhs_number(patient, true).empty())
            return error{errc::usage,
                         "standard input must hold the patient's NHS number, or local|ODS|NUMBER of "
                         "a patient without one"};
    }
    return mapping::record_id(to->keys.record_key, dataset, patient, *date);
}

result<void> retract_closed(store::store& in, std::string_view destination, std::string_view record_id) {
    const auto closed = in.closed_records(record_id);
    if (!closed)
        return closed.error();
    const auto found = std::find_if(closed->begin(), closed->end(),
                                    [&](const auto& one) { return one.destination == destination; });
    if (found == closed->end())
        return error{errc::refused,
                     "no closed case of destination " + std::string(destination) +
                         " has this record. The record of an open case is taken back by the patient's "
                         "consent, the national opt-out or the dissent list: docs/operating.md"};
    if (!found->erased)
        return error{errc::refused,
                     "a version of the record is still on its way: see `auditgate status`, and try again"};
    if (!found->may_be_there)
        return error{errc::refused, "the record is no longer at destination " + std::string(destination)};
    store::write_set changes;
    changes.desired = {
        {std::string(destination), std::string(record_id), std::nullopt, "", "retracted-by-hand"}};
    const auto committed = in.commit(changes);
    if (!committed)
        return committed.error();
    if (*committed != store::commit_result::committed)
        return error{errc::store_unavailable, "the store did not confirm it: try again"};
    return {};
}

int run_retract(const retract_options& options) {
    const opened_installation opened = open_installation(options.config);
    if (!opened.value)
        return opened.exit;
    std::string record = options.record;
    if (record.empty()) {
        const auto configured = load_whole_configuration(*opened.value);
        if (!configured)
            return exit_configuration;
        auto made = record_of_patient(std::cin, options, *configured->mapping);
        if (!made)
            return fail(made.error());
        record = std::move(*made);
    }
    if (const auto retracted = retract_closed(*opened.value->store, options.destination, record); !retracted)
        return fail(retracted.error());
    std::cout << "record " << record << " will be taken back from " << options.destination << '\n';
    return exit_done;
}

} // namespace auditgate::gateway::cli
