#include "mapping/cases/completion.hpp"

#include <variant>

namespace auditgate::mapping {

namespace {

// What a later message of the same visit leaves unsaid an earlier one may have said.
void fill_from(visit& later, const visit& earlier) {
    if (later.patient_class.empty())
        later.patient_class = earlier.patient_class;
    if (later.intended_management.empty())
        later.intended_management = earlier.intended_management;
    if (later.ended == assertion::absent) {
        later.ended = earlier.ended;
        later.end = earlier.end;
    }
    if (later.cancelled == assertion::absent)
        later.cancelled = earlier.cancelled;
}

// An order that is only said to be over may have ended before: earlier versions tell when, back to the one that states an
// end or says that there is none.
void fill_end_from(medication& later, const medication& earlier) {
    if (later.ended == order_end::absent) {
        later.ended = earlier.ended;
        later.end = earlier.end;
    } else if (later.ended == order_end::latest && earlier.ended != order_end::absent) {
        if (earlier.end && later.end && earlier.end->as_end() < later.end->as_end())
            later.end = earlier.end;
        if (earlier.ended != order_end::latest)
            later.ended = order_end::given;
    }
}

// A message that stops or cancels an order need not repeat it.
void fill_from(medication& later, const medication& earlier) {
    if (later.drug.empty())
        later.drug = earlier.drug;
    if (!later.dose)
        later.dose = earlier.dose;
    if (!later.strength)
        later.strength = earlier.strength;
    if (later.route.empty())
        later.route = earlier.route;
    if (!later.frequency) {
        later.frequency = earlier.frequency;
        later.as_needed = later.as_needed || earlier.as_needed;
    }
    fill_end_from(later, earlier);
}

// The start of an order stands beside its dosage: without one there is only the day on which it was written.
bool is_start_of_dosage(const event& later, const event& earlier) {
    const auto* order = later.as<medication>();
    const auto* before = earlier.as<medication>();
    return order != nullptr && before != nullptr && order->kind == medication_kind::order &&
           !states_dosage(*order) && states_dosage(*before);
}

template <class payload_type>
void fill_payload(event& later, const event& earlier) {
    auto* into = std::get_if<payload_type>(&later.payload);
    const auto* from = earlier.as<payload_type>();
    if (into != nullptr && from != nullptr)
        fill_from(*into, *from);
}

} // namespace

bool is_cumulative(const event& one) {
    return one.as<visit>() != nullptr || one.as<medication>() != nullptr;
}

void complete_from(event& later, const event& earlier) {
    if (!is_cumulative(later) || later.payload.index() != earlier.payload.index())
        return;
    if (!later.when || (earlier.when && is_start_of_dosage(later, earlier)))
        later.when = earlier.when;
    if (later.organisation.empty())
        later.organisation = earlier.organisation;
    fill_payload<visit>(later, earlier);
    fill_payload<medication>(later, earlier);
}

bool states_dosage(const medication& order) {
    return order.dose || order.frequency || order.as_needed || !order.route.empty();
}

void take_stop(medication& order, const medication& later) {
    medication stopped = later;
    fill_end_from(stopped, order);
    order.status = stopped.status;
    order.ended = stopped.ended;
    order.end = stopped.end;
}

} // namespace auditgate::mapping
