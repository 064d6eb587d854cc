#include "gateway/registry/registry_service.hpp"

#include "fhir/json.hpp"
#include "gateway/registry/capability.hpp"
#include "gateway/registry/export_records.hpp"
#include "gateway/registry/rekey.hpp"
#include "mapping/feed/conflict.hpp"
#include "mapping/feed/feed.hpp"
#include "mapping/release/record.hpp"

#include <algorithm>
#include <fstream>
#include <limits>
#include <span>

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <date/date.h>

namespace auditgate::gateway::registry {

namespace json = fhir::json;
namespace feed = mapping::feed;

namespace {

constexpr std::size_t findings_max = 20;

json::value issue_of(std::string_view code, std::string_view text) {
    return json::make_object({{"severity", json::value("error")},
                              {"code", json::value(code)},
                              {"details", json::make_object({{"text", json::value(text)}})}});
}

json::value outcome_of(json::value issues) {
    return json::make_object(
        {{"resourceType", json::value("OperationOutcome")}, {"issue", std::move(issues)}});
}

service_response refuse_findings(unsigned status, const std::vector<fhir::finding>& findings) {
    json::value issues = json::value::array();
    for (const fhir::finding& one : std::span(findings).first(std::min(findings.size(), findings_max))) {
        json::value issue = issue_of("invalid", one.code + ": " + one.text);
        if (!one.path.empty()) {
            issue.set("expression", json::make_array({json::value(one.path)}));
        }
        issues.push_back(std::move(issue));
    }
    service_response response;
    response.status = status;
    response.body = json::write(outcome_of(std::move(issues)));
    return response;
}

// R4 3.1.0.1.11: application/fhir+json, or application/json, in UTF-8.
bool is_fhir_json(std::string_view content_type) {
    const std::string_view type = content_type.substr(0, content_type.find(';'));
    return type == "application/fhir+json" || type == "application/json";
}

service_response transaction_response(const json::value& bundle, bool created) {
    json::value entries = json::value::array();
    for (const json::value& entry : bundle["entry"].items()) {
        const bool deleted = entry["request"]["method"].text() == "DELETE";
        const char* status = deleted ? "204 No Content" : created ? "201 Created" : "200 OK";
        entries.push_back(
            json::make_object({{"response", json::make_object({{"status", json::value(status)}})}}));
    }
    service_response response;
    response.body = json::write(json::make_object({{"resourceType", json::value("Bundle")},
                                                   {"type", json::value("transaction-response")},
                                                   {"entry", std::move(entries)}}));
    return response;
}

bool is_record_id(std::string_view text) {
    return text.size() == 64 && std::ranges::all_of(text, [](char one) {
               return (one >= '0' && one <= '9') || (one >= 'a' && one <= 'f');
           });
}

std::optional<int> version_of(const json::value& record) {
    const auto version = record["record_version"].as_integer();
    const std::string_view action = record["record_action"].text();
    const bool known = action == "create" || action == "amend" || action == "retract";
    if (!known || !version || *version < 1 || *version > std::numeric_limits<std::int32_t>::max()) {
        return std::nullopt;
    }
    return static_cast<int>(*version);
}

std::string hash_of(json::value record) {
    if (record["record_action"].text() == "retract") {
        return {};
    }
    record.erase("record_version");
    record.erase("record_action");
    return mapping::content_hash(record);
}

// The parameter `dataset` of a target's query, wherever it stands in it; empty when it is not there, none when the target
// cannot be read.
std::optional<std::string> query_dataset(std::string_view target) {
    const auto url = boost::urls::parse_origin_form(target);
    if (!url) {
        return std::nullopt;
    }
    const auto parameters = url->params();
    const auto found = parameters.find("dataset");
    return found == parameters.end() ? std::string() : std::string((*found).value);
}

} // namespace

registry_service::registry_service(const registry_config& config, const std::vector<feed::layout>& layouts,
                                   registry_store& records, security::secret_key secret, observe::logger& log,
                                   observe::clock_function now)
    : layouts_(layouts), records_(records), secret_(std::move(secret)), log_(log), now_(std::move(now)) {
    for (const sender_config& sender : config.senders) {
        provider_orgs_[sender.name] = sender.provider_orgs;
    }
}

result<std::unique_ptr<registry_service>>
registry_service::create(const registry_config& config, const std::vector<feed::layout>& layouts,
                         registry_store& records, security::secret_key secret, observe::logger& log,
                         observe::clock_function now) {
    std::unique_ptr<registry_service> made(
        new registry_service(config, layouts, records, std::move(secret), log, std::move(now)));
    for (const sender_config& sender : config.senders) {
        if (const auto added = made->senders_.add(sender.name, sender.token_file); !added) {
            return added.error();
        }
    }
    for (const reader_config& reader : config.readers) {
        if (const auto added = made->readers_.add(reader.name, reader.token_file); !added) {
            return added.error();
        }
    }
    return made;
}

service_response registry_service::refuse(unsigned status, std::string_view code, std::string_view text) {
    service_response response;
    response.status = status;
    response.body = json::write(outcome_of(json::make_array({issue_of(code, text)})));
    return response;
}

service_response registry_service::handle(const service_request& request) {
    const std::string_view path = std::string_view(request.target).substr(0, request.target.find('?'));
    if (path == "/fhir" || path == "/fhir/") {
        return request.method == "POST" ? transaction(request)
                                        : refuse(405, "not-supported", "only POST of a transaction Bundle");
    }
    if (request.method != "GET" && request.method != "HEAD") {
        return refuse(405, "not-supported", "only GET here; transactions are POSTed to /fhir");
    }
    if (path == "/fhir/metadata") {
        service_response response;
        const auto today = std::chrono::floor<std::chrono::days>(now_());
        response.body = json::write(capability_statement(layouts_, date::format("%F", today)));
        return response;
    }
    if (path == "/records.ndjson" || path == "/records.csv") {
        return download(request, path == "/records.csv");
    }
    if (path == "/health/live" || path == "/health/ready") {
        const bool ready = path == "/health/live" || records_.datasets().has_value();
        service_response response;
        response.status = ready ? 200 : 503;
        response.content_type = "application/json";
        response.body = ready ? "{\"ready\":true}\n" : "{\"ready\":false}\n";
        return response;
    }
    return refuse(404, "not-found", "there are /fhir, /fhir/metadata, /records.ndjson and /records.csv");
}

service_response registry_service::transaction(const service_request& request) {
    const auto sender = senders_.find(request.authorization);
    if (!sender) {
        log_.warning("sender-unknown", "a transaction without the token of a sender was refused");
        return refuse(401, "login", "the Authorization header must hold the Bearer token of a sender");
    }
    if (!is_fhir_json(request.content_type)) {
        return refuse(415, "not-supported", "the body must be application/fhir+json");
    }
    const auto parsed = json::parse(request.body);
    return parsed.document ? take(*parsed.document, *sender) : refuse_findings(400, parsed.findings);
}

service_response registry_service::unpublished(std::string_view dataset, std::string_view version) const {
    std::string text = "this registry does not publish ";
    text += dataset.empty() ? "the dataset of this Bundle" : dataset;
    text += version.empty() ? "" : " " + std::string{version};
    text += "; it takes";
    for (const feed::layout& places : layouts_) {
        for (const std::string& one : places.dataset_versions) {
            text += " " + places.dataset + " " + one;
        }
    }
    return refuse(422, "not-supported", text);
}

service_response registry_service::take(const json::value& bundle, const std::string& sender) {
    const feed::bundle_dataset of = feed::dataset_of(bundle);
    const feed::layout* places = feed::find_layout(layouts_, of.dataset, of.dataset_version);
    if (places == nullptr) {
        return unpublished(of.dataset, of.dataset_version);
    }
    feed::read_bundle_result read = feed::read_bundle(bundle, *places);
    if (!read.record) {
        return refuse_findings(422, read.findings);
    }
    if (!is_record_id((*read.record)["record_id"].text()) || !version_of(*read.record)) {
        return refuse(422, "invalid",
                      "the record needs an id of 64 hexadecimal digits, a version and an action");
    }
    if (!may_write(sender, (*read.record)["provider_org"])) {
        log_.warning("provider-refused", "a sender tried to write a record of another organisation",
                     {{"sender", sender}});
        return refuse(403, "forbidden", "this sender may not write records of this provider organisation");
    }
    return store_record(bundle, *std::move(read.record), *places, sender);
}

bool registry_service::may_write(const std::string& sender, const json::value& provider) const {
    const std::vector<std::string>& allowed = provider_orgs_.at(sender);
    return std::ranges::any_of(allowed, [&](const std::string& one) {
        return one == "*" || (provider.is_string() && one == provider.text());
    });
}

service_response registry_service::store_record(const json::value& bundle, json::value record,
                                                const feed::layout& places, const std::string& sender) {
    incoming_record incoming;
    incoming.sender = sender;
    incoming.record_key = record_key(secret_, sender, record["record_id"].text());
    incoming.dataset = places.dataset;
    incoming.version = *version_of(record);
    incoming.retract = record["record_action"].text() == "retract";
    incoming.hash = hash_of(record);
    incoming.content = json::write(rekeyed(std::move(record), places, secret_, sender));
    const auto stored = records_.put(incoming, now_());
    if (!stored) {
        log_.error("store-failed", stored.error().message, {{"sender", sender}});
        return refuse(503, "transient", "the record could not be stored just now; send it again");
    }
    if (stored->end == intake_end::conflict) {
        log_.warning(
            "version-refused", "a version that is not above the current one was refused",
            {{"sender", sender}, {"version", incoming.version}, {"current", stored->current.version}});
        service_response response;
        response.status = 409;
        response.body =
            json::write(feed::conflict_outcome({stored->current.version, stored->current.hash},
                                               "the registry has this or a later version of the record"));
        return response;
    }
    log_.info("record-stored", incoming.retract ? "retracted" : "stored",
              {{"sender", sender},
               {"version", incoming.version},
               {"repeated", stored->end == intake_end::repeated}});
    return transaction_response(bundle, stored->end == intake_end::created);
}

service_response registry_service::download(const service_request& request, bool csv) {
    const auto reader = readers_.find(request.authorization);
    if (!reader) {
        log_.warning("reader-unknown", "a download without the token of a reader was refused");
        return refuse(401, "login", "the Authorization header must hold the Bearer token of a reader");
    }
    const std::optional<std::string> wanted = query_dataset(request.target);
    const auto places = std::ranges::find_if(
        layouts_, [&](const feed::layout& one) { return wanted == "" || wanted == one.dataset; });
    if (places == layouts_.end() || (wanted == "" && layouts_.size() > 1)) {
        return refuse(400, "invalid", "say which dataset: ?dataset=NAME");
    }
    service_response response;
    response.content_type = csv ? "text/csv; charset=utf-8" : "application/x-ndjson";
    const auto left_out = [this](const std::string& record_key) {
        log_.error("record-left-out", "a record cannot be opened, and was left out of a download",
                   {{"record", record_key}});
    };
    response.more =
        csv ? export_csv(records_, *places, left_out) : export_ndjson(records_, places->dataset, left_out);
    if (request.method == "GET") { // HEAD shows no record
        log_.info("records-disclosed", csv ? "csv" : "ndjson",
                  {{"reader", *reader}, {"dataset", places->dataset}});
    }
    return response;
}

} // namespace auditgate::gateway::registry
