#include "mapping/cases/opioid_records.hpp"

#include "mapping/cases/score.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

namespace auditgate::mapping {

namespace {

using std::chrono::days;
using std::chrono::hours;

constexpr std::int64_t thousand = 1000;
constexpr std::int64_t minutes_a_day = 1440;
constexpr ome_nanograms nanograms_a_milligram = 1'000'000;

struct measured {
    std::optional<std::int64_t> size;
    std::int64_t pieces = thousand; // thousandths
};

// A dose in the base unit of a dimension: as it is, or a count of tablets or patches and their strength.
measured measure(std::string_view dimension, const medication& said, const terminology& codes) {
    const auto strength = said.strength
                              ? codes.in_base_unit(said.strength->number, said.strength->unit, dimension)
                              : std::nullopt;
    if (!said.dose)
        return {strength};
    const auto number = parse_thousandths(said.dose->number);
    if (number && *number <= 0)
        return {0};
    if (const auto dose = codes.in_base_unit(said.dose->number, said.dose->unit, dimension))
        return {dose};
    const bool is_count =
        said.dose->unit.empty() || codes.in_base_unit("1", said.dose->unit, "count").has_value();
    if (!is_count || !number)
        return {};
    return {strength, *number};
}

std::optional<ome_nanograms> scaled(ome_nanograms amount, std::int64_t numerator, std::int64_t denominator) {
    ome_nanograms product = 0;
    if (__builtin_mul_overflow(amount, numerator, &product))
        return std::nullopt;
    return product / denominator;
}

class opioid_reader {
public:
    explicit opioid_reader(const case_context& context)
        : context_(context), rules_(context.definition.opioid), codes_(*context.definition.codes) {}

    opioid_records run() {
        if (rules_.table == nullptr || rules_.drugs == nullptr)
            return {};
        for (const fact* one : context_.facts_of<medication>())
            read(*one);
        same_order_from_several_feeds();
        same_dose_from_several_feeds();
        later_patch_ends_earlier();
        return std::move(read_);
    }

private:
    void read(const fact& one) {
        const medication& said = *one.is->as<medication>();
        const auto drug = opioid_drug(one, rules_);
        const bool is_given = said.kind == medication_kind::administration;
        if (!drug || said.status == medication_status::cancelled || !one.is->when ||
            (is_given && !one.has_date()))
            return;
        opioid_record record;
        record.from = &one;
        record.is = &said;
        record.drug = *drug;
        for (const coding& sent : said.route) {
            if (record.route.empty() && rules_.routes != nullptr)
                record.route = rules_.routes->word_for(codes_.normalise(sent), one.is->sender).value_or("");
        }
        // Of an order since some day of a month or year only the last one is certain.
        record.start = one.has_date() ? one.is->when->local : local_instant(one.is->when->last_date());
        if (said.end)
            record.end = said.end->as_end();
        // A rate on another way into the body is an infusion.
        record.is_patch = rules_.table->has_patches(record.route);
        const measured dose = measure(record.is_patch ? "rate" : "mass", said, codes_);
        record.size = dose.size;
        record.pieces = dose.pieces;
        count(record);
        if (is_given && record.is_patch && !record.end)
            record.end = end_of_wear(record);
        (is_given ? read_.given : read_.orders).push_back(std::move(record));
    }

    void count(opioid_record& record) const {
        const auto of_one = [&](std::int64_t size) {
            return record.is_patch ? rules_.table->of_patch(record.drug, record.route, size)
                                   : rules_.table->of_dose(record.drug, record.route, size);
        };
        constexpr std::int64_t any_size = 1;
        if (!of_one(any_size))
            return; // no factor is agreed
        if (!record.size) {
            record.flag = record.is_patch ? "" : "unit-unknown";
            return;
        }
        // By one patch or tablet, for some strengths have an equivalent of their own.
        const auto each = of_one(*record.size);
        auto daily = each ? scaled(*each, record.pieces, thousand) : std::nullopt;
        if (record.is->kind != medication_kind::administration && !record.is_patch) {
            const auto& frequency = record.is->frequency;
            if (!frequency || frequency->count <= 0 || frequency->period_minutes <= 0)
                return;
            if (daily)
                daily = scaled(*daily, frequency->count * minutes_a_day, frequency->period_minutes);
        }
        if (*record.size > 0 && daily && *daily <= ome_mg_a_day_max * nanograms_a_milligram)
            record.daily = daily;
        else
            record.flag = "out-of-range";
    }

    // A patch whose wear time nobody knows is worn on its own day.
    local_instant end_of_wear(const opioid_record& record) const {
        if (const auto worn = codes_.wear_hours(record.drug, record.size))
            return record.start + hours(*worn);
        return std::chrono::floor<days>(record.start) + days(1);
    }

    // Of orders of one drug that share a number, from different feeds, the one recorded last stands.
    void same_order_from_several_feeds() {
        std::multimap<std::string_view, const fact*> by_number;
        for (const fact* one : context_.facts_of<medication>()) {
            const medication& said = *one->is->as<medication>();
            if (said.kind == medication_kind::administration)
                continue;
            for (const std::string& number : said.order_numbers)
                by_number.emplace(number, one);
        }
        std::erase_if(read_.orders, [&](const opioid_record& one) {
            return std::ranges::any_of(one.is->order_numbers, [&](const std::string& number) {
                const auto [first, last] = by_number.equal_range(number);
                return std::any_of(first, last,
                                   [&](const auto& other) { return is_replaced_by(one, *other.second); });
            });
        });
    }

    // A message that only stops or cancels may leave the drug unsaid.
    bool is_replaced_by(const opioid_record& one, const fact& other) const {
        if (other.is->feed == one.from->is->feed)
            return false;
        const bool same_drug =
            other.is->as<medication>()->drug.empty() || opioid_drug(other, rules_) == one.drug;
        if (!same_drug || other.is->recorded != one.from->is->recorded)
            return same_drug && other.is->recorded > one.from->is->recorded;
        return content_hash(*other.is) < content_hash(*one.from->is);
    }

    // The same drug, route, amount and minute from two feeds is one dose: the feed that has most of them counts.
    void same_dose_from_several_feeds() {
        using dose_key = std::tuple<std::string, std::string, std::optional<std::int64_t>, std::int64_t,
                                    std::int64_t, bool>;
        std::map<dose_key, std::map<std::string, std::vector<opioid_record*>>> doses;
        for (opioid_record& one : read_.given) {
            const auto minute =
                std::chrono::floor<std::chrono::minutes>(one.start).time_since_epoch().count();
            doses[{one.drug, one.route, one.size, one.pieces, minute, one.was_given()}][one.from->is->feed]
                .push_back(&one);
        }
        std::set<const fact*> doubles;
        for (auto& [key, by_feed] : doses) {
            for (auto& [feed, of_feed] : by_feed)
                std::ranges::stable_sort(of_feed, ends_earlier);
            const auto most =
                std::ranges::max_element(by_feed, {}, [](const auto& feed) { return feed.second.size(); });
            for (auto& [feed, of_feed] : by_feed) {
                if (feed == most->first)
                    continue;
                // Only one of the feeds may know when a patch was taken off.
                for (std::size_t i = 0; i < of_feed.size(); ++i) {
                    if (ends_earlier(of_feed[i], most->second[i]))
                        most->second[i]->end = of_feed[i]->end;
                    doubles.insert(of_feed[i]->from);
                }
            }
        }
        std::erase_if(read_.given, [&](const opioid_record& one) { return doubles.contains(one.from); });
    }

    static bool ends_earlier(const opioid_record* left, const opioid_record* right) {
        return left->end && (!right->end || *left->end < *right->end);
    }

    void later_patch_ends_earlier() {
        for (opioid_record& earlier : read_.given) {
            if (!earlier.is_patch || !earlier.was_given())
                continue;
            for (const opioid_record& later : read_.given) {
                if (later.is_patch && later.was_given() && later.start > earlier.start &&
                    later.drug == earlier.drug && later.size == earlier.size &&
                    (!earlier.end || later.start < *earlier.end))
                    earlier.end = later.start;
            }
        }
    }

    const case_context& context_;
    const opioid_rules& rules_;
    const terminology& codes_;
    opioid_records read_;
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

opioid_records read_opioids(const case_context& context) {
    return opioid_reader(context).run();
}

} // namespace auditgate::mapping
