// How much memory the connections of one listener may fill together with messages that the journal does not have yet.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <utility>

namespace auditgate::gateway::intake {

// Any thread; each share is of one connection, on its strand.
class buffer_budget {
public:
    explicit buffer_budget(std::size_t bytes_max) : bytes_max_(bytes_max) {}
    buffer_budget(const buffer_budget&) = delete;
    buffer_budget& operator=(const buffer_budget&) = delete;

    // A connection that holds no more than this is never in anybody's way, and nobody is in its: ordinary messages pass
    // also while large ones have used the budget up.
    static constexpr std::size_t free_bytes = std::size_t{64} * 1024;

    class share {
    public:
        explicit share(std::shared_ptr<buffer_budget> of) : of_(std::move(of)) {}
        ~share() { hold(0); }
        share(const share&) = delete;
        share& operator=(const share&) = delete;

        // The connection holds `bytes` now.
        void hold(std::size_t bytes);
        // May it take more? When the budget is used up, one of those that hold much goes on, until it holds little: so one
        // large message after the other comes to its end, and all the connections hold no more than the budget, that
        // message, and free_bytes each.
        [[nodiscard]] bool may_grow();

    private:
        std::shared_ptr<buffer_budget> of_; // a connection may outlive its listener by a moment
        std::size_t bytes_ = 0;
    };

private:
    const std::size_t bytes_max_;
    std::atomic<std::size_t> bytes_ = 0;
    std::atomic<const share*> goes_on_ = nullptr;
};

} // namespace auditgate::gateway::intake
