#include "hl7v2/dictionary.hpp"

#include "hl7v2/dictionary_fields.hpp"

#include <algorithm>
#include <array>

namespace auditgate::hl7v2 {

namespace {

struct segment_entry {
    std::string_view name;
    std::string_view title;
};

// In order of name. HL7 v2.8.2 appendix A.5, and the segments that earlier versions had.
constexpr auto segments = std::to_array<segment_entry>({
    {"ABS", "Abstract"},
    {"ACC", "Accident"},
    {"ADD", "Addendum"},
    {"ADJ", "Adjustment"},
    {"AFF", "Professional Affiliation"},
    {"AIG", "Appointment Information - General Resource"},
    {"AIL", "Appointment Information - Location Resource"},
    {"AIP", "Appointment Information - Personnel Resource"},
    {"AIS", "Appointment Information"},
    {"AL1", "Patient Allergy Information"},
    {"APR", "Appointment Preferences"},
    {"ARQ", "Appointment Request"},
    {"ARV", "Access Restriction"},
    {"AUT", "Authorization Information"},
    {"BHS", "Batch Header"},
    {"BLC", "Blood Code"},
    {"BLG", "Billing"},
    {"BPO", "Blood Product Order"},
    {"BPX", "Blood Product Dispense Status"},
    {"BTS", "Batch Trailer"},
    {"BTX", "Blood Product Transfusion/Disposition"},
    {"BUI", "Blood Unit Information"},
    {"CDM", "Charge Description Master"},
    {"CDO", "Cumulative Dosage"},
    {"CER", "Certificate Detail"},
    {"CM0", "Clinical Study Master"},
    {"CM1", "Clinical Study Phase Master"},
    {"CM2", "Clinical Study Schedule Master"},
    {"CNS", "Clear Notification"},
    {"CON", "Consent Segment"},
    {"CSP", "Clinical Study Phase"},
    {"CSR", "Clinical Study Registration"},
    {"CSS", "Clinical Study Data Schedule Segment"},
    {"CTD", "Contact Data"},
    {"CTI", "Clinical Trial Identification"},
    {"CTR", "Contract Master Outbound"},
    {"DB1", "Disability"},
    {"DEV", "Device"},
    {"DG1", "Diagnosis"},
    {"DMI", "DRG Master File Information"},
    {"DON", "Donation"},
    {"DPS", "Diagnosis and Procedure Code"},
    {"DRG", "Diagnosis Related Group"},
    {"DSC", "Continuation Pointer"},
    {"DSP", "Display Data"},
    {"ECD", "Equipment Command"},
    {"ECR", "Equipment Command Response"},
    {"EDU", "Educational Detail"},
    {"EQL", "Embedded Query Language"},
    {"EQP", "Equipment/log Service"},
    {"EQU", "Equipment Detail"},
    {"ERQ", "Event Replay Query"},
    {"ERR", "Error"},
    {"EVN", "Event Type"},
    {"FAC", "Facility"},
    {"FHS", "File Header"},
    {"FT1", "Financial Transaction"},
    {"FTS", "File Trailer"},
    {"GOL", "Goal Detail"},
    {"GP1", "Grouping/Reimbursement - Visit"},
    {"GP2", "Grouping/Reimbursement - Procedure Line Item"},
    {"GT1", "Guarantor"},
    {"IAM", "Patient Adverse Reaction Information"},
    {"IAR", "Allergy Reaction"},
    {"IIM", "Inventory Item Master"},
    {"ILT", "Material Lot"},
    {"IN1", "Insurance"},
    {"IN2", "Insurance Additional Information"},
    {"IN3", "Insurance Additional Information, Certification"},
    {"INV", "Inventory Detail"},
    {"IPC", "Imaging Procedure Control Segment"},
    {"IPR", "Invoice Processing Results"},
    {"ISD", "Interaction Status Detail"},
    {"ITM", "Material Item"},
    {"IVC", "Invoice Segment"},
    {"IVT", "Material Location"},
    {"LAN", "Language Detail"},
    {"LCC", "Location Charge Code"},
    {"LCH", "Location Characteristic"},
    {"LDP", "Location Department"},
    {"LOC", "Location Identification"},
    {"LRL", "Location Relationship"},
    {"MCP", "Master File Coverage"},
    {"MFA", "Master File Acknowledgment"},
    {"MFE", "Master File Entry"},
    {"MFI", "Master File Identification"},
    {"MRG", "Merge Patient Information"},
    {"MSA", "Message Acknowledgment"},
    {"MSH", "Message Header"},
    {"NCK", "System Clock"},
    {"NDS", "Notification Detail"},
    {"NK1", "Next of Kin / Associated Parties"},
    {"NPU", "Bed Status Update"},
    {"NSC", "Application Status Change"},
    {"NST", "Application Control Level Statistics"},
    {"NTE", "Notes and Comments"},
    {"OBR", "Observation Request"},
    {"OBX", "Observation/Result"},
    {"ODS", "Dietary Orders, Supplements, and Preferences"},
    {"ODT", "Diet Tray Instructions"},
    {"OH1", "Person Employment Status"},
    {"OH2", "Past or Present Job"},
    {"OH3", "Usual Work"},
    {"OH4", "Combat Zone Work"},
    {"OM1", "General Segment"},
    {"OM2", "Numeric Observation"},
    {"OM3", "Categorical Service/Test/Observation"},
    {"OM4", "Observations that Require Specimens"},
    {"OM5", "Observation Batteries (Sets)"},
    {"OM6", "Observations that are Calculated from Other Observations"},
    {"OM7", "Additional Basic Attributes"},
    {"OMC", "Supporting Clinical Information"},
    {"ORC", "Common Order"},
    {"ORG", "Practitioner Organization Unit"},
    {"OVR", "Override Segment"},
    {"PAC", "Shipment Package"},
    {"PCE", "Patient Charge Cost Center Exceptions"},
    {"PCR", "Possible Causal Relationship"},
    {"PD1", "Patient Additional Demographic"},
    {"PDA", "Patient Death and Autopsy"},
    {"PDC", "Product Detail Country"},
    {"PEO", "Product Experience Observation"},
    {"PES", "Product Experience Sender"},
    {"PID", "Patient Identification"},
    {"PKG", "Item Packaging"},
    {"PM1", "Payer Master File"},
    {"PMT", "Payment Information"},
    {"PR1", "Procedures"},
    {"PRA", "Practitioner Detail"},
    {"PRB", "Problem Details"},
    {"PRC", "Pricing"},
    {"PRD", "Provider Data"},
    {"PRT", "Participation Information"},
    {"PSG", "Product/Service Group"},
    {"PSH", "Product Summary Header"},
    {"PSL", "Product/Service Line Item"},
    {"PSS", "Product/Service Section"},
    {"PTH", "Pathway"},
    {"PV1", "Patient Visit"},
    {"PV2", "Patient Visit - Additional Information"},
    {"PYE", "Payee Information"},
    {"QAK", "Query Acknowledgment"},
    {"QID", "Query Identification"},
    {"QPD", "Query Parameter Definition"},
    {"QRD", "Original-Style Query Definition"},
    {"QRF", "Original Style Query Filter"},
    {"QRI", "Query Response Instance"},
    {"RCP", "Response Control Parameter"},
    {"RDF", "Table Row Definition"},
    {"RDT", "Table Row Data"},
    {"REL", "Clinical Relationship Segment"},
    {"RF1", "Referral Information"},
    {"RFI", "Request for Information"},
    {"RGS", "Resource Group"},
    {"RMI", "Risk Management Incident"},
    {"ROL", "Role"},
    {"RQ1", "Requisition Detail-1"},
    {"RQD", "Requisition Detail"},
    {"RXA", "Pharmacy/Treatment Administration"},
    {"RXC", "Pharmacy/Treatment Component Order"},
    {"RXD", "Pharmacy/Treatment Dispense"},
    {"RXE", "Pharmacy/Treatment Encoded Order"},
    {"RXG", "Pharmacy/Treatment Give"},
    {"RXO", "Pharmacy/Treatment Order"},
    {"RXR", "Pharmacy/Treatment Route"},
    {"RXV", "Pharmacy/Treatment Infusion"},
    {"SAC", "Specimen Container Detail"},
    {"SCD", "Anti-Microbial Cycle Data"},
    {"SCH", "Scheduling Activity Information"},
    {"SCP", "Sterilizer Configuration"},
    {"SDD", "Sterilization Device Data"},
    {"SFT", "Software Segment"},
    {"SGH", "Segment Group Header"},
    {"SGT", "Segment Group Trailer"},
    {"SHP", "Shipment"},
    {"SID", "Substance Identifier"},
    {"SLT", "Sterilization Lot"},
    {"SPM", "Specimen"},
    {"SPR", "Stored Procedure Request Definition"},
    {"STF", "Staff Identification"},
    {"STZ", "Sterilization Parameter"},
    {"TCC", "Test Code Configuration"},
    {"TCD", "Test Code Detail"},
    {"TQ1", "Timing/Quantity"},
    {"TQ2", "Timing/Quantity Relationship"},
    {"TXA", "Transcription Document Header"},
    {"UAC", "User Authentication Credential Segment"},
    {"UB1", "UB82"},
    {"UB2", "Uniform Billing Data"},
    {"URD", "Results/update Definition"},
    {"URS", "Unsolicited Selection"},
    {"VAR", "Variance"},
    {"VND", "Purchasing Vendor"},
    {"VTQ", "Virtual Table Query Request"},
});

static_assert(std::is_sorted(segments.begin(), segments.end(),
                             [](const segment_entry& a, const segment_entry& b) { return a.name < b.name; }));

const segment_entry* find_segment(std::string_view name) {
    const auto found =
        std::lower_bound(segments.begin(), segments.end(), name,
                         [](const segment_entry& each, std::string_view key) { return each.name < key; });
    return found != segments.end() && found->name == name ? &*found : nullptr;
}

bool is_capital_or_digit(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

} // namespace

const detail::field_entry* detail::find_field(std::string_view segment, std::size_t field) {
    for (const std::span<const field_table> tables : {visit_tables(), orders_tables(), acts_tables()}) {
        for (const field_table& table : tables) {
            if (table.segment == segment) {
                return field >= 1 && field <= table.fields.size() ? &table.fields[field - 1] : nullptr;
            }
        }
    }
    return nullptr;
}

bool is_known_segment(std::string_view name) {
    if (name.size() == 3 && name[0] == 'Z') {
        return is_capital_or_digit(name[1]) && is_capital_or_digit(name[2]);
    }
    return find_segment(name) != nullptr;
}

std::string_view segment_title(std::string_view name) {
    const segment_entry* found = find_segment(name);
    return found == nullptr ? std::string_view() : found->title;
}

std::string_view field_title(std::string_view segment, std::size_t field) {
    const detail::field_entry* found = detail::find_field(segment, field);
    return found == nullptr ? std::string_view() : found->title;
}

disclosure disclosure_of(std::string_view segment, std::size_t field) {
    const detail::field_entry* found = detail::find_field(segment, field);
    return found == nullptr ? disclosure::person : found->shown;
}

} // namespace auditgate::hl7v2
