#include "gateway/config/configuration.hpp"

#include "mapping/terminology/load.hpp"

#include <iterator>

namespace auditgate::gateway {
namespace {

using problems = std::vector<mapping::yaml::problem>;

void append(problems& to, problems from) {
    to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

// What all sources share, before the profile of each.
mapping::source_profile base_profile(const gateway_config& settings, const source_config& source) {
    mapping::source_profile base;
    base.name = source.name;
    base.time_zone = settings.time_zone;
    return base;
}

} // namespace

configuration_load load_configuration(const std::filesystem::path& gateway_file) {
    configuration_load result;
    gateway_config_load settings = load_gateway_config(gateway_file);
    result.problems = std::move(settings.problems);
    if (!settings.loaded)
        return result;
    configuration read;
    read.settings = std::move(*settings.loaded);
    for (const source_config& source : read.settings.sources) {
        const mapping::source_profile base = base_profile(read.settings, source);
        read.profiles.emplace(source.name, base);
        if (!source.profile)
            continue;
        mapping::source_profile_load profile = mapping::load_source_profile(*source.profile, base);
        append(result.problems, std::move(profile.problems));
        if (profile.profile)
            read.profiles[source.name] = std::move(*profile.profile);
    }
    mapping::terminology_load codes = mapping::load_terminology(read.settings.terminology_folder);
    append(result.problems, std::move(codes.problems));
    read.codes = std::move(codes.loaded);
    if (result.problems.empty())
        result.loaded = std::move(read);
    return result;
}

} // namespace auditgate::gateway
