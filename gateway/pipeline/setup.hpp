// The compiled configuration that mapping works with. Immutable and shared between threads; a changed configuration is a
// new setup under another revision.
#pragma once

#include "gateway/store/store.hpp"
#include "mapping/definition/definition.hpp"
#include "mapping/read/source_profile.hpp"
#include "mapping/release/destination.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace auditgate::gateway::pipeline {

// Who gets records, as far as computing them is concerned.
struct destination {
    std::string name;
    std::string dataset; // the only one that it gets; empty: all
    mapping::destination_settings settings;
    mapping::destination_keys keys;
};

struct setup {
    std::vector<std::shared_ptr<const mapping::compiled_definition>> definitions;
    std::map<std::string, mapping::source_profile, std::less<>> profiles; // by name of the source
    mapping::source_profile default_profile;                              // of sources without one
    std::vector<destination> destinations;
    // The calendar date in the deployment's time zone.
    std::function<std::chrono::local_days(store::utc_time)> local_date;
    std::string revision; // changes with everything that can change a case
};

} // namespace auditgate::gateway::pipeline
