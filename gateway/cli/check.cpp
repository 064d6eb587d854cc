#include "gateway/cli/check.hpp"

#include "fhir/json.hpp"
#include "gateway/config/configuration.hpp"

#include <iostream>

namespace auditgate::gateway::cli {
namespace {

namespace json = fhir::json;

json::value to_json(const std::vector<mapping::yaml::problem>& problems) {
    json::value all = json::value::array();
    for (const mapping::yaml::problem& one : problems)
        all.push_back(json::make_object({{"file", json::value(one.file)},
                                         {"line", json::value(one.line)},
                                         {"column", json::value(one.column)},
                                         {"text", json::value(one.text)}}));
    return all;
}

} // namespace

int run_check(const check_options& options) {
    const configuration_load load = check_configuration(options.config);
    if (options.json)
        std::cout << write(to_json(load.problems), json::layout::pretty) << '\n';
    else
        print_problems(load.problems);
    if (!load.problems.empty()) {
        tell_of_config_option(options.config);
        return exit_configuration;
    }
    if (!options.json)
        std::cout << options.config.string() << " is right: " << load.loaded->settings.listeners.size()
                  << " listener(s), " << load.loaded->settings.sources.size() << " source(s), "
                  << load.loaded->settings.datasets.size() << " dataset(s)\n";
    return exit_done;
}

} // namespace auditgate::gateway::cli
