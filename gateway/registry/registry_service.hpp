// What a registry answers to a request, without sockets: senders' transactions, readers' downloads, metadata.
#pragma once

#include "fhir/json.hpp"
#include "gateway/network/http_message.hpp"
#include "gateway/observe/log.hpp"
#include "gateway/registry/registry_config.hpp"
#include "gateway/registry/registry_store.hpp"
#include "gateway/result.hpp"
#include "gateway/security/crypto.hpp"
#include "gateway/security/token_table.hpp"
#include "mapping/feed/layout.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace auditgate::gateway::registry {

struct service_request {
    std::string method;
    std::string target;        // path and query as they came
    std::string authorization; // header
    std::string content_type;  // header
    std::string body;
};

using network::body_source;

struct service_response {
    unsigned status = 200;
    std::string content_type = "application/fhir+json; charset=utf-8";
    std::string body;
    body_source more; // when set, the body is what it gives, piece by piece, instead of `body`
};

// Any thread may call handle(); the store, the layouts and the log outlive it.
class registry_service {
public:
    [[nodiscard]] static result<std::unique_ptr<registry_service>>
    create(const registry_config& config, const std::vector<mapping::feed::layout>& layouts,
           registry_store& records, security::secret_key secret, observe::logger& log,
           observe::clock_function now);

    [[nodiscard]] service_response handle(const service_request& request);

    // OperationOutcome with one issue.
    [[nodiscard]] static service_response refuse(unsigned status, std::string_view code,
                                                 std::string_view text);

private:
    registry_service(const registry_config& config, const std::vector<mapping::feed::layout>& layouts,
                     registry_store& records, security::secret_key secret, observe::logger& log,
                     observe::clock_function now);

    [[nodiscard]] service_response transaction(const service_request& request);
    [[nodiscard]] service_response take(const fhir::json::value& bundle, const std::string& sender);
    [[nodiscard]] service_response store_record(const fhir::json::value& bundle, fhir::json::value record,
                                                const mapping::feed::layout& places,
                                                const std::string& sender);
    [[nodiscard]] bool may_write(const std::string& sender, const fhir::json::value& provider) const;
    [[nodiscard]] service_response download(const service_request& request, bool csv);
    [[nodiscard]] service_response unpublished(std::string_view dataset, std::string_view version) const;

    const std::vector<mapping::feed::layout>& layouts_;
    registry_store& records_;
    security::secret_key secret_;
    observe::logger& log_;
    observe::clock_function now_;
    std::map<std::string, std::vector<std::string>> provider_orgs_; // by sender
    security::token_table senders_, readers_;
};

} // namespace auditgate::gateway::registry
