#include "gateway/cli/patient_record.hpp"

#include "gateway/acceptance/golden_case.hpp"
#include "mapping/nhs_number.hpp"
#include "mapping/release/record.hpp"

#include <algorithm>
#include <istream>

namespace auditgate::gateway::cli {

namespace {

result<const pipeline::destination*> destination_of(const patient_record& which,
                                                    const pipeline::setup& with) {
    if (which.destination.empty() && with.destinations.size() == 1)
        return &with.destinations.front();
    if (which.destination.empty())
        return error{errc::usage, "say with --destination which of the destinations it is"};
    const auto found = std::find_if(with.destinations.begin(), with.destinations.end(),
                                    [&](const auto& one) { return one.name == which.destination; });
    if (found == with.destinations.end())
        return error{errc::usage, "the configuration has no destination `" + which.destination + "`"};
    return &*found;
}

} // namespace

result<std::string> id_of_patient_record(std::istream& number, const patient_record& which,
                                         const pipeline::setup& with) {
    const auto date = acceptance::parse_day(which.procedure_date);
    if (!date)
        return error{errc::usage, "the day of the procedure must be a date such as 2026-03-09"};
    const auto to = destination_of(which, with);
    if (!to)
        return to.error();
    std::string dataset = which.dataset.empty() ? (*to)->dataset : which.dataset;
    if (dataset.empty() && with.definitions.size() == 1)
        dataset = with.definitions.front()->dataset;
    if (dataset.empty())
        return error{errc::usage, "say with --dataset which of the datasets it is"};
    std::string patient;
    std::getline(number, patient);
    std::erase_if(patient, [](char c) { return c == ' ' || c == '\r'; });
    if (!patient.starts_with("local|")) {
        patient.insert(0, "nhs|");
        if (mapping::usable_nhs_number(patient, true).empty())
            return error{errc::usage,
                         "standard input must hold the patient's NHS number, or local|ODS|NUMBER of "
                         "a patient without one"};
    }
    return mapping::record_id((*to)->keys.record_key, dataset, patient, *date);
}

} // namespace auditgate::gateway::cli
