#include "tests/support/idle.hpp"

#include "fhir/json.hpp"

#include <poll.h>

#include <chrono>
#include <functional>
#include <sstream>
#include <stdexcept>

namespace auditgate::test {
namespace {

namespace json = fhir::json;

constexpr std::chrono::minutes patience(2);
constexpr int pause_ms = 100;

json::value parsed(const std::string& text) {
    json::parse_result result = json::parse(text);
    if (!result.document)
        throw std::runtime_error("no JSON: " + text);
    return std::move(*result.document);
}

json::value status_of(demo_services& services) {
    return parsed(services.run("gateway", {"status", "--json"}, 1)); // 1: something is held
}

// Nothing waits, by the counts of `status`: messages, and records on their way when `records` too.
bool nothing_waits(const json::value& status, bool records) {
    if (status["backlog"].as_integer() != 0)
        return false;
    for (const json::member& destination : status["destinations"].members()) {
        if (records && destination.content["pending"].as_integer().value_or(0) != 0)
            return false;
    }
    return true;
}

void wait_until(const std::string& what, const std::function<bool()>& is_so) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (!is_so()) {
        if (std::chrono::steady_clock::now() > deadline)
            throw std::runtime_error("not " + what + " after two minutes");
        ::poll(nullptr, 0, pause_ms);
    }
}

} // namespace

void wait_until_mapped(demo_services& services) {
    wait_until("mapped", [&] { return nothing_waits(status_of(services), false); });
}

void wait_until_delivered(demo_services& services) {
    std::map<std::string, std::string> before;
    wait_until("delivered", [&] {
        if (!nothing_waits(status_of(services), true))
            return false;
        // A row of the outbox that is not sealed yet is not counted: the records must have come to rest, too.
        std::map<std::string, std::string> now = registry_records(services);
        const bool at_rest = !now.empty() && now == before;
        before = std::move(now);
        return at_rest;
    });
}

std::int64_t journaled_messages(demo_services& services) {
    std::int64_t count = 0;
    const json::value status = status_of(services);
    for (const json::member& source : status["sources"].members())
        count += source.content["received"].as_integer().value_or(0) -
                 source.content["duplicate"].as_integer().value_or(0);
    return count;
}

std::map<std::string, std::string> registry_records(demo_services& services) {
    std::map<std::string, std::string> records;
    std::istringstream lines(services.run("registry", {"export", "--format", "ndjson"}));
    for (std::string line; std::getline(lines, line);) {
        json::value record = parsed(line);
        const std::string record_id(record["record_id"].text());
        record.erase("record_version");
        record.erase("record_action");
        records[record_id] = write(record);
    }
    return records;
}

} // namespace auditgate::test
