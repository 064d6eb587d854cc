// The command line: one program, a subcommand for each thing it can do.
#pragma once

namespace auditgate::gateway::cli {

// Reads the command line, runs the one command asked for and returns its exit code (exit_code.hpp). Help and
// version go to standard output, mistakes with a hint to standard error.
[[nodiscard]] int run_cli(int argc, const char* const* argv);

} // namespace auditgate::gateway::cli
