#include "gateway/cli/exit_code.hpp"

namespace auditgate::gateway::cli {

exit_code exit_code_of(errc code) {
    switch (code) {
    case errc::usage:
    case errc::not_found:
        return exit_usage;
    case errc::configuration:
        return exit_configuration;
    case errc::store_unavailable:
    case errc::store_corrupt:
    case errc::store_version:
    case errc::wrong_key:
        return exit_store;
    case errc::network:
    case errc::protocol:
        return exit_network;
    case errc::refused:
    case errc::lease_lost:
        return exit_findings;
    }
    return exit_defect;
}

} // namespace auditgate::gateway::cli
