// auditgate opt-out: the national data opt-out, as far as the gateway has a part in it.
#pragma once

#include "gateway/cli/installation.hpp"
#include "mapping/release/opt_out.hpp"

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace auditgate::gateway::cli {

struct opt_out_request_options {
    std::filesystem::path config = default_config_file;
    std::string destination; // empty: every destination that the opt-out applies to
};

// A request file and the NHS numbers that belong into it.
struct opt_out_request {
    std::filesystem::path file;
    mapping::nhs_number_set numbers;
};

// The request files of the destination named `only`, or of all that the national data opt-out applies to. A file that
// several destinations share holds the numbers of all of them. usage: there is no such destination, or it asks no list;
// configuration: no request file is named for it; store_corrupt: facts of the outbox cannot be decoded.
[[nodiscard]] result<std::vector<opt_out_request>>
collect_opt_out_requests(store::store& from, std::span<const destination_config> destinations,
                         std::string_view only);

// Writes the request files: each is replaced whole, or left as it is when its numbers are the same.
[[nodiscard]] int run_opt_out_request(const opt_out_request_options& options);

} // namespace auditgate::gateway::cli
