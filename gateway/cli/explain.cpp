#include "gateway/cli/explain.hpp"

#include "gateway/cli/exit_code.hpp"
#include "gateway/cli/explanation.hpp"
#include "gateway/cli/input.hpp"
#include "gateway/cli/installation.hpp"
#include "gateway/cli/table_explanation.hpp"
#include "mapping/terminology/load.hpp"

#include <algorithm>
#include <iostream>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>

namespace auditgate::gateway::cli {

namespace {

struct loaded_rules {
    reading_rules rules;
    std::shared_ptr<const mapping::terminology> codes; // owns rules.codes
};

std::filesystem::path profile_file(const std::filesystem::path& folder, const std::string& profile) {
    if (std::filesystem::path(profile).extension() == ".yaml")
        return profile;
    return folder / "sources" / (profile + ".yaml");
}

// None when the configuration is wrong; that has been told then.
std::optional<loaded_rules> load_rules(const explain_options& options) {
    loaded_rules result;
    const std::filesystem::path folder = options.config.empty() ? "config" : options.config;
    std::error_code none;
    const bool has_folder =
        !options.config.empty() || std::filesystem::is_directory(folder / "terminology", none);
    if (has_folder) {
        mapping::terminology_load codes = mapping::load_terminology(folder / "terminology");
        print_problems(codes.problems);
        if (!codes.loaded)
            return std::nullopt;
        result.codes = std::move(codes.loaded);
        result.rules.codes = result.codes.get();
    }
    if (!has_folder && options.profile == "default")
        return result;
    mapping::source_profile_load profile =
        mapping::load_source_profile(profile_file(folder, options.profile));
    print_problems(profile.problems);
    if (!profile.profile)
        return std::nullopt;
    result.rules.profile = std::move(*profile.profile);
    return result;
}

bool has_finding(const explanation& in, std::string_view code) {
    return std::any_of(in.findings.begin(), in.findings.end(),
                       [&](const explained_finding& one) { return one.code == code; });
}

} // namespace

int run_explain(const explain_options& options) {
    constexpr std::size_t value_width_max = 80;
    const result<std::string> bytes = read_input(options.file);
    if (!bytes) {
        std::cerr << bytes.error().message << '\n';
        return exit_code_of(bytes.error().code);
    }
    const std::optional<loaded_rules> loaded = load_rules(options);
    if (!loaded)
        return exit_configuration;
    const bool is_table = loaded->rules.profile.table != nullptr;
    const std::string file_name = options.file == "-" ? "" : options.file.filename().string();
    const explanation found = is_table
                                  ? explain_table(*bytes, file_name, loaded->rules.profile, options.show_phi)
                                  : explain_message(*bytes, options.show_phi, loaded->rules);
    if (options.json)
        std::cout << write(to_json(found), fhir::json::layout::pretty) << '\n';
    else
        std::cout << to_table(found, options.full ? 0 : value_width_max);
    if (has_finding(found, "no-msh"))
        std::cerr << "If it is a table (CSV), say how to read it: --profile FILE; "
                     "config/sources/coding-extract.yaml "
                     "is an example.\n";
    else if (loaded->rules.codes == nullptr && !is_table)
        std::cerr
            << "Nobody looked whether its code systems are known: name the folder of the configuration with "
               "--config.\n";
    const bool serious = std::any_of(found.findings.begin(), found.findings.end(),
                                     [](const explained_finding& one) { return one.level != "warning"; });
    return serious ? exit_findings : exit_done;
}

} // namespace auditgate::gateway::cli
