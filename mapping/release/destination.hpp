// What a destination of records asks for: its legal basis, how finely it may see, when records leave. The
// same settings stand in the gateway's configuration and in the golden cases (case.yaml).
#pragma once

#include "mapping/yaml/document.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace auditgate::mapping {

// Why identifiable data may be turned into records for this destination (dataset.md section 8). "Anonymised"
// is no basis for records: with provider, quarter, age band, sex, diagnosis and site almost every row is
// unique.
enum class legal_basis { s251, consent };

[[nodiscard]] std::string_view to_string(legal_basis basis);

enum class release_schedule { weekly, daily, immediate };

// How much less than the record a destination gets; the first of each is the default.
struct coarsening {

    enum class day_form { exact, week, window_only };
    enum class period_form { quarter, year };
    enum class age_form { ten_years, twenty_years };
    enum class ethnicity_form { sixteen_groups, five_groups, drop };
    enum class sex_form { as_is, binary_or_unknown };
    enum class provider_form { organisation, region };

    day_form days = day_form::exact;
    period_form period = period_form::quarter;
    age_form age = age_form::ten_years;
    ethnicity_form ethnicity = ethnicity_form::sixteen_groups;
    sex_form sex = sex_form::as_is;
    provider_form provider = provider_form::organisation;
    // Settings that a dataset definition names (its `coarsening`), with the value chosen.
    std::map<std::string, std::string, std::less<>> named;

    bool operator==(const coarsening&) const = default;
};

struct destination_settings {
    std::string key_id; // names the keys in records; rotation gives another one
    legal_basis basis = legal_basis::s251;

    // Under s251.
    bool opt_out_exempt = false;
    std::string exemption_reference; // of the approval that exempts
    std::chrono::days opt_out_max_age{7};
    bool send_without_nhs_number = false;

    // Under consent.
    bool consent_assumed = false;                                  // for patients with none on file
    std::string consent_policy = "urn:auditgate:consent:registry"; // a code, or SYSTEM|CODE

    release_schedule release = release_schedule::weekly;
    std::optional<std::chrono::local_days> procedures_from; // go-live: earlier procedures are not for it
    coarsening coarsen;
    std::map<std::string, yaml::position, std::less<>> coarsen_at; // where each of its settings was read
    std::map<std::string, std::string>
        provider_regions; // organisation to region, for coarsen.provider: region
};

// The secret keys of a destination, as bytes. They are no part of the settings: they come from the key ring.
struct destination_keys {
    std::string record_key;
    std::string pseudonym_key;
};

// Takes the keys above out of a destination's map; whoever calls it takes its own (address, authentication)
// and then calls finish(). What cannot be meant so goes to the reader's problems, with place and suggestion; whether
// a dataset knows the settings in coarsening::named is told by check_coarsening().
[[nodiscard]] destination_settings read_destination(yaml::map_reader& keys);

} // namespace auditgate::mapping
