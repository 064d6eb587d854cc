#include "gateway/cli/quarantine.hpp"

#include "gateway/cli/explanation.hpp"
#include "gateway/cli/message_list.hpp"
#include "gateway/cli/next_steps.hpp"
#include "gateway/cli/table_explanation.hpp"

#include <iostream>

namespace auditgate::gateway::cli {
namespace {

exit_code failed(const error& why) {
    std::cerr << why.message << '\n';
    return exit_code_of(why.code);
}

exit_code list(store::store& from, const quarantine_options& options) {
    store::message_filter filter;
    filter.states = {store::message_state::quarantined, store::message_state::refused};
    filter.limit = options.limit;
    const auto found = from.messages(filter);
    if (!found)
        return failed(found.error());
    if (options.json)
        std::cout << write(to_json(*found), fhir::json::layout::pretty) << '\n';
    else if (found->empty())
        std::cout << "nothing is in quarantine\n";
    else
        std::cout << to_table(*found) << next_steps(*found);
    return exit_done;
}

// By the profile of its source, when it is a row of a table and the profile can be read.
explanation explained(const store::stored_message& one, const gateway_config& config, bool show_phi) {
    for (const source_config& source : config.sources) {
        if (one.format != "table" || source.name != one.source || !source.profile)
            continue;
        if (const auto load = mapping::load_source_profile(*source.profile); load.profile)
            return explain_table(one.bytes, "", *load.profile, show_phi);
    }
    return explain_message(one.bytes, show_phi);
}

exit_code show(store::store& from, const gateway_config& config, const quarantine_options& options) {
    const auto found = from.message(options.id);
    if (!found)
        return failed(found.error());
    if (!*found) {
        std::cerr << absence_of(from, options.id) << '\n';
        return exit_usage;
    }
    const explanation shown = explained(**found, config, options.show_phi);
    if (options.json)
        std::cout << write(to_json(shown), fhir::json::layout::pretty) << '\n';
    else
        std::cout << to_table(std::span(&**found, 1)) << '\n' << to_table(shown, 0);
    return exit_done;
}

} // namespace

int run_quarantine(const quarantine_options& options) {
    const opened_installation opened = open_installation(options.config);
    if (!opened.value)
        return opened.exit;
    store::store& store = *opened.value->store;
    switch (options.what) {
    case quarantine_options::action::list:
        return list(store, options);
    case quarantine_options::action::show:
        return show(store, opened.value->config, options);
    case quarantine_options::action::replay:
        return release_messages(store, opened.value->config, store::message_state::quarantined,
                                options.messages);
    }
    return exit_usage;
}

} // namespace auditgate::gateway::cli
