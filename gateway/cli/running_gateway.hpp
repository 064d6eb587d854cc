// Everything that runs in `auditgate gateway`, put together, and a configuration that can be exchanged meanwhile.
#pragma once

#include "gateway/cli/installation.hpp"
#include "gateway/cli/reload_files.hpp"

#include <iosfwd>
#include <memory>

namespace auditgate::gateway::cli {

// One thread, which may wait as long as it likes: all work is done by threads of its own.
class running_gateway {
public:
    running_gateway(installation opened, configuration read);
    ~running_gateway(); // answers what was received, and stops
    running_gateway(const running_gateway&) = delete;
    running_gateway& operator=(const running_gateway&) = delete;

    // configuration: a port or a certificate cannot be used.
    [[nodiscard]] result<void> start();

    // Reads the whole configuration again, while messages are taken and answered as before, and puts it in force when all of
    // it is right; otherwise nothing changes. What cannot change without a restart (needs_restart()) stays as it is. Connections
    // stay open. Cases are computed again with the new configuration, new messages first.
    [[nodiscard]] reload_report reload();

    // What listens where.
    void tell(std::ostream& out) const;

    [[nodiscard]] const std::filesystem::path& data_folder() const;

private:
    struct parts;
    std::unique_ptr<parts> parts_;
};

} // namespace auditgate::gateway::cli
