#include "gateway/config/configuration.hpp"

#include "gateway/security/crypto.hpp"
#include "mapping/definition/load.hpp"
#include "mapping/terminology/load.hpp"

#include <algorithm>
#include <fstream>
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

void read_profiles(configuration& into, problems& found) {
    for (const source_config& source : into.settings.sources) {
        const mapping::source_profile base = base_profile(into.settings, source);
        into.profiles.emplace(source.name, base);
        if (!source.profile)
            continue;
        mapping::source_profile_load profile = mapping::load_source_profile(*source.profile, base);
        append(found, std::move(profile.problems));
        if (profile.profile)
            into.profiles[source.name] = std::move(*profile.profile);
    }
}

void read_mapping(configuration& into, problems& found) {
    mapping::terminology_load codes = mapping::load_terminology(into.settings.terminology_folder);
    append(found, std::move(codes.problems));
    into.codes = std::move(codes.loaded);
    if (!into.codes)
        return; // a definition is bound to the terminology
    mapping::definition_settings settings;
    settings.ome_table = into.settings.ome_table;
    settings.time_zone = into.settings.time_zone;
    settings.allow_test_numbers = into.settings.allow_test_numbers;
    for (const std::filesystem::path& file : into.settings.datasets) {
        mapping::definition_load definition = mapping::load_definition(file, into.codes, settings);
        append(found, std::move(definition.problems));
        into.definitions.push_back(std::move(definition.loaded));
    }
    for (const std::filesystem::path& file : into.settings.feeds)
        if (std::optional<mapping::feed::layout> layout = mapping::feed::load_layout(file, found))
            into.layouts.push_back(std::move(*layout));
}

// Every file that the mapping is made of, in an order that does not depend on the file system.
std::vector<std::filesystem::path> mapping_files(const gateway_config& settings) {
    std::vector<std::filesystem::path> files = settings.datasets;
    for (const source_config& source : settings.sources)
        if (source.profile)
            files.push_back(*source.profile);
    std::vector<std::filesystem::path> codes;
    std::error_code failure;
    for (std::filesystem::recursive_directory_iterator at(settings.terminology_folder, failure), end;
         !failure && at != end; at.increment(failure))
        if (at->is_regular_file(failure))
            codes.push_back(at->path());
    std::sort(codes.begin(), codes.end());
    files.insert(files.end(), codes.begin(), codes.end());
    return files;
}

// Parts are hashed one by one, so that no two lists of parts look the same.
std::string revision_of(const gateway_config& settings) {
    std::string digests = security::sha256(settings.ome_table) + security::sha256(settings.time_zone) +
                          security::sha256(settings.allow_test_numbers ? "test numbers" : "");
    for (const source_config& source : settings.sources)
        digests += security::sha256(source.name);
    for (const std::filesystem::path& file : mapping_files(settings)) {
        std::ifstream in(file, std::ios::binary);
        digests += security::sha256(std::string(std::istreambuf_iterator<char>(in), {}));
    }
    return security::to_hex(security::sha256(digests));
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
    read_profiles(read, result.problems);
    read_mapping(read, result.problems);
    read.revision = revision_of(read.settings);
    if (result.problems.empty())
        result.loaded = std::move(read);
    return result;
}

} // namespace auditgate::gateway
