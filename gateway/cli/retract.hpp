// auditgate retract: takes back the record of a case that is closed. Of an open case the release gate does that by itself.
#pragma once

#include "gateway/cli/installation.hpp"
#include "gateway/store/store.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace auditgate::gateway::cli {

struct retract_options {
    std::filesystem::path config = default_config_file;
    std::string destination;
    std::string
        record; // id; empty: made of the patient's number, read from standard input, and `procedure_date`
    std::string procedure_date; // 2026-03-09
    std::string dataset;        // empty: the only one of the gateway
};

// Makes the outbox take the record back. refused: its case is not closed, a version of it is still on its way, or it is not
// at the destination.
[[nodiscard]] result<void> retract_closed(store::store& in, std::string_view destination,
                                          std::string_view record_id);

[[nodiscard]] int run_retract(const retract_options& options);

} // namespace auditgate::gateway::cli
