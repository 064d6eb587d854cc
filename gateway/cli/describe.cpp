#include "gateway/cli/describe.hpp"

#include "gateway/cli/exit_code.hpp"
#include "gateway/cli/installation.hpp"
#include "mapping/definition/load.hpp"
#include "mapping/describe/dataset_page.hpp"
#include "mapping/terminology/load.hpp"

#include <algorithm>
#include <iostream>
#include <memory>

namespace auditgate::gateway::cli {

namespace {

std::vector<std::filesystem::path> files_of(const describe_options& options) {
    std::vector<std::filesystem::path> files;
    for (const std::string& name : options.datasets)
        files.push_back(options.config / "datasets" / (name + ".yaml"));
    std::error_code failed;
    if (options.datasets.empty())
        for (const auto& entry : std::filesystem::directory_iterator(options.config / "datasets", failed))
            if (entry.path().extension() == ".yaml")
                files.push_back(entry.path());
    if (options.datasets.empty())
        std::sort(files.begin(), files.end());
    return files;
}

} // namespace

int run_describe(const describe_options& options) {
    std::vector<mapping::yaml::problem> problems;
    const auto take = [&](const std::vector<mapping::yaml::problem>& found) {
        problems.insert(problems.end(), found.begin(), found.end());
    };
    const mapping::terminology_load codes = mapping::load_terminology(options.config / "terminology");
    take(codes.problems);
    std::vector<std::shared_ptr<const mapping::compiled_definition>> definitions;
    mapping::definition_settings settings;
    settings.ome_table = options.ome_table;
    const std::vector<std::filesystem::path> files = files_of(options);
    if (files.empty())
        problems.push_back(
            {(options.config / "datasets").string(), 0, 0, "there is no dataset in this folder"});
    for (const std::filesystem::path& file : files) {
        if (!codes.loaded)
            break;
        const mapping::definition_load read = mapping::load_definition(file, codes.loaded, settings);
        take(read.problems);
        definitions.push_back(read.loaded);
    }
    const std::vector<mapping::feed::layout> layouts =
        mapping::feed::load_layouts(options.config / "feed", problems);
    print_problems(problems);
    if (!problems.empty())
        return exit_configuration;
    std::cout << mapping::dataset_page(definitions, layouts);
    return exit_done;
}

} // namespace auditgate::gateway::cli
