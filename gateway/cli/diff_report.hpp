// What `auditgate diff` tells: records that would change, counted in several ways, and what could not be compared.
#pragma once

#include "fhir/json.hpp"
#include "gateway/cli/record_changes.hpp"
#include "gateway/pipeline/shadow_run.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace auditgate::gateway::cli {

struct listed_change {
    record_change change;
    bool needs_replay = false; // comes when stored messages are read again, not with `auditgate reload` alone
};

struct diff_report {
    pipeline::shadow_counts counts;
    std::int64_t records = 0;           // compared
    std::vector<listed_change> changes; // the first of them
    std::int64_t not_listed = 0;        // and so many more
    std::map<change_kind, std::int64_t> by_kind;
    std::map<std::string, std::int64_t>
        by_item; // amended records; rows of a list as one: safety.events.category
    std::map<std::pair<change_kind, std::string>, std::int64_t> by_reason; // of taken back and held
    std::int64_t gate_facts = 0;                                           // amended records
    std::int64_t need_replay = 0;                                          // records
    std::optional<store::utc_time>
        replay_since; // when the oldest message came that has to be read again for them

    [[nodiscard]] std::int64_t changed_records() const;
    // Records, or how messages are read.
    [[nodiscard]] bool would_change() const;
};

// Takes in part after part of a shadow run.
class diff_collector {
public:
    explicit diff_collector(std::size_t listed_max) : listed_max_(listed_max) {}

    void take(const pipeline::shadow_part& part);
    [[nodiscard]] diff_report finish(pipeline::shadow_counts counts);

private:
    void count(const record_change& change);

    std::size_t listed_max_;
    diff_report report_;
};

[[nodiscard]] std::string to_text(const diff_report& report);
[[nodiscard]] fhir::json::value to_json(const diff_report& report);

} // namespace auditgate::gateway::cli
