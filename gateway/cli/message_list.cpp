#include "gateway/cli/message_list.hpp"

#include "gateway/store/names.hpp"

#include <array>
#include <cstdio>

namespace auditgate::gateway::cli {

namespace json = fhir::json;

std::string utc_text(store::utc_time at) {
    const auto day = std::chrono::floor<std::chrono::days>(at);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss<std::chrono::seconds> time(
        std::chrono::floor<std::chrono::seconds>(at - day));
    std::array<char, 40> text{};
    const int length =
        std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02dZ",
                      static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                      static_cast<unsigned>(date.day()), static_cast<int>(time.hours().count()),
                      static_cast<int>(time.minutes().count()), static_cast<int>(time.seconds().count()));
    return std::string(text.data(), static_cast<std::size_t>(length));
}

std::string day_text(std::chrono::sys_days day) {
    return utc_text(day).substr(0, 10);
}

std::string absence_of(store::store& from, store::message_id id) {
    const auto erased = from.erased_message(id);
    if (!erased)
        return erased.error().message;
    if (!*erased)
        return "there is no message " + std::to_string(id);
    return "message " + std::to_string(id) + " was received on " + day_text((*erased)->received_on) +
           " and its bytes were erased by " + day_text((*erased)->erased_on) +
           " (`retention` in gateway.yaml); what it said counts on. To have it read again, let its sender "
           "send it "
           "again";
}

std::string to_table(std::span<const store::stored_message> messages) {
    std::string out;
    for (const store::stored_message& one : messages) {
        out += std::to_string(one.id) + "  " + utc_text(one.received_at) + "  " +
               (one.source.empty() ? "unknown-source" : one.source) + "  " +
               (one.message_type.empty() ? "-" : one.message_type) + "  " + std::string(name_of(one.state)) +
               "  " + one.reason + "  " + std::to_string(one.bytes.size()) + " bytes from " + one.peer + "\n";
    }
    return out;
}

json::value to_json(std::span<const store::stored_message> messages) {
    json::value all = json::value::array();
    for (const store::stored_message& one : messages)
        all.push_back(json::make_object({{"id", json::value(std::int64_t{one.id})},
                                         {"received_at", json::value(utc_text(one.received_at))},
                                         {"source", json::value(one.source)},
                                         {"type", json::value(one.message_type)},
                                         {"state", json::value(name_of(one.state))},
                                         {"reason", json::value(one.reason)},
                                         {"bytes", json::value(static_cast<std::int64_t>(one.bytes.size()))},
                                         {"peer", json::value(one.peer)}}));
    return all;
}

} // namespace auditgate::gateway::cli
