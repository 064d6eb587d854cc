// How properties of mapping are checked, and what of the random sets makes them worth it.
#pragma once

#include "gateway/config/configuration.hpp"
#include "mapping/cases/cases.hpp"
#include "tests/property/event_sets.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace auditgate::test {

// In how many of the sets something was so.
class shares {
public:
    void start_set() { ++sets_; }
    void count(std::string_view what, bool is_so) { so_[std::string(what)] += is_so ? 1 : 0; }
    // Fails when it was so in fewer of the sets, by more than chance explains in so many of them: a property of sets in
    // which nothing happens proves nothing.
    void expect(std::string_view what, int percent_least) const;
    void print() const;

private:
    int sets_ = 0;
    std::map<std::string, int, std::less<>> so_;
};

// Checks a property with so many random sets. Environment: AUDITGATE_PROPERTY_SETS for another number of them,
// AUDITGATE_PROPERTY_SEED for those of an earlier run; a failure tells its seed, and the smallest set that it was found
// to have.
void check_event_sets(int sets, const std::function<void(const event_set&)>& property);

// The shipped datasets, with what maps them.
[[nodiscard]] const gateway::configuration& configuration();

// A day on which cases are computed: from before the first facts to after the last window.
[[nodiscard]] std::chrono::local_days some_day_of_computing();

// The events of all messages, in their order, read as the shipped default profile says.
[[nodiscard]] std::vector<mapping::event> events_of(const std::vector<std::string>& messages);

// The events of each cluster.
[[nodiscard]] std::vector<std::vector<mapping::event>> clusters(const std::vector<mapping::event>& events);

// All that a case says, and what the gate must know of it, as text.
[[nodiscard]] std::string text_of(const mapping::case_result& one);

struct dataset_case {
    const mapping::compiled_definition* definition = nullptr;
    mapping::case_result is;
};
// The cases of every cluster and dataset.
[[nodiscard]] std::vector<dataset_case> all_cases(const std::vector<mapping::event>& events,
                                                  std::chrono::local_days as_of);

// Counts how much happens in a set.
void count_what_happens(shares& in, const std::vector<dataset_case>& cases);
void expect_that_much_happens(const shares& in);

} // namespace auditgate::test
