#include "mapping/cases/opioid.hpp"
#include "mapping/cases/score.hpp"
#include "mapping/cases/visits.hpp"

#include <algorithm>
#include <map>
#include <tuple>

namespace auditgate::mapping {

namespace {

using local_instant = std::chrono::local_time<std::chrono::milliseconds>;
using std::chrono::days;
using std::chrono::hours;

constexpr std::int64_t minutes_a_day = 1440;

// One opioid record, in the terms of the opioid table.
struct opioid_record {
    const fact* from = nullptr;
    const medication* is = nullptr;
    std::string drug, route;
    bool is_patch = false;
    std::optional<std::int64_t> size; // ug of one dose, ng/h of a patch
    std::optional<ome_nanograms>
        daily; // of one dose given; of a whole day for patches, orders and statements
    local_instant start{};
    std::optional<local_instant> end; // up to, not including

    [[nodiscard]] bool holds_at(local_instant at) const { return start <= at && (!end || at < *end); }
    [[nodiscard]] bool holds_within(local_instant from_time, local_instant to_time) const {
        return start < to_time && (!end || *end > from_time);
    }
    [[nodiscard]] bool over_by(local_instant at) const { return end && *end <= at; }
};

// An end without a time holds to the end of that day.
local_instant end_of(const event_time& end) {
    return end.has_time() ? end.local : local_instant(end.date() + days(1));
}

// The amount of one dose in the base unit: mass as it is, a count of tablets or patches times their strength.
std::optional<std::int64_t> amount_in(std::string_view dimension, const medication& said,
                                      const terminology& codes) {
    const auto strength = said.strength
                              ? codes.in_base_unit(said.strength->number, said.strength->unit, dimension)
                              : std::nullopt;
    if (!said.dose)
        return strength;
    if (const auto dose = codes.in_base_unit(said.dose->number, said.dose->unit, dimension))
        return dose;
    const bool is_count =
        said.dose->unit.empty() || codes.in_base_unit("1", said.dose->unit, "count").has_value();
    const auto count = parse_thousandths(said.dose->number);
    if (!is_count || !count || !strength)
        return std::nullopt;
    return *strength * *count / 1000;
}

class opioid_reader {
public:
    opioid_reader(case_context& context, std::int64_t day)
        : context_(context), rules_(context.definition.opioid), codes_(*context.definition.codes),
          date_(context.date_of(day)), from_(date_), to_(date_ + days(1)) {
        if (rules_.table == nullptr || rules_.drugs == nullptr)
            return;
        for (const fact* one : context.facts_of<medication>())
            read(*one);
        same_order_from_several_feeds();
        same_dose_from_several_feeds();
        later_patch_ends_earlier();
    }

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
            return std::ranges::any_of(orders_, [&](const opioid_record& one) {
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
    void read(const fact& one) {
        const medication& said = *one.is->as<medication>();
        const auto drug = opioid_drug(one, rules_);
        if (!drug || said.status == medication_status::cancelled || !one.has_date())
            return;
        opioid_record record;
        record.from = &one;
        record.is = &said;
        record.drug = *drug;
        for (const coding& sent : said.route) {
            if (record.route.empty() && rules_.routes != nullptr)
                record.route = rules_.routes->word_for(codes_.normalise(sent), one.is->sender).value_or("");
        }
        record.start = one.is->when->local;
        constexpr std::int64_t any_rate = 1000;
        const auto rate = amount_in("rate", said, codes_);
        record.is_patch = rate || rules_.table->of_patch(record.drug, record.route, any_rate).has_value();
        record.size = record.is_patch ? rate : amount_in("mass", said, codes_);
        if (record.size && record.is_patch)
            record.daily = rules_.table->of_patch(record.drug, record.route, *record.size);
        else if (record.size)
            record.daily = rules_.table->of_dose(record.drug, record.route, *record.size);
        if (said.end)
            record.end = end_of(*said.end);
        if (said.kind == medication_kind::administration) {
            read_administration(record);
        } else {
            multiply_by_frequency(record);
            orders_.push_back(std::move(record));
        }
    }

    void read_administration(opioid_record& record) {
        if (record.is_patch && !record.end) {
            if (const auto worn = codes_.wear_hours(record.drug, record.size))
                record.end = record.start + hours(*worn);
        }
        given_.push_back(std::move(record));
    }

    static void multiply_by_frequency(opioid_record& record) {
        if (record.is_patch || !record.daily)
            return;
        const auto& frequency = record.is->frequency;
        if (!frequency || frequency->count <= 0 || frequency->period_minutes <= 0)
            record.daily.reset();
        else
            record.daily = *record.daily * frequency->count * minutes_a_day / frequency->period_minutes;
    }

    // Of orders that share a number, from whichever feed, the one recorded last stands.
    void same_order_from_several_feeds() {
        std::map<std::string, const fact*> latest;
        const auto is_newer = [](const fact* left, const fact* right) {
            return std::make_tuple(left->is->recorded, content_hash(*right->is)) >
                   std::make_tuple(right->is->recorded, content_hash(*left->is));
        };
        for (const fact* one : context_.facts_of<medication>()) {
            const medication& said = *one->is->as<medication>();
            if (said.kind == medication_kind::administration)
                continue;
            for (const std::string& number : said.order_numbers) {
                const auto [found, is_new] = latest.try_emplace(number, one);
                if (!is_new && is_newer(one, found->second))
                    found->second = one;
            }
        }
        std::erase_if(orders_, [&](const opioid_record& one) {
            return std::ranges::any_of(one.is->order_numbers, [&](const std::string& number) {
                return latest.at(number) != one.from;
            });
        });
    }

    // The same drug, route, amount and minute from two feeds is one dose: the feed that has most of them counts.
    void same_dose_from_several_feeds() {
        using dose_key =
            std::tuple<std::string, std::string, std::optional<std::int64_t>, std::int64_t, bool>;
        std::map<dose_key, std::map<std::string, std::vector<std::size_t>>> doses;
        for (std::size_t i = 0; i < given_.size(); ++i) {
            const opioid_record& one = given_[i];
            const auto minute =
                std::chrono::floor<std::chrono::minutes>(one.start).time_since_epoch().count();
            doses[{one.drug, one.route, one.size, minute, was_given(one)}][one.from->is->feed].push_back(i);
        }
        std::set<std::size_t> doubles;
        for (const auto& [key, by_feed] : doses) {
            const auto most =
                std::ranges::max_element(by_feed, {}, [](const auto& feed) { return feed.second.size(); });
            for (const auto& feed : by_feed) {
                if (feed.first != most->first)
                    doubles.insert(feed.second.begin(), feed.second.end());
            }
        }
        std::vector<opioid_record> kept;
        for (std::size_t i = 0; i < given_.size(); ++i) {
            if (!doubles.contains(i))
                kept.push_back(given_[i]);
        }
        given_ = std::move(kept);
    }

    void later_patch_ends_earlier() {
        for (opioid_record& earlier : given_) {
            if (!earlier.is_patch || !was_given(earlier))
                continue;
            for (const opioid_record& later : given_) {
                if (later.is_patch && was_given(later) && later.start > earlier.start &&
                    later.drug == earlier.drug && later.size == earlier.size &&
                    (!earlier.end || later.start < *earlier.end))
                    earlier.end = later.start;
            }
        }
    }

    static bool was_given(const opioid_record& one) { return one.is->status != medication_status::not_given; }

    // (1) A reported 24-hour equivalent.
    std::optional<ome_nanograms> reported_amount() {
        const fact* latest = nullptr;
        std::optional<ome_nanograms> result;
        for (const fact* one : context_.observations(rules_.reported)) {
            if (one->date() != date_)
                continue;
            assessment_value form;
            form.form = number_form::three_decimals;
            form.max = 100'000;
            const score value = read_score(*one->is, form, context_.definition);
            if (!value.flag.empty())
                context_.flags.insert(value.flag);
            if (!value.usable() || (latest != nullptr && !is_later(one, latest)))
                continue;
            constexpr std::int64_t nanograms_a_microgram = 1000;
            const observed_value& said = one->is->as<observation>()->value;
            const std::string number = thousandths_text(value.thousandths);
            auto micrograms = codes_.in_base_unit(number, said.unit.empty() ? "mg" : said.unit, "mass");
            if (!micrograms)
                micrograms = codes_.in_base_unit(number, said.unit, "daily-mass");
            if (!micrograms)
                continue;
            latest = one;
            result = *micrograms * nanograms_a_microgram;
        }
        return result;
    }

    // Doses of the day, given or recorded as not given, and patches that are worn on it.
    bool is_of_day(const opioid_record& one) const {
        if (one.is_patch && was_given(one))
            return one.holds_within(from_, to_);
        return one.start >= from_ && one.start < to_;
    }
    bool has_administration_record() const {
        return std::ranges::any_of(given_, [&](const opioid_record& one) { return is_of_day(one); });
    }
    std::vector<const opioid_record*> given_on_day() const {
        std::vector<const opioid_record*> result;
        for (const opioid_record& one : given_) {
            if (is_of_day(one) && was_given(one))
                result.push_back(&one);
        }
        return result;
    }

    std::vector<const opioid_record*> ordered_on_day(bool as_needed) const {
        std::vector<const opioid_record*> result;
        for (const opioid_record& one : orders_) {
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
                if (!one->size && !one->is_patch && rules_.table->of_dose(one->drug, one->route, 1))
                    context_.flags.insert("unit-unknown");
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
            for (const opioid_record& one : orders_) {
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
            if (visit_word(*stay, *setting) != setting->words.front() || !covers(*stay, date_, *setting))
                return false;
            const local_instant since = stay->date();
            const auto in_it = [&](const opioid_record& one) {
                return one.is->kind == medication_kind::administration && !one.is_patch
                           ? one.start >= since && one.start < from_
                           : one.holds_within(since, from_);
            };
            return std::ranges::any_of(given_, in_it) || std::ranges::any_of(orders_, in_it);
        });
    }

    case_context& context_;
    const opioid_rules& rules_;
    const terminology& codes_;
    std::chrono::local_days date_;
    local_instant from_, to_;
    std::vector<opioid_record> given_, orders_;
};

} // namespace

std::optional<std::string> opioid_drug(const fact& one, const opioid_rules& rules) {
    if (rules.drugs == nullptr)
        return std::nullopt;
    for (const concept_code& code : one.codes) {
        if (auto drug = rules.drugs->word_for(code, one.is->sender))
            return drug;
    }
    return std::nullopt;
}

opioid_day opioids_on(case_context& context, std::int64_t day) {
    return opioid_reader(context, day).compute();
}

} // namespace auditgate::mapping
