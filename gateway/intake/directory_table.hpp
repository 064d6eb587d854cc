// Takes a table: every row a message of its own, so that one bad row is held by itself.
#pragma once

#include "gateway/intake/directory_file.hpp"

namespace auditgate::gateway::intake {

struct table_file {
    const std::filesystem::path& file;
    const file_identity& identity; // before it was read
    const std::string& digest;
    const source_config& source;
    const mapping::source_profile& profile; // with a table
    const pipeline::setup& mapping;
};

// As take_file(). Reads the file twice: whether it can be taken at all, and what a full extract leaves out, must be known
// before its first row is journaled. Memory: some rows, and for a full extract the keys of all.
[[nodiscard]] result<file_report> take_table(const table_file& table, const file_services& with,
                                             const std::atomic<bool>& stopping);

} // namespace auditgate::gateway::intake
