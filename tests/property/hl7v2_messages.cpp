#include "tests/property/rendering.hpp"

#include <utility>

namespace auditgate::test {

namespace {

using namespace std::string_literals;
using std::chrono::days;

constexpr std::array<std::string_view, 5> sites{"36470004", "11994002", "19695001", "14293000", "23215003"};
constexpr std::array<std::string_view, 6> levels{"L3", "L4", "T12", "L1", "S1", "unheard-of"};

std::string header(const telling& one, int family, std::string_view sender, std::string_view type,
                   std::string_view version) {
    return "MSH|^~\\&|" + std::string(sender) + "|RXX|AUDITGATE|AUDIT|" + recorded_time(one) + "||" +
           std::string(type) + "|" + name_of("MSG", one, family) + std::to_string(one.value) + "|P|" +
           std::string(version) + "\r";
}

std::string local(const std::string& number, const char* organisation = "RXX") {
    return number + "^^^" + organisation + "^MR";
}

std::string national(const std::string& number) {
    return number + "^^^NHS^NH";
}

std::string identifiers(const telling& one, int family) {
    const person who = person_of(family, one.patient);
    switch (one.numbers) {
    case 1:
        return local(who.local_number);
    case 2:
        return national(who.nhs_number.substr(0, 3) + ' ' + who.nhs_number.substr(3, 3) + ' ' +
                        who.nhs_number.substr(6));
    case 3:
        return local(who.other_number, "RYY") + '~' + national(who.nhs_number);
    case 4: // somebody has mixed up two patients
        return local(who.local_number) + '~' +
               national(person_of(family, (one.patient + 1) % people).nhs_number);
    case 5:
        return local(who.local_number) + '~' + national("0000000000");
    case 6:
        return "";
    default:
        return local(who.local_number) + '~' + national(who.nhs_number);
    }
}

std::string date_text(std::chrono::sys_days day) {
    return hl7v2_time({day, 0});
}

// `last` are PID-29 and PID-30.
std::string pid(const telling& one, int family, const std::string& last = "") {
    const person who = person_of(family, one.patient);
    return "PID|1||" + identifiers(one, family) + "||" + who.surname + '^' + who.given + "||" +
           date_text(who.born) + '|' + who.sex + "|||" + who.street + "^^" + who.town + "^^" + who.postcode +
           "||" + who.phone + "|||||||||A|||||||" + last + "\r";
}

std::string pv1(const telling& one, int family) {
    static constexpr std::array<std::string_view, 4> classes{"D", "I", "O", "DAY CASE"};
    const moment start = happened(one);
    return "PV1|1|" + std::string(pick(classes, one.value)) + "|WARD1^^^RXX01||||" + std::string(clinician) +
           "||||||||||||" + name_of("V", one, family) + "|||||||||||||||||||||||||" +
           hl7v2_time({start.day, 7 * 60 + 30}) + "|" +
           (one.value % 3 == 2 ? "" : hl7v2_time({start.day + days(one.value % 4), 17 * 60 + 45})) + "\r";
}

std::string diagnoses(const telling& one) {
    static constexpr std::array<std::string_view, 7> codes{"C50.9", "C61",   "C79.5", "D16.6",
                                                           "G95.2", "C90.0", "M49.5"};
    std::string all;
    for (int i = 0; i < one.value % 3; ++i)
        all += "DG1|" + std::to_string(i + 1) + "||" + std::string(pick(codes, one.value / 3 + i * 2)) +
               "^text^I10|free text|" + date_text(happened(one).day - days(40 * i)) + "|W\r";
    return all;
}

// OPCS-4 codes of an ablation, of one with cement, of operations that do not count.
std::vector<std::string_view> operation_codes(int value) {
    switch (value % 8) {
    case 5:
        return {"V43.8", "V55.1", "Y13.4", "Y53.4", "Z66.5", "V44.4"};
    case 6:
        return {"V48.2", "Z66.5"};
    case 7:
        return {"J12.4", "X99.9"};
    default:
        return {"V43.8", "V55.1", "Y13.4", "Y53.4", "Z66.5"};
    }
}

// `action`: PR1-20.
std::string procedures(const telling& one, std::string_view action = "") {
    std::string all;
    int number = 0;
    const std::string when = hl7v2_time(happened(one));
    for (const std::string_view code : operation_codes(one.value)) {
        ++number;
        all += "PR1|" + std::to_string(number) + "||" + std::string(code) + "^text^OPCS4||" + when +
               "||||||" + std::string(clinician) + "|||||" +
               (number == 1 ? std::string(pick(sites, one.value)) + "^^SCT" : "");
        if (!action.empty())
            all += "|||" + std::to_string(one.patient) + "PR" + std::to_string(one.thing * 10 + number) +
                   "^RXX|" + std::string(action);
        all += '\r';
    }
    return all;
}

std::string adt(const telling& one, int family, std::string_view event, const std::string& segments,
                std::string_view version = "2.4") {
    return header(one, family, "PAS", "ADT^" + std::string(event), version) + "EVN|" +
           std::string(event).substr(0, 3) + "|" + recorded_time(one) + "\r" + segments;
}

std::string coded_stay(const telling& one, int family) {
    std::string sets = diagnoses(one);
    if (one.version == 2)
        sets += "PR1|1||\"\"\r";
    else if (one.value % 11 != 10)
        sets += procedures(one);
    return adt(one, family, "A08^ADT_A01", pid(one, family) + pv1(one, family) + sets);
}

std::string charges(const telling& one, int family) {
    std::string all = header(one, family, "BILLING", "DFT^P03", "2.3.1") + pid(one, family);
    int number = 0;
    for (const std::string_view code : operation_codes(one.value))
        all += "FT1|" + std::to_string(++number) + "|||" + hl7v2_time(happened(one)) + "|" +
               recorded_time(one) + "|CG|RFA^charge^L||||||||||||||||||" + std::string(code) +
               "^text^OPCS4\r";
    return all;
}

std::string coded_later(const telling& one, int family) {
    static constexpr std::array<std::string_view, 3> actions{"A", "U", "D"};
    return header(one, family, "CODING", "BAR^P12^BAR_P12", "2.5.1") + pid(one, family) +
           procedures(one, pick(actions, one.version));
}

std::string obr(const telling& one, int family, std::string_view code) {
    static constexpr std::array<std::string_view, 3> results{"F", "C", "C"};
    return "OBR|1||" + name_of("REP", one, family) + "|" + std::string(code) + "|||" +
           hl7v2_time(happened(one)) + "|||||||||||||||" + recorded_time(one) + "|||" +
           std::string(pick(results, one.version)) + "\r";
}

// `code` is OBX-3 and `value` OBX-5; `group` OBX-4.
std::string obx(const telling& one, int number, std::string_view type, std::string_view code,
                std::string_view value, std::string_view group = "") {
    static constexpr std::array<std::string_view, 3> results{"F", "C", "D"};
    return "OBX|" + std::to_string(number) + '|' + std::string(type) + '|' + std::string(code) + "^text^L|" +
           std::string(group) + '|' + std::string(value) + "||||||" +
           std::string(pick(results, one.version)) + "|||" + hl7v2_time(happened(one)) + "\r";
}

std::string note(const telling& one, int family) {
    return "NTE|1||" + person_of(family, one.patient).note + "\r";
}

std::string operation_note(const telling& one, int family) {
    static constexpr std::array<std::string_view, 3> events{"T02^MDM_T02", "T10^MDM_T02", "T11^MDM_T01"};
    const std::string document = name_of("DOC", one, family);
    std::string all = header(one, family, "EPR", "MDM^" + std::string(pick(events, one.version)), "2.5.1") +
                      pid(one, family);
    if (one.version != 2)
        all += "OBR|1|||438791002^report^SCT|||" + hl7v2_time(happened(one)) + "|||||||||||||||" +
               recorded_time(one) + "|||F\r";
    all += "TXA|1|OP^Operation note|TX|" + recorded_time(one) + "||||||||" +
           (one.version == 1 ? document + "B|" + document : document) + "|||||AU\r";
    if (one.version == 2)
        return all;
    const telling first = [&] {
        telling copy = one;
        copy.version = 0;
        return copy;
    }();
    return all + obx(first, 1, "CWE", "RFA-LEVEL", std::string(pick(levels, one.value)) + "^^L") +
           obx(first, 2, "TX", "NARRATIVE", person_of(family, one.patient).note);
}

std::string operation_items(const telling& one, int family) {
    using row = std::pair<std::string_view, std::string_view>;
    static constexpr std::array<row, 14> items{{{"RFA-LEVEL", "L3"},
                                                {"RFA-LEVEL", "T12"},
                                                {"RFA-STATUS", "completed"},
                                                {"RFA-STATUS", "stopped"},
                                                {"RFA-STATUS", "not-done"},
                                                {"RFA-CEMENT", "none"},
                                                {"RFA-CEMENT", "kyphoplasty"},
                                                {"RFA-ELECTRODE", "bipolar"},
                                                {"RFA-ELECTRODE", "monopolar"},
                                                {"RFA-ROUTE", "transpedicular"},
                                                {"RFA-ANAESTHESIA", "general"},
                                                {"RFA-GUIDANCE", "ct"},
                                                {"RFA-LESION-TYPE", "lytic"},
                                                {"RFA-ACCESS", "surgical"}}};
    std::string all =
        header(one, family, "RIS", "ORU^R01^ORU_R01", "2.5.1") + pid(one, family) + obr(one, family, "OP^^L");
    for (int i = 0; i < 3; ++i) {
        const auto& [code, value] = items[static_cast<std::size_t>(one.value + i * 5) % items.size()];
        all += obx(one, i + 1, "CWE", code, std::string(value) + "^^L");
    }
    return all + note(one, family);
}

std::string scores(const telling& one, int family) {
    static constexpr std::array<std::string_view, 7> codes{
        "BPI-WORST", "BPI-AVERAGE", "PAIN-NRS", "BPI-INTERFERENCE", "PAIN-VAS", "EQ-VAS", "OME-24H"};
    static constexpr std::array<std::string_view, 12> values{"8", "3", "0",   "6",  "10",     "7",
                                                             "5", "2", "6.5", "11", "severe", "\"\""};
    static constexpr std::array<std::string_view, 3> profiles{"32443", "11121", "99999"};
    const std::string value(pick(values, one.value));
    return header(one, family, "PROMS", "ORU^R01^ORU_R01", "2.5.1") + pid(one, family) +
           (one.value % 5 == 4 ? "PV1|1|I|WARD1^^^RXX01\r" : "") + obr(one, family, "PROM^^L") +
           obx(one, 1, value == "severe" ? "ST" : "NM", pick(codes, one.value / 2), value) +
           obx(one, 2, "NM", "BPI-WORST", std::to_string((one.value * 7) % 11)) +
           obx(one, 3, "ST", "EQ5D-PROFILE", pick(profiles, one.value)) + note(one, family);
}

std::string adverse_event(const telling& one, int family) {
    static constexpr std::array<std::string_view, 6> categories{
        "infection", "pain-flare", "bleeding", "skin-or-soft-tissue-burn", "death", "unheard-of"};
    static constexpr std::array<std::string_view, 4> causes{"procedure", "device", "unrelated", "unknown"};
    return header(one, family, "EPR", "ORU^R01^ORU_R01", "2.5.1") + pid(one, family) +
           obr(one, family, "ADVERSE-EVENT^^L") +
           obx(one, 1, "CWE", "AE-CATEGORY", std::string(pick(categories, one.value)) + "^^L", "1") +
           obx(one, 2, "NM", "AE-GRADE", std::to_string(one.value % 6), "1") +
           obx(one, 3, "CWE", "AE-RELATEDNESS", std::string(pick(causes, one.value / 2)) + "^^L", "1") +
           obx(one, 4, "DT", "AE-ONSET", date_text(happened(one).day - days(one.value % 7 - 1)), "1");
}

std::string history(const telling& one, int family) {
    using row = std::pair<std::string_view, std::string_view>;
    static constexpr std::array<row, 8> rows{{{"ECOG", "1"},
                                              {"PRIOR-TREATMENT", "radiotherapy^^L"},
                                              {"SUBSEQUENT-TREATMENT", "systemic^^L"},
                                              {"FOLLOW-UP-STATUS", "transferred^^L"},
                                              {"FOLLOW-UP-STATUS", "lost^^L"},
                                              {"FOLLOW-UP-STATUS", "active^^L"},
                                              {"ECOG", "4"},
                                              {"SUBSEQUENT-TREATMENT", "radiotherapy^^L"}}};
    const auto& [code, value] = rows[static_cast<std::size_t>(one.value) % rows.size()];
    return header(one, family, "EPR", "ORU^R01^ORU_R01", "2.5.1") + pid(one, family) +
           obr(one, family, "CLINIC^^L") + obx(one, 1, code == "ECOG" ? "NM" : "CWE", code, value) +
           obx(one, 2, "DT", "MDT-DATE", date_text(happened(one).day - days(one.value % 12))) +
           note(one, family);
}

std::string orders(const telling& one, int family) {
    static constexpr std::array<std::string_view, 6> drugs{"N02AA01", "N02AA05", "R05DA04",
                                                           "N07BC02", "N02AX02", "N99ZZ99"};
    static constexpr std::array<std::string_view, 5> doses{"30", "10", "20", "7.5", ""};
    static constexpr std::array<std::string_view, 4> times{"BD", "Q4H", "OD", "PRN"};
    static constexpr std::array<std::string_view, 4> controls{"NW", "XO", "DC", "CA"};
    const moment start = happened(one);
    const std::string end =
        one.value % 3 == 0 ? hl7v2_time({start.day + days(1 + one.value * 3), start.minute}) : "";
    const std::string_view control = pick(controls, one.version == 2 ? 2 + one.value % 2 : one.version);
    return header(one, family, "EPMA", "RDE^O11^RDE_O11", "2.5.1") + pid(one, family) + "ORC|" +
           std::string(control) + "|" + name_of("ORD", one, family) + "|||||||" + recorded_time(one) + "|||" +
           std::string(clinician) +
           (control == "DC" ? "|||" + hl7v2_time({start.day + days(one.value % 40), 9 * 60}) : "") +
           "\rRXE||" + std::string(pick(drugs, one.value / 2)) + "^text^ATC|" +
           std::string(pick(doses, one.value)) + "||mg||^take as directed\rTQ1|1||" +
           std::string(pick(times, one.value / 3)) + "||||" + hl7v2_time(start) + "|" + end +
           "\rRXR|PO^Oral^HL70162\r";
}

std::string doses(const telling& one, int family) {
    const std::string when = hl7v2_time({happened(one).day, one.minute == 0 ? 8 * 60 : one.minute});
    const bool patch = one.value % 3 == 0;
    return header(one, family, "EPMA", "RAS^O17^RAS_O17", "2.5.1") + pid(one, family) + "ORC|RE|" +
           name_of("ADM", one, family) + "\rRXA|0|1|" + when + "|" + when + "|" +
           (patch ? "N02AB03^text^ATC|1|patch"
                  : "N02AA01^text^ATC|" + std::to_string(5 + one.value) + "|mg") +
           "|||" + std::string(clinician) + "|||" + (patch ? "25|ug/h" : "|") + "||||||" +
           (one.version == 2 ? "RE" : "CP") + "|A\rRXR|" + (patch ? "TD" : "PO") + "^^HL70162\r";
}

std::string visit(const telling& one, int family) {
    static constexpr std::array<std::string_view, 5> events{"A01^ADT_A01", "A03^ADT_A03", "A01^ADT_A01",
                                                            "A13^ADT_A01", "A11^ADT_A09"};
    const std::string_view event = one.version == 2 ? events[4] : pick(events, one.value);
    return adt(one, family, event, pid(one, family) + pv1(one, family));
}

std::string person_details(const telling& one, int family) {
    static constexpr std::array<std::string_view, 3> deaths{"", "", "\"\"|N"};
    const std::string died = date_text(happened(one).day) + "|Y";
    const bool is_dead = one.version == 0 && one.value % 4 == 3;
    return adt(one, family, one.value % 2 == 0 ? "A28^ADT_A05" : "A31^ADT_A05",
               pid(one, family, is_dead ? died : std::string(pick(deaths, one.version))));
}

telling of_other(const telling& one) {
    telling other = one;
    other.patient = (one.patient + 1 + one.value % 2) % people;
    other.numbers = 1;
    return other;
}

std::string merge(const telling& one, int family) {
    return adt(one, family, "A40^ADT_A39",
               pid(one, family) + "MRG|" + identifiers(of_other(one), family) + "\r");
}

std::string unmerge(const telling& one, int family) {
    return adt(one, family, "A37^ADT_A37", pid(one, family) + pid(of_other(one), family));
}

std::string moved_visit(const telling& one, int family) {
    return adt(one, family, "A45^ADT_A45",
               pid(of_other(one), family) + "MRG|" + identifiers(one, family) + "||||" +
                   name_of("V", one, family) + "\r" + pv1(one, family));
}

std::string booking(const telling& one, int family) {
    const std::string number = name_of("APP", one, family);
    return header(one, family, "PAS", one.version == 0 ? "SIU^S12^SIU_S12" : "SIU^S15^SIU_S12", "2.4") +
           "SCH|" + number + '|' + number + "|||||||45|min|^^45^" + hl7v2_time(happened(one)) + "\r" +
           pid(one, family) + "RGS|1\rAIS|1||438791002^text^SCT|" + hl7v2_time(happened(one)) + "\r";
}

std::string laboratory(const telling& one, int family) {
    return header(one, family, "LAB", "ORU^R01^ORU_R01", "2.5.1") + pid(one, family) +
           obr(one, family, "26958001^^SCT") + "OBX|1|NM|1742-6^ALT^LN||23|U/L|||||F|||" +
           hl7v2_time(happened(one)) + "\r";
}

} // namespace

std::string hl7v2_message(const telling& one, int family) {
    using renderer = std::string (*)(const telling&, int);
    static constexpr std::array<renderer, 17> by_kind{
        coded_stay,    charges, coded_later, operation_note, operation_items, scores,
        adverse_event, history, orders,      doses,          visit,           person_details,
        merge,         unmerge, moved_visit, booking,        laboratory};
    static_assert(by_kind.size() == static_cast<std::size_t>(told::fhir_procedure));
    return by_kind[static_cast<std::size_t>(one.what)](one, family);
}

} // namespace auditgate::test
