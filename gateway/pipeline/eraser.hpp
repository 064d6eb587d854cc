// The eraser: lets go of what nobody needs any more, in bounded steps between which others write (docs/operating.md, "What is
// erased"). It asks for reviews of clusters, which the mappers carry out (cluster_plan.hpp); it erases old messages and
// closed cases, and then the keys of both.
#pragma once

#include "gateway/observe/log.hpp"
#include "gateway/observe/metrics.hpp"
#include "gateway/store/store.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace auditgate::gateway::pipeline {

struct retention_options {
    std::chrono::days journal{90};    // bytes of messages that were applied, not relevant or refused
    std::chrono::days unsettled{400}; // of those held or in quarantine that nobody has dealt with
    int step_max = 200;               // messages or records of one transaction
    int seen_max = 1'000;             // messages that duplicate detection forgets in one transaction
    int reviews_max = 1'000;          // clusters to be reviewed, of one tick
    std::chrono::minutes pause{60};   // between two runs through the journal, the closed cases and the keys
    std::chrono::seconds journal_max{
        20}; // of one tick; what is left of a long journal goes on with the next one
    // After a longer silence the clock may be wrong, and after a change the configuration; what is erased cannot be had
    // again: nothing is, for a day.
    std::chrono::days silence_max{31};
    std::chrono::hours delay_when_in_doubt{24};
};

// One thread, but for allows() and configuration_changed().
class eraser {
public:
    // What is referred to must outlive the eraser. `stopping` is asked between two steps.
    eraser(store::store& store, const retention_options& options, observe::clock_function now,
           std::function<bool()> stopping, observe::logger& log, observe::metrics& metrics);

    // To be called often: does what is due. `today` is of the deployment's calendar. Says whether there is work for mappers.
    bool tick(std::chrono::local_days today);

    // The store's cases were computed with another configuration than from now on, and that may have been the right one.
    // Any thread.
    void configuration_changed() { is_configuration_new_ = true; }
    // Whether mappers may close cases and let go of events at that time. Not before the first tick, and not when the clock
    // has jumped ahead since the last one. Any thread.
    [[nodiscard]] bool allows(store::utc_time at) const;

private:
    [[nodiscard]] bool may_erase(store::utc_time now);
    void pause(store::utc_time now, std::string_view why);
    [[nodiscard]] result<void> run(store::utc_time now);
    [[nodiscard]] result<void> erase_messages(store::utc_time now);
    [[nodiscard]] result<void> erase_closed(store::utc_time now);
    [[nodiscard]] result<void> forget_seen(store::utc_time now);
    [[nodiscard]] result<void> report(store::utc_time now);
    void fail(const error& why);

    static constexpr store::utc_time never = store::utc_time::min();

    store::store& store_;
    const retention_options options_;
    const observe::clock_function now_;
    const std::function<bool()> stopping_;
    observe::logger& log_;
    const observe::counter failures_;
    const observe::histogram step_seconds_;
    std::optional<store::utc_time> next_run_;
    store::message_id from_ = 0; // where the run through the journal goes on
    std::optional<store::utc_time> paused_until_;
    std::atomic<bool> is_configuration_new_ = false;
    std::atomic<store::utc_time> allowed_at_{never}; // the last tick, when that was allowed to erase
    std::optional<store::utc_time> last_;            // tick
    std::map<std::string, std::int64_t> reported_;   // erased, as last logged
};

} // namespace auditgate::gateway::pipeline
