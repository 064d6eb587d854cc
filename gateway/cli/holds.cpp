#include "gateway/cli/holds.hpp"

#include "gateway/cli/message_list.hpp"
#include "gateway/cli/next_steps.hpp"

#include <iostream>
#include <limits>

namespace auditgate::gateway::cli {
namespace {

namespace json = fhir::json;

exit_code failed(const error& why) {
    std::cerr << why.message << '\n';
    return exit_code_of(why.code);
}

json::value to_json(const std::vector<store::held_record>& records) {
    json::value all = json::value::array();
    for (const store::held_record& one : records)
        all.push_back(json::make_object({{"destination", json::value(one.destination)},
                                         {"record", json::value(one.record_id)},
                                         {"reason", json::value(one.reason)},
                                         {"detail", json::value(one.detail)},
                                         {"since", json::value(utc_text(one.since))}}));
    return all;
}

exit_code list(store::store& from, const holds_options& options) {
    store::message_filter filter;
    filter.states = {store::message_state::held};
    filter.limit = options.limit;
    const auto messages = from.messages(filter);
    if (!messages)
        return failed(messages.error());
    const auto records = from.held_records(options.limit);
    if (!records)
        return failed(records.error());
    if (options.json) {
        json::value all = json::value::object();
        all.set("messages", cli::to_json(*messages));
        all.set("records", to_json(*records));
        std::cout << write(all, json::layout::pretty) << '\n';
        return exit_done;
    }
    if (messages->empty() && records->empty())
        std::cout << "nothing is held\n";
    if (!messages->empty())
        std::cout << "Messages (release with: auditgate holds release-message ID..., or --reason REASON)\n"
                  << to_table(*messages) << next_steps(*messages);
    if (!records->empty())
        std::cout << "Records (release one with: auditgate holds release-record DESTINATION RECORD,\n"
                     "all of one reason with: auditgate holds release-record DESTINATION --reason REASON)\n";
    for (const store::held_record& one : *records)
        std::cout << one.destination << "  " << one.record_id << "  since " << utc_text(one.since) << "  "
                  << one.reason << (one.detail.empty() ? "" : ": " + one.detail) << '\n';
    std::cout << next_steps(*records);
    return exit_done;
}

// All records of a destination that are held for one reason, such as http-403 after the destination has been mended.
exit_code release_by_reason(store::store& in, const holds_options& options) {
    const auto held = in.held_records(std::numeric_limits<std::int64_t>::max());
    if (!held)
        return failed(held.error());
    std::int64_t count = 0;
    for (const store::held_record& one : *held) {
        if (one.destination != options.destination || one.reason != options.reason)
            continue;
        if (options.dry_run) {
            std::cout << one.destination << "  " << one.record_id << "  since " << utc_text(one.since)
                      << '\n';
            ++count;
            continue;
        }
        const auto released = in.recheck(one.destination, one.record_id);
        if (!released)
            return failed(released.error());
        count += *released;
    }
    if (count == 0) {
        std::cerr << "nothing is held for this destination and this reason\n";
        return exit_usage;
    }
    std::cout << count
              << (options.dry_run ? " records would be tried again; nothing was changed\n"
                                  : " records will be tried again\n");
    return exit_done;
}

exit_code release_record(store::store& in, const holds_options& options) {
    const auto released = in.recheck(options.destination, options.record);
    if (!released)
        return failed(released.error());
    if (*released == 0) {
        std::cerr << "there is no such record for this destination\n";
        return exit_usage;
    }
    std::cout << "the record will be tried again\n";
    return exit_done;
}

} // namespace

int run_holds(const holds_options& options) {
    const opened_installation opened = open_installation(options.config);
    if (!opened.value)
        return opened.exit;
    store::store& store = *opened.value->store;
    switch (options.what) {
    case holds_options::action::list:
        return list(store, options);
    case holds_options::action::release_message:
        return release_messages(store, opened.value->config, store::message_state::held, options.messages);
    case holds_options::action::release_record:
        return options.record.empty() ? release_by_reason(store, options) : release_record(store, options);
    }
    return exit_usage;
}

} // namespace auditgate::gateway::cli
