#include "gateway/pipeline/case_note.hpp"

#include "fhir/json.hpp"
#include "gateway/security/crypto.hpp"

#include <array>
#include <utility>

namespace auditgate::gateway::pipeline {

namespace json = fhir::json;

namespace {

constexpr std::array<std::pair<mapping::case_state, std::string_view>, 3> state_names{{
    {mapping::case_state::record, "record"},
    {mapping::case_state::held, "held"},
    {mapping::case_state::excluded, "excluded"},
}};

} // namespace

std::string wanted_digest(const std::string& content, const std::string& gate_facts) {
    return security::to_hex(security::sha256(content + '\n' + gate_facts));
}

std::string to_bytes(const case_note& note) {
    json::value out = json::value::object();
    out.set("destination", json::value(note.destination));
    out.set("dataset", json::value(note.dataset));
    for (const auto& [state, name] : state_names)
        if (state == note.state)
            out.set("state", json::value(name));
    out.set("reason", json::value(note.reason));
    out.set("wanted", json::value(note.wanted));
    return json::write(out);
}

std::optional<case_note> case_note_from_bytes(std::string_view bytes) {
    const json::parse_result read = json::parse(bytes);
    if (!read.document || !read.document->is_object())
        return std::nullopt;
    const json::value& in = *read.document;
    case_note note;
    bool state_known = false;
    for (const auto& [state, name] : state_names) {
        if (in["state"].text() != name)
            continue;
        note.state = state;
        state_known = true;
    }
    if (!state_known)
        return std::nullopt;
    note.destination = in["destination"].text();
    note.dataset = in["dataset"].text();
    note.reason = in["reason"].text();
    note.wanted = in["wanted"].text();
    return note;
}

} // namespace auditgate::gateway::pipeline
