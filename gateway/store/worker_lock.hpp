// One process works on a database: a gateway, a registry, or a command that must not meet either.
#pragma once

#include "gateway/result.hpp"
#include "gateway/security/durable_file.hpp"

#include <filesystem>
#include <memory>

namespace auditgate::gateway::store {

// Held until it goes out of scope or the process ends, however it does. store_unavailable: somebody else holds it.
[[nodiscard]] result<std::unique_ptr<security::unique_descriptor>>
take_worker_lock(const std::filesystem::path& database);

} // namespace auditgate::gateway::store
