#include "gateway/registry/rekey.hpp"

#include "mapping/feed/places.hpp"

namespace auditgate::gateway::registry {

namespace json = fhir::json;
namespace feed = mapping::feed;

std::string record_key(const security::secret_key& secret, std::string_view sender,
                       std::string_view record_id) {
    std::string text = "record|";
    text.append(sender).append("|").append(record_id);
    return security::to_hex(security::hmac_sha256(secret, text));
}

json::value rekeyed(json::value record, const feed::layout& places, const security::secret_key& secret,
                    std::string_view sender) {
    for (const feed::item_place& item : places.items) {
        const json::value& value = feed::at_path(record, item.path);
        if (value.is_null()) {
            continue;
        }
        if (item.kind == feed::place_kind::resource_identifier) {
            feed::set_path(record, item.path, json::value(record_key(secret, sender, value.text())));
        } else if (item.kind == feed::place_kind::identifier) {
            const std::string text = "identifier|" + item.system + "|" + std::string{value.text()};
            feed::set_path(record, item.path,
                           json::value(security::to_hex(security::hmac_sha256(secret, text))));
        }
    }
    return record;
}

} // namespace auditgate::gateway::registry
