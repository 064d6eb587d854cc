#include "gateway/acceptance/environment.hpp"

#include "mapping/read/source_profile.hpp"
#include "mapping/terminology/load.hpp"

#include <utility>

namespace auditgate::gateway::acceptance {

environment_load load_environment(const std::filesystem::path& folder, const std::string& dataset,
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
    const auto definition =
        mapping::load_definition(folder / "datasets" / (dataset + ".yaml"), codes.loaded, settings);
    take_problems(definition.problems);
    if (definition.loaded) {
        result.loaded = dry_run_settings{definition.loaded, *profile.profile, {}, {}};
    }
    return result;
}

} // namespace auditgate::gateway::acceptance
