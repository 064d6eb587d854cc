#include "mapping/cases/efficacy.hpp"
#include "mapping/cases/assessments.hpp"
#include "mapping/cases/opioid.hpp"

#include <algorithm>
#include <utility>

namespace auditgate::mapping {

namespace {

// What one row holds before it is written down.
struct row {
    const time_point* at = nullptr;
    std::string status;
    std::vector<const assessment*> chosen;  // for each block
    std::optional<std::int64_t> opioid_day; // the reference day, when there is evidence
    mapping::opioid_day opioid;
};

class row_maker {
public:
    row_maker(case_context& context, const item& rule)
        : context_(context), definition_(context.definition), path_(rule.path()) {
        repeat_ = repeat_date(context);
        death_ = death_date(context);
        withdrawal_ = withdrawal_date(context);
        for (const assessment_block& block : definition_.blocks)
            assessments_.push_back(find_assessments(context, block, repeat_));
    }

    json_value run() {
        for (const time_point& at : definition_.time_points)
            rows_.push_back(make(at));
        json_value result = json_value::array();
        for (const row& one : rows_) {
            note_missing(one);
            result.push_back(write(one));
        }
        return result;
    }

private:
    [[nodiscard]] bool is_baseline(const time_point& at) const {
        return definition_.baseline && &at == &definition_.time_points[*definition_.baseline];
    }
    // The row of the baseline, once it has been made.
    [[nodiscard]] const row* baseline_row() const {
        return definition_.baseline && rows_.size() > *definition_.baseline ? &rows_[*definition_.baseline]
                                                                            : nullptr;
    }

    row make(const time_point& at) {
        row result;
        result.at = &at;
        for (std::size_t i = 0; i < definition_.blocks.size(); ++i) {
            const assessment_block& block = definition_.blocks[i];
            std::optional<std::size_t> preferred;
            const row* base = is_baseline(at) ? nullptr : baseline_row();
            if (base != nullptr && base->chosen[i] != nullptr)
                preferred = base->chosen[i]->instrument;
            const assessment* chosen = choose_assessment(context_, block, assessments_[i], at, preferred);
            result.chosen.push_back(chosen);
            explain(at, block, chosen);
            if (chosen != nullptr && preferred && chosen->instrument != *preferred)
                context_.flags.insert("instrument-change");
            if (chosen != nullptr && block.reference && at.old_before_day && chosen->day < *at.old_before_day)
                context_.flags.insert(at.old_flag);
        }
        result.status = status_of(result);
        add_opioid(result);
        const auto due = context_.date_of(at.due_day);
        context_.changes.insert(due);
        return result;
    }

    void explain(const time_point& at, const assessment_block& block, const assessment* chosen) {
        if (chosen == nullptr)
            return;
        std::vector<const fact*> used;
        for (const auto& [name, reading] : chosen->values)
            used.push_back(reading.from);
        context_.explain(path_ + '.' + at.name + '.' + block.name,
                         is_baseline(at) ? "last assessment before the start"
                                         : "assessment nearest the nominal day",
                         used);
    }

    // Whether something ended the case before day `day`.
    [[nodiscard]] bool over_before(std::int64_t day) const {
        const auto before = [&](const std::optional<std::chrono::local_days>& date) {
            return date && context_.day_of(*date) < day;
        };
        return before(death_) || before(withdrawal_) || before(repeat_);
    }

    [[nodiscard]] std::string status_of(const row& one) const {
        if (std::ranges::any_of(one.chosen, [](const assessment* chosen) { return chosen != nullptr; }))
            return "in-window";
        if (over_before(one.at->window.last))
            return "not-expected";
        return context_.who.as_of < context_.date_of(one.at->due_day) ? "not-due" : "missing";
    }

    void add_opioid(row& to) {
        if (definition_.opioid.name.empty() || (to.status != "in-window" && to.status != "missing"))
            return;
        const assessment* reference = nullptr;
        for (std::size_t i = 0; i < definition_.blocks.size(); ++i) {
            if (definition_.blocks[i].reference)
                reference = to.chosen[i];
        }
        constexpr std::int64_t day_before = -1;
        std::int64_t day = reference != nullptr ? reference->day : to.at->nominal_day;
        if (is_baseline(*to.at))
            day = std::min(day, day_before);
        const auto date = context_.date_of(day);
        if (date > context_.who.as_of) {
            context_.changes.insert(date);
            return;
        }
        const auto before = [&](const std::optional<std::chrono::local_days>& ended) {
            return ended && *ended < date;
        };
        if (reference == nullptr && (before(death_) || before(repeat_)))
            return;
        to.opioid = opioids_on(context_, day);
        if (to.opioid.computable != computability::no_evidence)
            to.opioid_day = day;
    }

    [[nodiscard]] json_value write(const row& one) const {
        json_value result = json_value::object();
        result.set("timepoint", json_value(one.at->name));
        result.set("status", json_value(one.status));
        for (const row_part& part : definition_.row_parts) {
            switch (part.what) {
            case row_part::kind::block: {
                const assessment_block& block = definition_.blocks[part.block];
                result.set(block.name, write_block(block, one.chosen[part.block]));
                break;
            }
            case row_part::kind::opioid:
                result.set(definition_.opioid.name, write_opioid(one));
                break;
            case row_part::kind::response:
                result.set(definition_.response.name, response(one));
                break;
            }
        }
        return result;
    }

    [[nodiscard]] static json_value write_block(const assessment_block& block, const assessment* chosen) {
        json_value result = json_value::object();
        result.set("day", chosen == nullptr ? json_value() : json_value(chosen->day));
        const instrument* kind = chosen == nullptr ? nullptr : &block.instruments[chosen->instrument];
        for (const std::string& name : block.shown) {
            json_value value;
            if (chosen != nullptr) {
                const auto reading = chosen->values.find(name);
                const auto form = std::ranges::find(kind->values, name, &assessment_value::name);
                if (reading != chosen->values.end() && form->form == number_form::digits)
                    value = json_value(std::to_string(reading->second.value.thousandths));
                else if (reading != chosen->values.end())
                    value =
                        json_value(fhir::json::number{thousandths_text(reading->second.value.thousandths)});
            }
            result.set(name, std::move(value));
        }
        if (block.names_instruments())
            result.set("instrument", kind == nullptr ? json_value() : json_value(kind->name));
        return result;
    }

    [[nodiscard]] static json_value write_opioid(const row& one) {
        json_value result = json_value::object();
        const computability how = one.opioid.computable;
        const bool has_amount = how == computability::full || how == computability::partial;
        result.set("day", one.opioid_day ? json_value(*one.opioid_day) : json_value());
        result.set("ome_mg_per_day",
                   has_amount ? json_value(round_to_5_mg(one.opioid.amount)) : json_value());
        json_value word;
        if (how == computability::full)
            word = json_value("full");
        else if (how == computability::partial)
            word = json_value("partial");
        else if (how == computability::not_computable)
            word = json_value("not-computable");
        result.set("computable", std::move(word));
        return result;
    }

    // The leading score of the reference block, in thousandths, with the instrument.
    [[nodiscard]] std::optional<std::pair<std::size_t, std::int64_t>> leading_score(const row& one) const {
        for (std::size_t i = 0; i < definition_.blocks.size(); ++i) {
            const assessment_block& block = definition_.blocks[i];
            if (!block.reference || one.chosen[i] == nullptr)
                continue;
            const auto found = one.chosen[i]->values.find(block.leading);
            if (found != one.chosen[i]->values.end())
                return std::make_pair(one.chosen[i]->instrument, found->second.value.thousandths);
        }
        return std::nullopt;
    }

    [[nodiscard]] json_value response(const row& one) const {
        const row* base = baseline_row();
        if (base == nullptr || is_baseline(*one.at) || one.status != "in-window")
            return {};
        constexpr std::int64_t thousand = 1000;
        constexpr std::int64_t hundred = 100;
        const response_rules& rules = definition_.response;
        const auto before = leading_score(*base);
        const auto now = leading_score(one);
        if (!before || !now || before->first != now->first || before->second < rules.score_min * thousand ||
            base->opioid.computable != computability::full || one.opioid.computable != computability::full)
            return json_value("not-evaluable");
        const std::int64_t change = rules.score_change * thousand;
        const std::int64_t up = now->second - before->second;
        const ome_nanograms dose_up = one.opioid.amount - base->opioid.amount;
        const bool less = dose_up < 0 && -dose_up * hundred >= base->opioid.amount * rules.dose_percent;
        const bool more = dose_up > 0 && dose_up * hundred >= base->opioid.amount * rules.dose_percent;
        if (now->second == 0 && dose_up <= 0)
            return json_value("complete");
        if ((-up >= change && dose_up <= 0) || (less && up <= 0))
            return json_value("partial");
        if ((up >= change && !less) || (more && -up < rules.score_slight * thousand))
            return json_value("progression");
        return json_value("indeterminate");
    }

    void note_missing(const row& one) {
        const bool is_due = context_.who.as_of >= context_.date_of(one.at->due_day);
        if (!one.at->mandatory || !is_due || one.status == "not-expected")
            return;
        const std::string path = path_ + '.' + one.at->name + '.';
        for (std::size_t i = 0; i < definition_.blocks.size(); ++i) {
            const assessment* chosen = one.chosen[i];
            for (const auto& [name, any_of] : definition_.blocks[i].mandatory) {
                const bool present =
                    chosen != nullptr && std::ranges::any_of(any_of, [&](const std::string& value) {
                        return chosen->values.contains(value);
                    });
                if (!present)
                    context_.missing.insert(path + definition_.blocks[i].name + '.' + name);
            }
        }
        if (!definition_.opioid.mandatory.empty() && one.opioid.computable == computability::no_evidence)
            context_.missing.insert(path + definition_.opioid.name + '.' + definition_.opioid.mandatory);
    }

    case_context& context_;
    const compiled_definition& definition_;
    const std::string path_; // of the rows in the record
    std::optional<std::chrono::local_days> repeat_, death_, withdrawal_;
    std::vector<std::vector<assessment>> assessments_; // of each block
    std::vector<row> rows_;
};

} // namespace

std::optional<std::chrono::local_days> death_date(const case_context& context) {
    return context.who.details.died ? context.who.details.died_on : std::nullopt;
}

std::optional<std::chrono::local_days> withdrawal_date(const case_context& context) {
    const compiled_definition& definition = context.definition;
    const std::vector<consent_fact> consents = consents_of(context.who, *definition.codes);
    for (const consent_fact* one : deciding_consents(consents, [&](const concept_code& policy) {
             return definition.follow_up.withdrawal_policy.contains(policy);
         })) {
        if (!one->active || !one->permits)
            return local_date(one->recorded, *definition.zone);
    }
    return std::nullopt;
}

std::optional<std::chrono::local_days> repeat_date(const case_context& context) {
    for (const session& other : context.sessions) {
        if (other.date > context.self.date && other.is_completed() && other.shares_site_with(context.self))
            return other.date;
    }
    return std::nullopt;
}

json_value efficacy_rows(case_context& context, const item& rule) {
    return row_maker(context, rule).run();
}

} // namespace auditgate::mapping
