#include "gateway/cli/check.hpp"

#include "fhir/json.hpp"
#include "gateway/config/configuration.hpp"
#include "gateway/registry/check_registry.hpp"

#include <iostream>

namespace auditgate::gateway::cli {
namespace {

namespace json = fhir::json;

// Exit code; `right` is what is said when there is no problem.
exit_code tell(const std::vector<mapping::yaml::problem>& problems, const check_options& options,
               const std::string& right) {
    if (options.json)
        std::cout << write(to_json(problems), json::layout::pretty) << '\n';
    else
        print_problems(problems);
    if (!problems.empty()) {
        tell_of_config_option(options.config);
        return exit_configuration;
    }
    if (!options.json)
        std::cout << options.config.string() << " is right: " << right << '\n';
    return exit_done;
}

std::string counted(std::size_t count, const std::string& what) {
    return std::to_string(count) + " " + what + "(s)";
}

exit_code check_registry_file(const check_options& options) {
    const registry::registry_check checked = registry::check_registry(options.config);
    const auto& loaded = checked.config.loaded;
    return tell(checked.config.problems, options,
                !loaded ? ""
                        : "a registry of " + counted(loaded->senders.size(), "sender") + ", " +
                              counted(loaded->readers.size(), "reader") + ", " +
                              counted(checked.datasets, "dataset"));
}

} // namespace

fhir::json::value to_json(const std::vector<mapping::yaml::problem>& problems) {
    json::value all = json::value::array();
    for (const mapping::yaml::problem& one : problems)
        all.push_back(json::make_object({{"file", json::value(one.file)},
                                         {"line", json::value(one.line)},
                                         {"column", json::value(one.column)},
                                         {"text", json::value(one.text)}}));
    return all;
}

int run_check(const check_options& options) {
    if (registry::is_registry_file(options.config))
        return check_registry_file(options);
    const configuration_load load = check_configuration(options.config);
    return tell(load.problems, options,
                !load.loaded ? ""
                             : counted(load.loaded->settings.listeners.size(), "listener") + ", " +
                                   counted(load.loaded->settings.sources.size(), "source") + ", " +
                                   counted(load.loaded->settings.datasets.size(), "dataset"));
}

} // namespace auditgate::gateway::cli
