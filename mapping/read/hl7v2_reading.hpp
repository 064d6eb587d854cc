// What the readers of HL7 v2 segments share. For the files hl7v2_*.cpp of this folder.
//
// To read another segment: write `void read_<name>(hl7v2_reading&, const hl7v2::segment_view&)` in the file of its
// group, declare it below, and add a row to the table in hl7v2_readers.cpp.
#pragma once

#include "hl7v2/message.hpp"
#include "mapping/read/reading.hpp"

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace auditgate::mapping {

// The codings of a coded element (CE, CWE, CNE): the triplet and the alternate one, each with a code.
[[nodiscard]] codings read_codings(const hl7v2::repetition_view& coded);
// Those of all repetitions.
[[nodiscard]] codings read_codings(const hl7v2::field_view& coded);
// A number and the unit in another field; none without a number.
[[nodiscard]] std::optional<amount> read_amount(const hl7v2::field_view& number,
                                                const hl7v2::field_view& unit);

// One message while it is read segment by segment. Patient, visit, order and report are those that the segment at hand
// belongs to: the last ones before it.
class hl7v2_reading {
public:
    hl7v2_reading(reading& all, const hl7v2::message& message);

    [[nodiscard]] const hl7v2::message& message() const { return message_; }
    [[nodiscard]] const source_profile& profile() const { return all_.profile(); }
    [[nodiscard]] const civil_time& zone() const { return all_.zone(); }
    [[nodiscard]] const std::string& family() const { return family_; }   // ADT, ORU: MSH-9.1
    [[nodiscard]] const std::string& trigger() const { return trigger_; } // A08: MSH-9.2, else EVN-1
    [[nodiscard]] bool is_order_message() const; // what should be done: ORM, OMI, OMG, OML, OMP ...
    [[nodiscard]] bool is_answer() const;        // to an order or a query: it has an MSA
    [[nodiscard]] bool has_trigger(std::initializer_list<std::string_view> triggers) const;
    [[nodiscard]] bool
    has_version_before_2_5() const; // MSH-12; a version that cannot be read is not before it

    [[nodiscard]] const event_time& sent_at() const { return sent_at_; } // MSH-7, else when it was received

    // Context; absent views where there is none yet.
    void enter_patient(const hl7v2::segment_view& pid);
    void enter_visit(const hl7v2::segment_view& pv1);
    void enter_order(const hl7v2::segment_view& orc);
    void enter_report(const hl7v2::segment_view& obr);
    void enter_schedule(const hl7v2::segment_view& sch) { schedule_ = sch; }
    [[nodiscard]] const std::string& patient_class() const { return patient_class_; } // PV1-2
    [[nodiscard]] const hl7v2::segment_view& order() const { return order_; }
    // TQ1 between ORC and what is ordered; those behind this segment.
    [[nodiscard]] const std::vector<hl7v2::segment_view>& order_timings() const { return order_timings_; }
    [[nodiscard]] std::vector<hl7v2::segment_view> timings_behind(const hl7v2::segment_view& from) const;
    // Some order of the message replaces another (ORC-1 RO).
    [[nodiscard]] bool has_replacing_order();
    // RXR behind RXO, for an RXE of that order without one of its own.
    void enter_prescription(const hl7v2::segment_view& rxo);
    [[nodiscard]] const hl7v2::segment_view& prescribed_route() const { return prescribed_route_; }
    [[nodiscard]] const hl7v2::segment_view& report() const { return report_; }
    [[nodiscard]] const std::string& report_number() const {
        return report_number_;
    } // OBR-3, else OBR-2, else TXA-12 of an MDM
    [[nodiscard]] const std::optional<event_time>& reported_at() const { return reported_at_; } // OBR-7
    [[nodiscard]] const hl7v2::segment_view& schedule() const { return schedule_; }
    [[nodiscard]] const std::vector<std::string>& patient_keys() const { return patient_keys_; }
    // Of the whole message: EVN, TXA of an MDM, and ZU1 (HL7 UK A.3: more about the visit).
    [[nodiscard]] const hl7v2::segment_view& document() const { return document_; }
    // event::document of the document with this number, and of the one in this message; "" without one.
    [[nodiscard]] std::string document_key(std::string_view number) const {
        return fact_key("document", number);
    }
    [[nodiscard]] const std::string& document_key() const { return document_key_; }
    // The document was taken back: MDM^T11, or TXA-19 says so.
    [[nodiscard]] bool is_document_cancelled() const;
    [[nodiscard]] const hl7v2::segment_view& event_segment() const { return event_segment_; }
    [[nodiscard]] const hl7v2::segment_view& uk_visit() const { return uk_visit_; }

    // The first segment of this name after `from` and before the next segment that is one of `ends`. Let the segments that it
    // is asked for be among `ends`, so that a message is walked once and not once for each of them.
    [[nodiscard]] hl7v2::segment_view following(const hl7v2::segment_view& from, std::string_view name,
                                                const std::vector<std::string>& ends) const;
    // RXR of a run of RXA (v2.5.1 section 4.4.13: {RXA} RXR): found once for all of them.
    [[nodiscard]] const hl7v2::segment_view& administration_route(const hl7v2::segment_view& rxa);

    // An event of this segment with all that the context says: sender, feed, subject, visit, organisation, recorded.
    [[nodiscard]] event start(const hl7v2::segment_view& at) const;
    // SENDER|FEED|<what>|<identity>: the key of a fact that its sender numbers; "" when the number is missing.
    [[nodiscard]] std::string fact_key(std::string_view what, std::string_view identity) const;
    // The same for the n-th fact of that number in this message.
    [[nodiscard]] std::string numbered(const std::string& key) {
        return key.empty() ? key : all_.numbered(key);
    }
    // Key of a fact without a number: code and date, complete with the patient only (event::key_scope::patient).
    void set_key_by_code(event& fact, std::string_view what, const codings& codes);
    // The set of PR1 (DG1) that this message gives of its visit; "" when omission says nothing.
    [[nodiscard]] std::string snapshot_set(std::string_view segment) const;
    void add(event fact, event_payload payload);
    [[nodiscard]] bool is_refused() const {
        return all_.is_refused();
    } // too much in it: reading more is of no use

    // A time stamp; what is not one is a finding at `field` of the segment.
    [[nodiscard]] std::optional<event_time> time(const hl7v2::element_view& content,
                                                 const hl7v2::segment_view& at, std::size_t field);
    // Identity keys of a field that is a list of identifiers (CX). With `like_pid` a number without a type is of the kind
    // that PID-3 has from the same authority: MRG-1 often leaves the type out.
    [[nodiscard]] std::vector<std::string> identity_keys(const hl7v2::segment_view& at, std::size_t field,
                                                         bool like_pid = false);
    // Codes without a system are of this one: PR1-2, DG1-2 and PR1-3, DG1-3 were apart until version 2.3.
    static void set_missing_systems(codings& codes, const hl7v2::field_view& system);

    // Why a field gave nothing (part_note).
    void note(const hl7v2::segment_view& at, std::size_t field, std::string text);

    void find(std::string code, finding_level level, const hl7v2::segment_view& at, std::size_t field,
              std::string text);

private:
    // Index of the first segment after `from` that has this name or is one of `ends`; the number of segments without one.
    [[nodiscard]] std::size_t search(const hl7v2::segment_view& from, std::string_view name,
                                     const std::vector<std::string>& ends) const;

    reading& all_;
    const hl7v2::message& message_;
    std::string family_, trigger_, sender_, feed_;
    event_time sent_at_;
    std::vector<std::string> patient_keys_;
    std::vector<std::string> local_authorities_; // of the numbers in PID-3 that are the hospital's own
    hl7v2::segment_view event_segment_, uk_visit_, document_, order_, report_, schedule_, prescribed_route_;
    std::vector<hl7v2::segment_view> order_timings_;
    std::string document_key_;
    std::optional<bool> has_replacing_order_; // once it has been asked for
    // Taken from PV1 and OBR once, and not for each of the many facts that stand under them.
    std::string visit_number_, patient_class_, organisation_, report_number_;
    std::optional<event_time> reported_at_;
    hl7v2::segment_view administration_route_;
    std::size_t route_searched_to_ = 0; // administration_route_ holds for every RXA before this index
};

// PID, MRG
void read_pid(hl7v2_reading& from, const hl7v2::segment_view& pid);
void read_mrg(hl7v2_reading& from, const hl7v2::segment_view& mrg);
// PV1, CON
void read_pv1(hl7v2_reading& from, const hl7v2::segment_view& pv1);
void read_con(hl7v2_reading& from, const hl7v2::segment_view& con);
// PR1, DG1, FT1, PRB
void read_pr1(hl7v2_reading& from, const hl7v2::segment_view& pr1);
void read_dg1(hl7v2_reading& from, const hl7v2::segment_view& dg1);
void read_ft1(hl7v2_reading& from, const hl7v2::segment_view& ft1);
void read_prb(hl7v2_reading& from, const hl7v2::segment_view& prb);
// TXA, ORC, OBR, OBX
void read_txa(hl7v2_reading& from, const hl7v2::segment_view& txa);
void read_orc(hl7v2_reading& from, const hl7v2::segment_view& orc);
void read_obr(hl7v2_reading& from, const hl7v2::segment_view& obr);
void read_obx(hl7v2_reading& from, const hl7v2::segment_view& obx);
// RXO, RXE, RXA
void read_rxo(hl7v2_reading& from, const hl7v2::segment_view& rxo);
void read_rxe(hl7v2_reading& from, const hl7v2::segment_view& rxe);
void read_rxa(hl7v2_reading& from, const hl7v2::segment_view& rxa);
// SCH, AIS, and OBR of an order
void read_sch(hl7v2_reading& from, const hl7v2::segment_view& sch);
void read_ais(hl7v2_reading& from, const hl7v2::segment_view& ais);
void read_ordered_service(hl7v2_reading& from, const hl7v2::segment_view& obr);

// ORC-1 CA, OC (and CR, the filler's answer to CA): the order will not be carried out.
[[nodiscard]] bool is_cancelled(const hl7v2::segment_view& orc);
// ORC-2, else ORC-3.
[[nodiscard]] std::string order_number(const hl7v2::segment_view& orc);

} // namespace auditgate::mapping
