// Messages of the journal as lists: what `quarantine` and `holds` share.
#pragma once

#include "fhir/json.hpp"
#include "gateway/store/store.hpp"

#include <span>
#include <string>

namespace auditgate::gateway::cli {

// One line a message, without anything of its content: id, time, source, type, state, reason.
[[nodiscard]] std::string to_table(std::span<const store::stored_message> messages);
[[nodiscard]] fhir::json::value to_json(std::span<const store::stored_message> messages);

// 2026-05-04T09:12:33Z
[[nodiscard]] std::string utc_text(store::utc_time at);

// 2026-05-04
[[nodiscard]] std::string day_text(std::chrono::sys_days day);

// Why a message is not there: it was erased, and when; or there never was one.
[[nodiscard]] std::string absence_of(store::store& from, store::message_id id);

} // namespace auditgate::gateway::cli
