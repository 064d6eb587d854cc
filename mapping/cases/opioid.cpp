#include "mapping/cases/opioid.hpp"
#include "mapping/cases/opioid_records.hpp"
#include "mapping/cases/score.hpp"
#include "mapping/cases/visits.hpp"

#include <algorithm>
#include <set>

namespace auditgate::mapping {

namespace {

using std::chrono::days;

class opioid_sum {
public:
    opioid_sum(case_context& context, std::int64_t day)
        : context_(context), rules_(context.definition.opioid), codes_(*context.definition.codes),
          date_(context.date_of(day)), from_(date_), to_(date_ + days(1)), records_(read_opioids(context)) {}

    opioid_day compute() {
        if (const auto reported = reported_amount())
            return {computability::full, *reported};
        if (has_administration_record())
            return sum_of(given_on_day());
        const std::vector<const opioid_record*> regular = ordered_on_day(false);
        if (!regular.empty())
            return sum_of(regular);
        if (!ordered_on_day(true).empty())
            return {computability::not_computable, 0};
        const auto discharge = last_end_at_discharge();
        const auto ended_otherwise = [&](bool as_needed) {
            return std::ranges::any_of(records_.orders, [&](const opioid_record& one) {
                return one.is->as_needed == as_needed && one.over_by(from_) &&
                       (!discharge || *one.end > *discharge);
            });
        };
        if (ended_otherwise(false) || stay_without_opioids_now())
            return {computability::full, 0};
        if (ended_otherwise(true))
            return {computability::not_computable, 0};
        return {};
    }

private:
    // (1) A reported 24-hour equivalent.
    std::optional<ome_nanograms> reported_amount() {
        const fact* latest = nullptr;
        std::optional<ome_nanograms> result;
        for (const fact* one : context_.observations(rules_.reported)) {
            if (one->date() != date_)
                continue;
            assessment_value form;
            form.form = number_form::three_decimals;
            form.max = ome_mg_a_day_max;
            const score value = read_score(*one->is, form, context_.definition);
            if (!value.flag.empty())
                context_.flags.insert(value.flag);
            if (!value.usable())
                continue;
            constexpr std::int64_t micrograms_a_milligram = 1000;
            constexpr std::int64_t nanograms_a_microgram = 1000;
            const observed_value& said = one->is->as<observation>()->value;
            const std::string number = thousandths_text(value.thousandths);
            auto micrograms = codes_.in_base_unit(number, said.unit.empty() ? "mg" : said.unit, "mass");
            if (!micrograms)
                micrograms = codes_.in_base_unit(number, said.unit, "daily-mass");
            if (!micrograms)
                context_.flags.insert("unit-unknown");
            else if (*micrograms > ome_mg_a_day_max * micrograms_a_milligram)
                context_.flags.insert("out-of-range");
            else if (latest == nullptr || is_later(one, latest)) {
                latest = one;
                result = *micrograms * nanograms_a_microgram;
            }
        }
        return result;
    }

    // Doses of the day, given or recorded as not given, and patches that are worn on it.
    bool is_of_day(const opioid_record& one) const {
        if (one.is_patch && one.was_given())
            return one.holds_within(from_, to_);
        return one.start >= from_ && one.start < to_;
    }
    bool has_administration_record() const {
        return std::ranges::any_of(records_.given, [&](const opioid_record& one) { return is_of_day(one); });
    }
    std::vector<const opioid_record*> given_on_day() const {
        std::vector<const opioid_record*> result;
        for (const opioid_record& one : records_.given) {
            if (is_of_day(one) && one.was_given())
                result.push_back(&one);
        }
        return result;
    }

    std::vector<const opioid_record*> ordered_on_day(bool as_needed) const {
        std::vector<const opioid_record*> result;
        for (const opioid_record& one : records_.orders) {
            if (one.is->as_needed == as_needed && one.holds_within(from_, to_))
                result.push_back(&one);
        }
        return result;
    }

    // What holds for a time counts by the largest sum at one instant of the day; doses given all count.
    opioid_day sum_of(const std::vector<const opioid_record*>& records) {
        opioid_day result{computability::full, 0};
        bool counted = false;
        bool left_out = false;
        std::vector<const opioid_record*> holding;
        std::set<local_instant> instants = {from_};
        for (const opioid_record* one : records) {
            if (!one->daily) {
                left_out = true;
                if (!one->flag.empty())
                    context_.flags.insert(one->flag);
                continue;
            }
            counted = true;
            if (one->is->kind == medication_kind::administration && !one->is_patch) {
                result.amount += *one->daily;
                continue;
            }
            holding.push_back(one);
            instants.insert(std::max(one->start, from_));
        }
        ome_nanograms largest = 0;
        for (const local_instant at : instants) {
            ome_nanograms sum = 0;
            for (const opioid_record* one : holding)
                sum += one->holds_at(at) ? *one->daily : 0;
            largest = std::max(largest, sum);
        }
        result.amount += largest;
        if (left_out)
            result.computable = counted ? computability::partial : computability::not_computable;
        return result;
    }

    // An order whose end is on the day of a discharge, or the day after, was not stopped: nobody knows what follows.
    std::optional<local_instant> last_end_at_discharge() const {
        std::optional<local_instant> last;
        for (const fact* stay : context_.facts_of<visit>()) {
            const visit& said = *stay->is->as<visit>();
            if (said.ended != assertion::given || !said.end)
                continue;
            for (const opioid_record& one : records_.orders) {
                if (!one.over_by(from_) || !one.is->end)
                    continue;
                const auto after = one.is->end->date() - said.end->date();
                if (after >= days(0) && after <= days(1) && (!last || *one.end > *last))
                    last = one.end;
            }
        }
        return last;
    }

    // An inpatient stay with opioids on earlier days of it, and none on this.
    bool stay_without_opioids_now() const {
        const item* setting = context_.definition.find(derivation::visit_setting);
        if (setting == nullptr || setting->words.empty())
            return false;
        return std::ranges::any_of(context_.facts_of<visit>(), [&](const fact* stay) {
            if (visit_word(*stay, *setting, context_.self.date) != setting->words.front() ||
                !covers(*stay, date_, *setting))
                return false;
            const local_instant since = stay->date();
            const auto in_it = [&](const opioid_record& one) {
                return one.is->kind == medication_kind::administration && !one.is_patch
                           ? one.start >= since && one.start < from_
                           : one.holds_within(since, from_);
            };
            return std::ranges::any_of(records_.given, in_it) || std::ranges::any_of(records_.orders, in_it);
        });
    }

    case_context& context_;
    const opioid_rules& rules_;
    const terminology& codes_;
    std::chrono::local_days date_;
    local_instant from_, to_;
    opioid_records records_;
};

} // namespace

opioid_day opioids_on(case_context& context, std::int64_t day) {
    return opioid_sum(context, day).compute();
}

} // namespace auditgate::mapping
