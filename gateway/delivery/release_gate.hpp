// The release gate as delivery asks it: the pure rules of mapping/release/gate.hpp with the destination's settings, the
// opt-out list as it is now and today's date.
#pragma once

#include "gateway/delivery/opt_out_list.hpp"
#include "gateway/store/store.hpp"
#include "mapping/release/destination.hpp"
#include "mapping/release/gate.hpp"

#include <memory>
#include <string>

namespace auditgate::gateway::delivery {

// Any thread may call any member.
class release_gate {
public:
    virtual ~release_gate() = default;

    // What the gate says of a row just now.
    [[nodiscard]] virtual mapping::gate_verdict ask(const store::outbox_row& row, store::utc_time now) = 0;

    // Another text whenever the gate may have changed its mind about any row: the day or the opt-out list is another.
    // Every row of the destination is then asked about again, those delivered too.
    [[nodiscard]] virtual std::string revision(store::utc_time now) = 0;
};

// `opt_outs` must outlive the gate; nullptr for destinations that need no list. A row whose facts cannot be read is held.
[[nodiscard]] std::unique_ptr<release_gate> create_release_gate(mapping::destination_settings settings,
                                                                opt_out_list* opt_outs,
                                                                local_day_function local_day);

} // namespace auditgate::gateway::delivery
