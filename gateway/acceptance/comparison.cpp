#include "gateway/acceptance/comparison.hpp"

#include <algorithm>

namespace auditgate::gateway::acceptance {

using fhir::json::kind;
using fhir::json::value;

namespace {

std::string shown(const value* content) {
    return content != nullptr ? fhir::json::write(*content) : "nothing";
}

void compare(const value* expected, const value* actual, const std::string& path,
             std::vector<difference>& into);

void compare_members(const value& expected, const value& actual, const std::string& path,
                     std::vector<difference>& into) {
    const std::string prefix = path.empty() ? "" : path + ".";
    for (const fhir::json::member& each : expected.members()) {
        compare(&each.content, actual.find(each.name), prefix + each.name, into);
    }
    for (const fhir::json::member& each : actual.members()) {
        if (expected.find(each.name) == nullptr) {
            compare(nullptr, &each.content, prefix + each.name, into);
        }
    }
}

void compare_items(const value& expected, const value& actual, const std::string& path,
                   std::vector<difference>& into) {
    for (std::size_t i = 0; i < std::max(expected.size(), actual.size()); ++i) {
        compare(i < expected.size() ? &expected[i] : nullptr, i < actual.size() ? &actual[i] : nullptr,
                path + "[" + std::to_string(i) + "]", into);
    }
}

void compare(const value* expected, const value* actual, const std::string& path,
             std::vector<difference>& into) {
    const bool same_kind = expected != nullptr && actual != nullptr && expected->kind() == actual->kind();
    if (same_kind && expected->kind() == kind::object) {
        compare_members(*expected, *actual, path, into);
    } else if (same_kind && expected->kind() == kind::array) {
        compare_items(*expected, *actual, path, into);
    } else if (!same_kind || !fhir::json::same_json(*expected, *actual)) {
        into.push_back({path, shown(expected), shown(actual)});
    }
}

} // namespace

std::vector<difference> differences(const value& expected, const value& actual) {
    std::vector<difference> result;
    compare(&expected, &actual, "", result);
    return result;
}

} // namespace auditgate::gateway::acceptance
