#include "gateway/acceptance/environment.hpp"

#include "mapping/read/source_profile.hpp"
#include "mapping/terminology/load.hpp"

#include <utility>

namespace auditgate::gateway::acceptance {

namespace {

namespace yaml = mapping::yaml;

// The first dataset that the gateway of the folder maps; empty: it has no such file, or the file lists none.
std::string first_of_gateway(const std::filesystem::path& folder) {
    std::vector<yaml::problem> problems; // of the gateway's own settings, which do not matter here
    yaml::problem_sink sink((folder / "gateway.yaml").string(), problems);
    const auto root = yaml::load(folder / "gateway.yaml", sink);
    const yaml::node* mapping = root ? root->find("mapping") : nullptr;
    const yaml::node* datasets = mapping == nullptr ? nullptr : mapping->find("datasets");
    if (datasets == nullptr) {
        return {};
    }
    const yaml::node& first = datasets->items.empty() ? *datasets : datasets->items.front();
    return std::filesystem::path(first.text).stem().string();
}

std::string default_dataset(const std::filesystem::path& folder, std::vector<yaml::problem>& problems) {
    if (std::string first = first_of_gateway(folder); !first.empty()) {
        return first;
    }
    std::vector<std::string> names;
    std::error_code failed;
    for (const auto& entry : std::filesystem::directory_iterator(folder / "datasets", failed)) {
        if (entry.path().extension() == ".yaml") {
            names.push_back(entry.path().stem().string());
        }
    }
    if (names.size() == 1) {
        return names.front();
    }
    yaml::problem_sink((folder / "datasets").string(), problems)
        .add_whole_file(names.empty() ? "there is no dataset in this folder"
                                      : "there are several datasets in this folder: name one");
    return {};
}

} // namespace

environment_load load_environment(const std::filesystem::path& folder,
                                  const std::vector<std::string>& datasets,
                                  const mapping::definition_settings& settings) {
    environment_load result;
    const auto take_problems = [&result](const std::vector<mapping::yaml::problem>& problems) {
        result.problems.insert(result.problems.end(), problems.begin(), problems.end());
    };
    const auto codes = mapping::load_terminology(folder / "terminology");
    take_problems(codes.problems);
    const auto profile = mapping::load_source_profile(folder / "sources" / "default.yaml");
    take_problems(profile.problems);
    if (!codes.loaded || !profile.profile) {
        return result;
    }
    std::vector<std::string> names = datasets;
    if (names.empty()) {
        names.push_back(default_dataset(folder, result.problems));
    }
    dry_run_settings made{{}, {}, *profile.profile, {}, {}, {}};
    for (const std::string& name : names) {
        if (name.empty()) {
            continue; // told above
        }
        const std::filesystem::path file = folder / "datasets" / (name + ".yaml");
        const auto definition = mapping::load_definition(file, codes.loaded, settings);
        take_problems(definition.problems);
        made.definitions.push_back(definition.loaded);
        made.definition_files.push_back(file);
    }
    if (result.problems.empty()) {
        result.loaded = std::move(made);
    }
    return result;
}

} // namespace auditgate::gateway::acceptance
