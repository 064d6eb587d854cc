#include "mapping/feed/coverage.hpp"

#include <algorithm>
#include <set>

namespace auditgate::mapping::feed {

namespace {

std::vector<std::string> paths_of(const compiled_definition& definition) {
    std::vector<std::string> paths;
    for (const item& one : definition.items) {
        if (one.how == derivation::time_points) {
            for (const assessment_block& block : definition.blocks) {
                for (const std::string& value : block.shown) {
                    paths.push_back(one.path() + '.' + block.name + '.' + value);
                }
            }
        } else if (one.how != derivation::adverse_events) { // rows whose values no definition names
            paths.push_back(one.path());
        }
    }
    return paths;
}

} // namespace

std::vector<std::string> missing_places(const layout& by, const compiled_definition& definition) {
    const std::vector<std::string> wanted = paths_of(definition);
    std::set<std::string_view>
        others; // places of what the definition does not have: perhaps slips of the pen
    for (const item_place& place : by.items) {
        others.insert(place.path);
    }
    std::vector<std::string> missing;
    for (const std::string& path : wanted) {
        if (others.erase(path) == 0) {
            missing.push_back(path);
        }
    }
    const std::vector<std::string_view> perhaps(others.begin(), others.end());
    std::vector<std::string> texts;
    for (const std::string& path : missing) {
        texts.push_back("no place for the item `" + path + "` of dataset `" + definition.dataset +
                        "` version " + definition.version + ", which could not be sent" +
                        yaml::suggestion(path, perhaps));
    }
    return texts;
}

} // namespace auditgate::mapping::feed
