#include "gateway/registry/capability.hpp"

#include "mapping/feed/structure_definitions.hpp"

#include <map>
#include <string>

namespace auditgate::gateway::registry {

namespace json = fhir::json;
namespace feed = mapping::feed;

namespace {

json::value code_object(std::string_view code) {
    return json::make_object({{"code", json::value(code)}});
}

json::value resource_entries(const std::vector<feed::layout>& layouts) {
    std::map<std::string, std::vector<std::string>> profiles; // by type
    for (const feed::layout& places : layouts) {
        for (const feed::resource_template& of : places.resources) {
            profiles[of.type].push_back(feed::profile_url(places, of));
        }
    }
    json::value entries = json::value::array();
    for (const auto& [type, urls] : profiles) {
        json::value supported = json::value::array();
        for (const std::string& url : urls) {
            supported.push_back(json::value(url));
        }
        entries.push_back(json::make_object(
            {{"type", json::value(type)},
             {"supportedProfile", std::move(supported)},
             {"interaction", json::make_array({code_object("update"), code_object("delete")})},
             {"conditionalUpdate", json::value(true)},
             {"conditionalDelete", json::value("single")}}));
    }
    return entries;
}

} // namespace

json::value capability_statement(const std::vector<feed::layout>& layouts, std::string_view date) {
    json::value security = json::make_object(
        {{"description", json::value("Bearer token of a sender; see the operator's documentation")}});
    json::value rest = json::make_object(
        {{"mode", json::value("server")},
         {"documentation",
          json::value("One transaction Bundle for each version of a record, POSTed to the base; the "
                      "interactions below only inside such a transaction")},
         {"security", std::move(security)},
         {"resource", resource_entries(layouts)},
         {"interaction", json::make_array({code_object("transaction")})}});
    return json::make_object(
        {{"resourceType", json::value("CapabilityStatement")},
         {"status", json::value("active")},
         {"date", json::value(date)},
         {"kind", json::value("instance")},
         {"software", json::make_object({{"name", json::value("auditgate registry")},
                                         {"version", json::value(AUDITGATE_VERSION)}})},
         {"implementation",
          json::make_object({{"description", json::value("Registry of clinical audit records")}})},
         {"fhirVersion", json::value("4.0.1")},
         {"format", json::make_array({json::value("application/fhir+json")})},
         {"rest", json::make_array({std::move(rest)})}});
}

} // namespace auditgate::gateway::registry
