#include "hl7v2/message_type.hpp"

#include <algorithm>
#include <array>

namespace auditgate::hl7v2 {

namespace {

constexpr std::size_t event_size = 3;
constexpr std::string_view event_letters = "ABCEIJKMNOPQRSTUVWZ";

constexpr auto types = std::to_array<std::string_view>(
    {"ACK", "ADR", "ADT", "ARD", "BAR", "BPS", "BRP", "BRT", "BTS", "CCF", "CCI", "CCM", "CCQ", "CCU", "CNQ",
     "CQU", "CRM", "CSU", "DBC", "DBU", "DEL", "DEO", "DER", "DFT", "DOC", "DPR", "DRC", "DSR", "EAC", "EAN",
     "EAR", "EDR", "EHC", "EQQ", "ERP", "ERQ", "ESR", "ESU", "INR", "INU", "LSR", "LSU", "MCF", "MDM", "MFD",
     "MFK", "MFN", "MFQ", "MFR", "NMD", "NMQ", "NMR", "OMB", "OMD", "OMG", "OMI", "OML", "OMN", "OMP", "OMQ",
     "OMS", "OPL", "OPR", "OPU", "ORA", "ORB", "ORD", "ORF", "ORG", "ORI", "ORL", "ORM", "ORN", "ORP", "ORR",
     "ORS", "ORU", "ORX", "OSM", "OSQ", "OSR", "OSU", "OUL", "PEX", "PGL", "PIN", "PMU", "PPG", "PPP", "PPR",
     "PPT", "PPV", "PRR", "PTR", "QBP", "QCK", "QCN", "QRF", "QRY", "QSB", "QSX", "QVR", "RAR", "RAS", "RCI",
     "RCL", "RDE", "RDO", "RDR", "RDS", "RDY", "REF", "RER", "RGR", "RGV", "ROC", "ROD", "ROR", "RPA", "RPI",
     "RPL", "RPR", "RQA", "RQC", "RQI", "RQP", "RQQ", "RRA", "RRD", "RRE", "RRG", "RRI", "RRO", "RSP", "RTB",
     "SCN", "SDN", "SDR", "SIU", "SLN", "SLR", "SMD", "SPQ", "SQM", "SQR", "SRM", "SRR", "SSR", "SSU", "STC",
     "STI", "SUR", "TBR", "TCR", "TCU", "UDM", "VQQ", "VTQ", "VXQ", "VXR", "VXU", "VXX"});

bool is_capital_or_digit(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

} // namespace

bool is_standard_message_type(std::string_view type) {
    return std::binary_search(types.begin(), types.end(), type);
}

bool is_trigger_event(std::string_view event) {
    return event.size() == event_size && event_letters.find(event[0]) != std::string_view::npos &&
           std::all_of(event.begin(), event.end(), is_capital_or_digit);
}

} // namespace auditgate::hl7v2
