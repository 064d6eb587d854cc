#include "gateway/cli/cli.hpp"

int main(int argc, char** argv) {
    return auditgate::gateway::cli::run_cli(argc, argv);
}
