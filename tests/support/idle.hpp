// Waiting until a gateway of the demo has done its work, and what it then says about it.
#pragma once

#include "tests/support/processes.hpp"

#include <cstdint>
#include <map>
#include <string>

namespace auditgate::test {

// Until no message waits. Throws after two minutes.
void wait_until_mapped(demo_services& services);

// Until no message waits and no record is on its way. Throws after two minutes.
void wait_until_delivered(demo_services& services);

// Messages in the journal, duplicates not counted.
[[nodiscard]] std::int64_t journaled_messages(demo_services& services);

// What the registry has: record id to content, without version and action (they tell how often a record was
// sent).
[[nodiscard]] std::map<std::string, std::string> registry_records(demo_services& services);

} // namespace auditgate::test
