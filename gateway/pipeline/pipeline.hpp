// The mapper threads: they take work from the store, compute what follows, and commit it; and the tick that makes work
// of clusters whose time has come.
//
// Correctness rests on the store's optimistic commits alone: any number of threads and processes may do this at once. A
// process that has another configuration than the active one maps nothing until it gets that.
#pragma once

#include "gateway/intake/work_signal.hpp"
#include "gateway/observe/log.hpp"
#include "gateway/observe/metrics.hpp"
#include "gateway/pipeline/eraser.hpp"
#include "gateway/pipeline/setup.hpp"
#include "gateway/store/store.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace auditgate::gateway::pipeline {

struct pipeline_options {
    std::string owner = "main"; // of claims: unique among the nodes on one store
    int threads = 2;
    int claim_max = 64; // pieces of work in one write set
    std::chrono::milliseconds claim_lease{60'000};
    std::chrono::milliseconds idle_wait{1'000}; // looks for work of other nodes this often
    std::chrono::milliseconds outdated_wait{
        50};                                // tries again this often while another configuration is active
    std::chrono::milliseconds tick{60'000}; // looks for clusters whose next change is due this often
    std::chrono::milliseconds retry_wait_min{100}; // after a failure of the store, doubling
    std::chrono::milliseconds retry_wait_max{30'000};
    retention_options retention;
};

// How the pipeline hears that records may be waiting for a destination. Any thread; never blocks.
using records_changed = std::function<void()>;

class pipeline final : public intake::work_signal {
public:
    // Everything referred to must outlive the pipeline.
    pipeline(store::store& store, std::shared_ptr<const setup> with, const pipeline_options& options,
             observe::clock_function now, observe::logger& log, observe::metrics& metrics,
             records_changed changed);
    ~pipeline() override; // stop()
    pipeline(const pipeline&) = delete;
    pipeline& operator=(const pipeline&) = delete;

    // Activates the configuration in the store (which makes work of every cluster when it is a new one) and starts the
    // threads.
    [[nodiscard]] result<void> start();
    // Lets every thread finish the write set that it is at, and returns when all have ended. May be called twice.
    void stop();

    void work_arrived() override;

    // From now on works with another setup. Activates its revision first: what was computed with the old one and is not
    // committed by then is computed again. Any thread, one at a time; on failure all stays as it was.
    [[nodiscard]] result<void> reconfigure(std::shared_ptr<const setup> with);

private:
    struct state;
    std::unique_ptr<state> state_;
};

} // namespace auditgate::gateway::pipeline
