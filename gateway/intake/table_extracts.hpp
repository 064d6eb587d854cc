// The ledgers of full extracts (mapping/read/table_ledger.hpp) on the disk, encrypted: <data>/tables/<source>.ledger.
#pragma once

#include "gateway/result.hpp"
#include "gateway/security/key_file.hpp"
#include "mapping/read/table_ledger.hpp"

#include <filesystem>
#include <string>

namespace auditgate::gateway::intake {

// How long a row is remembered after its date: longer than any case stays open (dataset.md section 5: day 420, and 90 more),
// and than extracts reach back.
inline constexpr std::chrono::days ledger_days{3 * 366};

// One source has one ledger; for one thread a source. The keys must outlive it.
class table_extracts {
public:
    table_extracts(std::filesystem::path data_folder, security::key_ring& keys)
        : folder_(std::move(data_folder) / "tables"), keys_(keys) {}

    // An empty one when the source has none yet. store_corrupt or wrong_key: it cannot be opened.
    [[nodiscard]] result<mapping::table_ledger> load(const std::string& source);
    // On the disk when it returns.
    [[nodiscard]] result<void> save(const std::string& source, const mapping::table_ledger& ledger);

private:
    [[nodiscard]] std::filesystem::path file_of(const std::string& source) const;

    std::filesystem::path folder_;
    security::key_ring& keys_;
};

} // namespace auditgate::gateway::intake
