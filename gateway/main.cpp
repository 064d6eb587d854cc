#include "gateway/cli/cli.hpp"
#include "gateway/observe/defect.hpp"

int main(int argc, char** argv) {
    auditgate::gateway::observe::tell_only_types_when_terminated();
    return auditgate::gateway::cli::run_cli(argc, argv);
}
