#include "gateway/cli/retract.hpp"

#include "gateway/cli/patient_record.hpp"
#include "gateway/config/configuration.hpp"

#include <algorithm>
#include <iostream>

namespace auditgate::gateway::cli {

namespace {

exit_code fail(const error& why) {
    std::cerr << "auditgate retract: " << why.message << '\n';
    return exit_code_of(why.code);
}

} // namespace

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
        auto made = id_of_patient_record(
            std::cin, {options.destination, options.procedure_date, options.dataset}, *configured->mapping);
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
