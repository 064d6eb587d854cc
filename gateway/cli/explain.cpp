#include "gateway/cli/explain.hpp"

#include "gateway/cli/exit_code.hpp"
#include "gateway/cli/explanation.hpp"
#include "gateway/cli/input.hpp"
#include "gateway/cli/installation.hpp"
#include "gateway/cli/table_explanation.hpp"

#include <algorithm>
#include <iostream>

namespace auditgate::gateway::cli {

int run_explain(const explain_options& options) {
    constexpr std::size_t value_width_max = 80;
    const result<std::string> bytes = read_input(options.file);
    if (!bytes) {
        std::cerr << bytes.error().message << '\n';
        return exit_code_of(bytes.error().code);
    }
    explanation found;
    if (options.profile.empty()) {
        found = explain_message(*bytes, options.show_phi);
    } else {
        const mapping::source_profile_load load = mapping::load_source_profile(options.profile);
        print_problems(load.problems);
        if (!load.profile)
            return exit_configuration;
        found = explain_table(*bytes, options.file.filename().string(), *load.profile, options.show_phi);
    }
    if (options.json)
        std::cout << write(to_json(found), fhir::json::layout::pretty) << '\n';
    else
        std::cout << to_table(found, options.full ? 0 : value_width_max);
    const bool serious = std::any_of(found.findings.begin(), found.findings.end(),
                                     [](const explained_finding& one) { return one.level != "warning"; });
    return serious ? exit_findings : exit_done;
}

} // namespace auditgate::gateway::cli
