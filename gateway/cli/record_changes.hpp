// What becomes of records when the configuration changes, record by record. Pure.
#pragma once

#include "gateway/acceptance/record_differences.hpp"
#include "gateway/pipeline/shadow_states.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace auditgate::gateway::cli {

enum class change_kind {
    created,        // a record that there is not yet
    amended,        // other content, or the release gate goes by something else
    taken_back,     // no longer a case, or one that is excluded
    held,           // waits until somebody acts, for this reason only now; what is at the destination stays
    no_longer_held, // and is as it was, or was never sent
};

struct record_change {
    store::record_name name;
    std::string dataset;
    change_kind kind{};
    std::string reason; // why it is taken back or held: code
    // Items of an amended record: `expected` is what is stored, `got` what would be.
    std::vector<acceptance::item_difference> items;
    bool gate_facts = false; // consent, NHS number or date are others: the release gate may decide otherwise

    bool operator==(const record_change&) const = default;
};

// new, changed, taken-back, held, no-longer-held
[[nodiscard]] std::string_view name_of(change_kind kind);

// By the name of the record. Versions of dataset, terminology and opioid table are no content: they alone change nothing.
[[nodiscard]] std::vector<record_change> changes_between(const pipeline::record_states& before,
                                                         const pipeline::record_states& after);

} // namespace auditgate::gateway::cli
