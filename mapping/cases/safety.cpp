#include "mapping/cases/safety.hpp"
#include "mapping/cases/score.hpp"

#include <algorithm>
#include <map>
#include <ranges>
#include <tuple>
#include <utility>

namespace auditgate::mapping {

namespace {

// One harm as stated or coded, before it is attributed.
struct harm {
    std::size_t category = 0; // place in the rules' categories
    std::chrono::local_days onset{};
    std::optional<std::int64_t> grade;
    std::size_t relatedness = 0; // place in the rules' list
    bool is_linked = false;      // to this session, explicitly
    bool is_linked_elsewhere = false;
    const fact* from = nullptr;
};

class harm_finder {
public:
    explicit harm_finder(case_context& context) : context_(context), rules_(context.definition.safety) {
        std::map<const fact*, const session*> sessions;
        for (const session& one : context.sessions) {
            for (const fact* act : one.procedures)
                sessions[act] = &one;
        }
        for (const fact* act : accompanying())
            sessions.try_emplace(act, &context.self);
        for (const fact* act : context.facts_of<procedure>()) {
            if (act->is->as<procedure>()->status == performance::not_done)
                continue; // a harm of what was not done is of the operation that its onset is after
            session_of_[act->is->fact_key] = sessions[act];
            for (const std::string& key : act->is->as<procedure>()->complication_facts)
                complication_of_.emplace(key, sessions[act]);
        }
        before_ = conditions_before();
    }

    std::vector<harm> run() {
        stated_observations();
        stated_events();
        coded_conditions();
        coded_complications();
        std::erase_if(found_, [&](const harm& one) { return !is_of_this_session(one); });
        return std::move(found_);
    }

private:
    // Procedures that belong to this session though they were done a day later.
    [[nodiscard]] std::vector<const fact*> accompanying() const {
        std::vector<const fact*> result;
        const item* rule = context_.definition.find(derivation::companion);
        for (const companion_fact& one : companions(context_, true)) {
            if (rule->window->holds(context_.day_of(one.is->date())))
                result.push_back(one.is);
        }
        return result;
    }

    [[nodiscard]] std::optional<std::size_t> category_of_codes(const std::vector<concept_code>& codes) const {
        for (std::size_t place = 0; place < rules_.categories.size(); ++place) {
            if (holds_any(rules_.categories[place].codes, codes))
                return place;
        }
        return std::nullopt;
    }

    [[nodiscard]] std::optional<std::size_t> category_of_words(const std::vector<std::string>& words) const {
        for (const std::string& word : words) {
            const auto found = std::ranges::find(rules_.categories, word, &coded_word::word);
            if (found != rules_.categories.end())
                return static_cast<std::size_t>(found - rules_.categories.begin());
        }
        return std::nullopt;
    }

    [[nodiscard]] std::size_t relatedness_of(const std::vector<std::string>& words) const {
        for (std::size_t place = 0; place < rules_.relatedness.size(); ++place) {
            if (std::ranges::find(words, rules_.relatedness[place]) != words.end())
                return place;
        }
        return rules_.relatedness.size() - 1;
    }

    static std::optional<std::int64_t> grade_of(std::optional<std::int64_t> thousandths) {
        constexpr std::int64_t thousand = 1000;
        if (!thousandths || *thousandths % thousand != 0 || *thousandths < thousand ||
            *thousandths > grade_max * thousand)
            return std::nullopt;
        return *thousandths / thousand;
    }

    // The parts of one statement share sender, feed and group.
    using statement = std::tuple<std::string_view, std::string_view, std::string_view>;
    using parts = std::multimap<statement, const fact*>;

    static statement statement_of(const fact& one) {
        return {one.is->sender, one.is->feed, one.is->as<observation>()->group};
    }

    [[nodiscard]] parts parts_of(const code_set& codes) const {
        parts result;
        for (const fact* one : context_.observations(codes)) {
            if (!one->is->as<observation>()->group.empty())
                result.emplace(statement_of(*one), one);
        }
        return result;
    }

    static auto parts_with(const parts& all, const fact& one) {
        const auto [first, last] = all.equal_range(statement_of(one));
        return std::ranges::subrange(first, last) | std::views::values;
    }

    void stated_observations() {
        const parts grades = parts_of(rules_.stated_grade);
        const parts relatedness = parts_of(rules_.stated_relatedness);
        const parts onsets = parts_of(rules_.stated_onset);
        for (const fact* one : context_.observations(rules_.stated_category)) {
            const auto category = category_of_words(value_words(*one->is, *context_.definition.codes));
            if (!category)
                continue;
            harm made;
            made.category = *category;
            made.onset = one->date();
            made.relatedness = rules_.relatedness.size() - 1;
            made.from = one;
            for (const fact* part : parts_with(grades, *one))
                made.grade = grade_of(read_number(*part));
            for (const fact* part : parts_with(relatedness, *one))
                made.relatedness = relatedness_of(value_words(*part->is, *context_.definition.codes));
            for (const fact* part : parts_with(onsets, *one)) {
                if (const auto onset = stated_onset(*part, context_.definition))
                    made.onset = onset->date();
            }
            found_.push_back(made);
        }
    }

    [[nodiscard]] std::optional<std::int64_t> read_number(const fact& one) const {
        assessment_value form;
        form.max = grade_max;
        const score read = read_score(*one.is, form, context_.definition);
        return read.usable() ? std::optional(read.thousandths) : std::nullopt;
    }

    void stated_events() {
        for (const fact* one : context_.facts_of<adverse_event>()) {
            const adverse_event& said = *one->is->as<adverse_event>();
            auto onset = stated_onset(*one, context_.definition);
            if (!onset && one->has_date())
                onset = one->is->when;
            std::vector<std::string> words;
            for (const concept_code& code : one->codes)
                words.push_back(code.code);
            auto category = category_of_words(words);
            if (!category)
                category = category_of_codes(one->codes);
            if (!category || !onset)
                continue;
            harm made;
            made.category = *category;
            made.onset = onset->date();
            made.grade = grade_of(parse_thousandths(said.grade));
            std::vector<std::string> related;
            for (const concept_code& code : meanings(said.relatedness, *one->is, *context_.definition.codes))
                related.push_back(code.code);
            made.relatedness = relatedness_of(related);
            made.from = one;
            link(made, said.about_facts);
            found_.push_back(made);
        }
    }

    void link(harm& made, const std::vector<std::string>& fact_keys) const {
        for (const std::string& key : fact_keys) {
            // Of an operation that was never received nobody knows which one it is: the onset decides.
            if (const auto about = session_of_.find(key); about != session_of_.end())
                link(made, about->second);
        }
    }
    void link(harm& made, const session* to) const {
        (to == &context_.self ? made.is_linked : made.is_linked_elsewhere) = true;
    }

    void coded_conditions() {
        for (const fact* one : context_.facts_of<condition>()) {
            const auto category = category_of_codes(one->codes);
            if (!category || !one->has_date())
                continue;
            harm made;
            made.category = *category;
            made.onset = one->date();
            made.relatedness = rules_.relatedness.size() - 1;
            made.from = one;
            const auto [first, last] = complication_of_.equal_range(one->is->fact_key);
            for (auto named = first; named != last; ++named)
                link(made, named->second);
            if (!made.is_linked && was_known_before(*one))
                continue;
            found_.push_back(made);
        }
    }

    // Conditions that were certainly there before the procedure, by each of their codes.
    [[nodiscard]] std::multimap<concept_code, const fact*> conditions_before() const {
        std::multimap<concept_code, const fact*> result;
        for (const fact* one : context_.facts_of<condition>()) {
            if (!one->is->when || one->is->when->last_date() >= context_.self.date)
                continue;
            for (const concept_code& code : one->codes)
                result.emplace(code, one);
        }
        return result;
    }

    // The same code dated before the procedure: no event. Again in a later visit: somebody must look.
    bool was_known_before(const fact& one) {
        bool known = false;
        const bool in_window = rules_.window.holds(context_.day_of(one.date()));
        for (const concept_code& code : one.codes) {
            const auto [first, last] = before_.equal_range(code);
            known = known || first != last;
            if (!in_window || context_.flags.contains(recurrent_code))
                continue;
            const bool of_other_visit = std::any_of(
                first, last, [&](const auto& earlier) { return !is_same_visit(one, *earlier.second); });
            if (of_other_visit)
                context_.flags.insert(recurrent_code);
        }
        return known;
    }

    static bool is_same_visit(const fact& left, const fact& right) {
        return !left.is->visit_number.empty() && left.is->sender == right.is->sender &&
               left.is->visit_number == right.is->visit_number;
    }

    // Whether a condition that the procedure names tells of the harm that its code only mentions.
    [[nodiscard]] bool is_detailed(const fact& act, std::size_t category) const {
        const auto& details = act.is->as<procedure>()->complication_facts;
        return std::ranges::any_of(found_, [&](const harm& one) {
            return one.category == category && std::ranges::count(details, one.from->is->fact_key) > 0;
        });
    }

    void coded_complications() {
        for (const fact* act : context_.self.procedures) {
            const auto& complications = act->is->as<procedure>()->complications;
            for (const coding& sent : complications) {
                const auto category =
                    category_of_codes(meanings({sent}, *act->is, *context_.definition.codes));
                if (!category || is_detailed(*act, *category))
                    continue;
                harm made;
                made.category = *category;
                made.onset = context_.self.date;
                made.relatedness = rules_.relatedness.size() - 1;
                made.is_linked = true;
                made.from = act;
                found_.push_back(made);
            }
        }
    }

    // Linked, or begun in the window after this session and no later one.
    [[nodiscard]] bool is_of_this_session(const harm& one) const {
        if (one.onset > context_.who.as_of)
            return false;
        if (one.is_linked || one.is_linked_elsewhere)
            return one.is_linked;
        if (!rules_.window.holds(context_.day_of(one.onset)))
            return false;
        return std::ranges::none_of(context_.sessions, [&](const session& other) {
            return other.is_case() && other.date > context_.self.date && other.date <= one.onset;
        });
    }

    static constexpr const char* recurrent_code = "recurrent-code";
    static constexpr std::int64_t grade_max = 5; // CTCAE

    case_context& context_;
    const adverse_event_rules& rules_;
    // By fact key of a procedure, and of a condition that a procedure names as its complication; nullptr: an operation of
    // the patient that is no session of this dataset, but another operation all the same.
    std::map<std::string, const session*> session_of_;
    std::multimap<std::string, const session*> complication_of_;
    std::multimap<concept_code, const fact*> before_; // see conditions_before()
    std::vector<harm> found_;
};

} // namespace

json_value adverse_event_list(case_context& context) {
    const adverse_event_rules& rules = context.definition.safety;
    struct merged_harm {
        std::optional<std::int64_t> grade;
        std::size_t relatedness = 0;
    };
    std::map<std::pair<std::int64_t, std::string>, merged_harm> events;
    std::vector<const fact*> used;
    for (const harm& one : harm_finder(context).run()) {
        const auto key = std::make_pair(context.day_of(one.onset), rules.categories[one.category].word);
        const auto [found, is_new] = events.try_emplace(key, merged_harm{one.grade, one.relatedness});
        if (!is_new) {
            found->second.grade = std::max(found->second.grade, one.grade);
            found->second.relatedness = std::min(found->second.relatedness, one.relatedness);
        }
        used.push_back(one.from);
    }
    if (const item* rule = context.definition.find(derivation::adverse_events))
        context.explain(rule->path(), "stated or coded with onset in the window, or linked", used);
    json_value result = json_value::array();
    for (const auto& [key, one] : events) {
        json_value event = json_value::object();
        event.set("category", json_value(key.second));
        event.set("onset_day", json_value(key.first));
        event.set("ctcae_grade", one.grade ? json_value(*one.grade) : json_value());
        event.set("relatedness", json_value(rules.relatedness[one.relatedness]));
        result.push_back(std::move(event));
    }
    return result;
}

bool has_adverse_event(case_context& context) {
    return !harm_finder(context).run().empty();
}

std::optional<event_time> stated_onset(const fact& one, const compiled_definition& definition) {
    std::optional<event_time> onset;
    if (const auto* harmed = one.is->as<adverse_event>())
        onset = harmed->onset;
    else if (const auto* seen = one.is->as<observation>();
             seen != nullptr && holds_any(definition.safety.stated_onset, one.codes))
        onset = seen->value.time;
    return onset && onset->has_date() ? onset : std::nullopt;
}

} // namespace auditgate::mapping
