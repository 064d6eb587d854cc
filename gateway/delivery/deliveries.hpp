// Delivery to all destinations of a gateway: for each its opt-out list, its release gate and its threads.
#pragma once

#include "gateway/config/configuration.hpp"
#include "gateway/delivery/delivery.hpp"

#include <memory>
#include <vector>

namespace auditgate::gateway::delivery {

class deliveries {
public:
    // `from` and all else referred to must outlive the deliveries. configuration: a destination's URL or certificates
    // cannot be used; the text names the destination.
    [[nodiscard]] static result<std::unique_ptr<deliveries>>
    create(const configuration& from, store::store& outbox, observe::logger& log, observe::metrics& metrics,
           observe::clock_function now);

    void start();
    // Breaks off what is under way (it will be sent again) and waits for the threads to end.
    void stop();
    // Records may be waiting: look now. Any thread.
    void notify();

private:
    struct one {
        std::unique_ptr<opt_out_list> opt_outs;
        std::unique_ptr<release_gate> gate;
        std::unique_ptr<delivery> worker; // uses the above
    };

    deliveries() = default;

    std::vector<one> all_;
};

} // namespace auditgate::gateway::delivery
