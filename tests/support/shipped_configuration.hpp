// The configuration that ships, as tests and benchmarks of the mapping want it.
#pragma once

#include "gateway/config/configuration.hpp"

#include <filesystem>
#include <functional>

namespace auditgate::test {

// Which of the datasets that ship: the one that gateway.yaml maps, or with it those that it only offers.
enum class shipped_datasets { mapped, all };

// With test numbers allowed and one destination, exempt from opt-outs. Its keys are made up: record ids are the same within
// one call's configuration. `edit` may change the files in the folder, which holds gateway.yaml, before they are read. Throws
// when they have problems.
[[nodiscard]] gateway::configuration
shipped_configuration(shipped_datasets datasets = shipped_datasets::mapped,
                      const std::function<void(const std::filesystem::path& folder)>& edit = {});

} // namespace auditgate::test
