#include "tests/fuzz/targets/targets.hpp"

#include <array>
#include <cstdlib>

namespace auditgate::fuzz {

std::span<const target> all_targets() {
    static constexpr auto targets = std::to_array<target>({
        {"acknowledgement", run_acknowledgement},
        {"batch", run_batch},
        {"charset", run_charset},
        {"escape", run_escape},
        {"framer", run_framer},
        {"message", run_message},
        {"path", run_path},
        {"table", run_table},
        {"timestamp", run_timestamp},
    });
    return targets;
}

void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

} // namespace auditgate::fuzz
