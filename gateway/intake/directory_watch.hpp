// Takes the files of one folder as messages, for as long as the gateway runs.
//
//   <path>/           files that somebody else writes: taken when they have not changed for `settle`
//   <path>/ready/     files that were moved there whole (`auditgate import`, a sender that renames): taken at once
//   <path>/done/      <digest>-<name> once every message of it is on the disk, with <digest>-<name>.report.json
//   <path>/failed/    the same for files of which nothing can be taken
//
// A file leaves its folder by renaming, and only after its messages were committed: after a crash it is read again, and what
// was journaled counts as duplicates.
#pragma once

#include "gateway/intake/directory_file.hpp"
#include "gateway/intake/directory_filing.hpp"
#include "gateway/observe/log.hpp"
#include "gateway/observe/metrics.hpp"

#include <memory>

namespace auditgate::gateway::intake {

class directory_watch {
public:
    virtual ~directory_watch() = default; // stop()

    // Lets what is on its way to the disk arrive, and returns when no file is being taken. May be called twice. Before the
    // journal is stopped.
    virtual void stop() = 0;
};

// Makes the folders below and starts a thread. `directory` and `with` are copied; what they refer to must outlive the watch.
// configuration: the folders cannot be made.
[[nodiscard]] result<std::unique_ptr<directory_watch>>
start_directory_watch(const directory_config& directory, const file_services& with, observe::metrics& metrics,
                      observe::logger& log);

} // namespace auditgate::gateway::intake
