#include "gateway/config/configuration_change.hpp"

#include <algorithm>

namespace auditgate::gateway {

namespace {

// Where in the file it stands says nothing.
template <class T>
std::vector<T> without_places(std::vector<T> all) {
    for (T& one : all)
        one.where = {};
    return all;
}

} // namespace

std::vector<std::string> needs_restart(const gateway_config& running, const gateway_config& wanted) {
    std::vector<std::string> keys;
    const auto compare = [&](const char* key, bool is_same) {
        if (!is_same)
            keys.emplace_back(key);
    };
    compare("data", running.data_folder == wanted.data_folder);
    compare("log", running.log_least == wanted.log_least);
    compare("io_threads", running.io_threads == wanted.io_threads);
    compare("operations", running.operations == wanted.operations);
    compare("listeners", without_places(running.listeners) == without_places(wanted.listeners));
    compare("directories", without_places(running.directories) == without_places(wanted.directories));
    compare("retention", running.retention == wanted.retention);
    compare("mapping.threads", running.mapping_threads == wanted.mapping_threads);
    return keys;
}

std::string orphaned_directory(const gateway_config& running, const gateway_config& wanted) {
    for (const directory_config& one : running.directories) {
        if (!one.source)
            continue;
        const bool is_there =
            std::any_of(wanted.sources.begin(), wanted.sources.end(),
                        [&](const source_config& source) { return source.name == *one.source; });
        if (!is_there)
            return "the gateway goes on with directory `" + one.name + "`, whose source `" + *one.source +
                   "` the changed configuration no longer has: restart the gateway to take both away";
    }
    return {};
}

} // namespace auditgate::gateway
