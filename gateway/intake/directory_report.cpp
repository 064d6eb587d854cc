#include "gateway/intake/directory_report.hpp"

#include "gateway/store/names.hpp"

#include <optional>

namespace auditgate::gateway::intake {

namespace json = fhir::json;

void file_report::add(const std::string& source, const std::string& type, store::message_state state,
                      store::message_id id) {
    ++messages;
    ++counts[{source, type, state}];
    if (state == store::message_state::duplicate)
        return;
    if (!ids.empty() && ids.back().second + 1 == id)
        ids.back().second = id;
    else
        ids.emplace_back(id, id);
}

json::value to_json(const file_report& report) {
    json::value counts = json::value::array();
    for (const auto& [of, count] : report.counts) {
        const auto& [source, type, state] = of;
        counts.push_back(json::make_object({{"source", json::value(source)},
                                            {"type", json::value(type)},
                                            {"state", json::value(name_of(state))},
                                            {"count", json::value(count)}}));
    }
    json::value ids = json::value::array();
    for (const auto& [from, to] : report.ids) {
        json::value range = json::value::array();
        range.push_back(json::value(std::int64_t{from}));
        range.push_back(json::value(std::int64_t{to}));
        ids.push_back(std::move(range));
    }
    json::value findings = json::value::array();
    for (const file_finding& one : report.findings)
        findings.push_back(json::make_object({{"code", json::value(one.code)},
                                              {"path", json::value(one.path)},
                                              {"text", json::value(one.text)}}));
    json::value result = json::make_object({{"digest", json::value(report.digest)},
                                            {"failure", json::value(report.failure)},
                                            {"messages", json::value(report.messages)}});
    result.set("counts", std::move(counts));
    result.set("findings", std::move(findings));
    result.set("ids", std::move(ids));
    return result;
}

std::optional<file_report> report_of(const json::value& document) {
    const auto messages = document["messages"].as_integer();
    if (!messages)
        return std::nullopt;
    file_report result;
    result.messages = *messages;
    result.digest = document["digest"].text();
    result.failure = document["failure"].text();
    for (const json::value& one : document["counts"].items()) {
        const auto state = store::message_state_of(one["state"].text());
        if (!state)
            return std::nullopt;
        result.counts[{std::string(one["source"].text()), std::string(one["type"].text()), *state}] =
            one["count"].as_integer().value_or(0);
    }
    for (const json::value& one : document["findings"].items())
        result.findings.push_back({std::string(one["code"].text()), std::string(one["path"].text()),
                                   std::string(one["text"].text())});
    for (const json::value& range : document["ids"].items())
        if (range.size() == 2)
            result.ids.emplace_back(range[0].as_integer().value_or(0), range[1].as_integer().value_or(0));
    return result;
}

} // namespace auditgate::gateway::intake
