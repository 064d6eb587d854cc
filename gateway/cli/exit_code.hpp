// What the program tells the shell. Documented to users: never renumber.
#pragma once

#include "gateway/result.hpp"

namespace auditgate::gateway::cli {

enum exit_code : int {
    exit_done = 0,
    exit_findings = 1,      // it ran, and something needs attention
    exit_usage = 2,         // the command line is wrong
    exit_configuration = 3, // a file of the configuration is wrong
    exit_store = 4,         // the store cannot be opened, read or written
    exit_network = 5,       // a peer cannot be reached, or did not answer
    exit_defect = 70,       // a mistake in the program itself
};

[[nodiscard]] exit_code exit_code_of(errc code);

} // namespace auditgate::gateway::cli
