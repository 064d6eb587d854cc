#include "gateway/cli/test.hpp"

#include "gateway/acceptance/run_case.hpp"
#include "gateway/cli/exit_code.hpp"
#include "gateway/cli/progress.hpp"

#include <iostream>
#include <random>
#include <string>

namespace auditgate::gateway::cli {

namespace {

using acceptance::case_failure;
using acceptance::case_outcome;
using fhir::json::value;

void print(const case_outcome& outcome) {
    if (outcome.passed()) {
        return;
    }
    std::cout << "FAILED " << outcome.name << ": " << outcome.title << "\n";
    for (const case_failure& each : outcome.failures) {
        std::cout << " " << each.where << "\n" << each.what;
    }
}

value to_json(const case_outcome& outcome) {
    value failures = value::array();
    for (const case_failure& each : outcome.failures) {
        failures.push_back(
            fhir::json::make_object({{"where", value(each.where)}, {"what", value(each.what)}}));
    }
    return fhir::json::make_object({{"name", value(outcome.name)},
                                    {"title", value(outcome.title)},
                                    {"passed", value(outcome.passed())},
                                    {"orders", value(static_cast<std::int64_t>(outcome.orders))},
                                    {"failures", std::move(failures)}});
}

} // namespace

int run_test(const test_options& options) {
    acceptance::coverage exercised(options.config);
    acceptance::case_environment environment{options.config, 0, &exercised};
    environment.seed = options.seed ? *options.seed : std::random_device()();
    std::int64_t passed = 0;
    std::int64_t failed = 0;
    value cases = value::array();
    for (const std::filesystem::path& folder : options.folders) {
        if (!std::filesystem::exists(folder / "case.yaml")) {
            std::cerr << folder.string() << ": no case.yaml in this folder\n";
            return exit_usage;
        }
    }
    {
        progress_bar bar("testing", options.folders.size());
        for (const std::filesystem::path& folder : options.folders) {
            const case_outcome outcome = acceptance::run_case(folder, environment);
            ++(outcome.passed() ? passed : failed);
            if (options.json) {
                cases.push_back(to_json(outcome));
            } else {
                print(outcome);
            }
            bar.show(static_cast<std::uint64_t>(passed + failed));
        }
    }
    if (options.json) {
        value result = fhir::json::make_object({{"passed", value(passed)},
                                                {"failed", value(failed)},
                                                {"seed", value(static_cast<std::int64_t>(environment.seed))},
                                                {"cases", std::move(cases)}});
        if (options.coverage) {
            result.set("coverage", to_json(exercised.report(true)));
        }
        std::cout << fhir::json::write(result, fhir::json::layout::pretty) << "\n";
    } else {
        std::cout << passed << " passed, " << failed << " failed (seed " << environment.seed << ")\n";
        if (options.coverage) {
            std::cout << "\n" << to_text(exercised.report(true));
        } else if (options.folders.size() > 1) {
            std::cout << summary_text(exercised.report(false));
        }
    }
    return failed == 0 ? exit_done : exit_findings;
}

} // namespace auditgate::gateway::cli
