// The national data opt-out as it lies in the gateway's files: the request that was sent, the response to it, and a local
// dissent list. The files are read again when they have changed, so that whoever fetches them only needs to replace them.
#pragma once

#include "gateway/observe/log.hpp"
#include "gateway/store/store.hpp"
#include "mapping/release/opt_out.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace auditgate::gateway::delivery {

struct opt_out_files {
    std::optional<std::filesystem::path> request;  // changed after the response: not answered yet
    std::optional<std::filesystem::path> response; // its last change is taken for the day of the answer
    std::optional<std::filesystem::path> dissent;
};

// The calendar day of an instant in the zone that the records are dated in.
using local_day_function = std::function<std::chrono::local_days(store::utc_time)>;

// Any thread.
class opt_out_list {
public:
    opt_out_list(opt_out_files files, local_day_function local_day, observe::logger& log);

    // The list as the files are now. Files that cannot be read, or say something else than NHS numbers, are logged as an
    // error: without request or response nothing is cleared, without a dissent list that should be there nothing leaves.
    [[nodiscard]] std::shared_ptr<const mapping::opt_out_state> current();

    // Another number each time current() has found the files changed.
    [[nodiscard]] std::uint64_t revision();

private:
    [[nodiscard]] std::string fingerprint() const;
    [[nodiscard]] mapping::opt_out_state read() const;
    [[nodiscard]] std::optional<mapping::nhs_number_set> read_file(const std::filesystem::path& file) const;
    void refresh(); // with mutex_ held

    opt_out_files files_;
    local_day_function local_day_;
    observe::logger& log_;
    std::mutex mutex_;
    std::string fingerprint_;
    std::uint64_t revision_ = 0;
    std::shared_ptr<const mapping::opt_out_state> state_;
};

} // namespace auditgate::gateway::delivery
