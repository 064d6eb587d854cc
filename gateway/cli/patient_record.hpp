// The id of a patient's record, for people who know the patient and not the id.
#pragma once

#include "gateway/pipeline/setup.hpp"
#include "gateway/result.hpp"

#include <iosfwd>
#include <string>

namespace auditgate::gateway::cli {

struct patient_record {
    std::string destination;    // empty: the only one of the gateway
    std::string procedure_date; // 2026-03-09
    std::string dataset;        // empty: the only one of the gateway, or of the destination
};

// The id that the destination's keys give to the record of a patient, whose number is the first line of `number`: an NHS
// number, or the source key of one without (`local|RXX|H123`). It is read so that it stands neither in the list of processes
// nor in the shell's history. usage: what is wrong with the question or the number.
[[nodiscard]] result<std::string> id_of_patient_record(std::istream& number, const patient_record& which,
                                                       const pipeline::setup& with);

} // namespace auditgate::gateway::cli
