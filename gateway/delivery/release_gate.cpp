#include "gateway/delivery/release_gate.hpp"

namespace auditgate::gateway::delivery {

namespace {

class settings_gate final : public release_gate {
public:
    settings_gate(mapping::destination_settings settings, opt_out_list* opt_outs,
                  local_day_function local_day)
        : settings_(std::move(settings)), opt_outs_(opt_outs), local_day_(std::move(local_day)) {}

    mapping::gate_verdict ask(const store::outbox_row& row, store::utc_time now) override {
        const auto facts = mapping::gate_facts_from_bytes(row.gate_facts);
        if (!facts) {
            return {mapping::gate_state::hold, "gate-facts-unreadable"};
        }
        static const mapping::opt_out_state no_list;
        const auto list = opt_outs_ == nullptr ? nullptr : opt_outs_->current();
        return mapping::ask_gate(*facts, settings_, list ? *list : no_list, local_day_(now));
    }

    std::string revision(store::utc_time now) override {
        const std::uint64_t list = opt_outs_ == nullptr ? 0 : opt_outs_->revision();
        return std::to_string(local_day_(now).time_since_epoch().count()) + "/" + std::to_string(list);
    }

private:
    mapping::destination_settings settings_;
    opt_out_list* opt_outs_;
    local_day_function local_day_;
};

} // namespace

std::unique_ptr<release_gate> create_release_gate(mapping::destination_settings settings,
                                                  opt_out_list* opt_outs, local_day_function local_day) {
    return std::make_unique<settings_gate>(std::move(settings), opt_outs, std::move(local_day));
}

} // namespace auditgate::gateway::delivery
