#include "mapping/cases/safety.hpp"
#include "mapping/cases/efficacy.hpp"
#include "mapping/cases/reading.hpp"
#include "mapping/cases/score.hpp"

#include <algorithm>
#include <map>
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
        for (const session& one : context.sessions) {
            for (const fact* act : one.procedures)
                session_of_[act->is->fact_key] = &one;
        }
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
        constexpr std::int64_t highest = 5;
        if (!thousandths || *thousandths % thousand != 0 || *thousandths < thousand ||
            *thousandths > highest * thousand)
            return std::nullopt;
        return *thousandths / thousand;
    }

    // The parts of one statement share their group.
    void stated_observations() {
        for (const fact* one : context_.observations(rules_.stated_category)) {
            const auto category = category_of_words(value_words(*one->is, *context_.definition.codes));
            if (!category)
                continue;
            harm made;
            made.category = *category;
            made.onset = one->date();
            made.relatedness = rules_.relatedness.size() - 1;
            made.from = one;
            for (const fact* part : context_.observations(rules_.stated_grade)) {
                if (is_same_statement(*one, *part))
                    made.grade = grade_of(read_number(*part));
            }
            for (const fact* part : context_.observations(rules_.stated_relatedness)) {
                if (is_same_statement(*one, *part))
                    made.relatedness = relatedness_of(value_words(*part->is, *context_.definition.codes));
            }
            for (const fact* part : context_.observations(rules_.stated_onset)) {
                const auto& time = part->is->as<observation>()->value.time;
                if (time && is_same_statement(*one, *part))
                    made.onset = time->date();
            }
            found_.push_back(made);
        }
    }

    static bool is_same_statement(const fact& left, const fact& right) {
        const std::string& group = left.is->as<observation>()->group;
        return !group.empty() && group == right.is->as<observation>()->group &&
               left.is->sender == right.is->sender && left.is->feed == right.is->feed;
    }

    [[nodiscard]] std::optional<std::int64_t> read_number(const fact& one) const {
        assessment_value form;
        form.max = 100;
        const score read = read_score(*one.is, form, context_.definition);
        return read.usable() ? std::optional(read.thousandths) : std::nullopt;
    }

    void stated_events() {
        for (const fact* one : context_.facts_of<adverse_event>()) {
            const adverse_event& said = *one->is->as<adverse_event>();
            const auto onset = said.onset ? said.onset : one->is->when;
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
            const auto about = session_of_.find(key);
            if (about == session_of_.end())
                continue;
            if (about->second == &context_.self)
                made.is_linked = true;
            else
                made.is_linked_elsewhere = true;
        }
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
            for (const session& other : context_.sessions) {
                const bool named = std::ranges::any_of(other.procedures, [&](const fact* act) {
                    const auto& facts = act->is->as<procedure>()->complication_facts;
                    return std::ranges::find(facts, one->is->fact_key) != facts.end();
                });
                if (named)
                    (&other == &context_.self ? made.is_linked : made.is_linked_elsewhere) = true;
            }
            if (!made.is_linked && was_known_before(*one))
                continue;
            found_.push_back(made);
        }
    }

    // The same code dated before the procedure: no event. Again in a later visit: somebody must look.
    bool was_known_before(const fact& one) {
        bool known = false;
        for (const fact* earlier : context_.facts_of<condition>()) {
            const bool same_code = std::ranges::any_of(earlier->codes, [&](const concept_code& code) {
                return std::ranges::find(one.codes, code) != one.codes.end();
            });
            if (!same_code || !earlier->has_date() || earlier->date() >= context_.self.date)
                continue;
            known = true;
            const bool same_visit = !one.is->visit_number.empty() && one.is->sender == earlier->is->sender &&
                                    one.is->visit_number == earlier->is->visit_number;
            if (!same_visit && rules_.window.holds(context_.day_of(one.date())))
                context_.flags.insert("recurrent-code");
        }
        return known;
    }

    void coded_complications() {
        for (const fact* act : context_.self.procedures) {
            const auto& complications = act->is->as<procedure>()->complications;
            for (const coding& sent : complications) {
                const auto category =
                    category_of_codes(meanings({sent}, *act->is, *context_.definition.codes));
                if (!category)
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

    case_context& context_;
    const adverse_event_rules& rules_;
    std::map<std::string, const session*> session_of_; // by fact key of its procedures
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
    context.explain("safety.events", "stated or coded with onset in the window, or linked", used);
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

std::optional<std::int64_t> last_contact_day(const case_context& context) {
    std::optional<std::chrono::local_days> latest;
    const auto see = [&](std::chrono::local_days date) {
        if (date <= context.who.as_of && (!latest || date > *latest))
            latest = date;
    };
    for (const fact& one : context.who.facts) {
        if (one.is_void || !is_read(context, one))
            continue;
        const auto* act = one.is->as<procedure>();
        if (act != nullptr && act->status == performance::not_done)
            continue;
        const auto* drug = one.is->as<medication>();
        if (drug != nullptr && drug->status == medication_status::cancelled)
            continue;
        if (one.has_date())
            see(one.date());
        if (const auto* stay = one.is->as<visit>();
            stay != nullptr && stay->ended == assertion::given && stay->end)
            see(stay->end->date());
        if (const auto* harmed = one.is->as<adverse_event>(); harmed != nullptr && harmed->onset)
            see(harmed->onset->date());
        if (holds_any(context.definition.safety.stated_onset, one.codes)) {
            if (const auto& onset = one.is->as<observation>()->value.time)
                see(onset->date());
        }
    }
    if (!latest)
        return std::nullopt;
    return context.day_of(*latest);
}

json_value adverse_occurred(const case_context& context, const item& rule, const json_value& events) {
    if (events.size() > 0)
        return json_value(rule.words.front());
    const auto contact = last_contact_day(context);
    const bool seen_late = contact && *contact >= context.definition.safety.occurred_from_day;
    return word_or_null(seen_late ? rule.words.back() : rule.otherwise);
}

json_value follow_up_status(case_context& context, const item& rule) {
    enum word : std::size_t { withdrawn, died, complete, active, words_count };
    if (rule.words.size() != words_count)
        return {};
    const follow_up_rules& rules = context.definition.follow_up;
    const auto complete_on = context.date_of(rules.complete_after_day + 1);
    context.changes.insert(complete_on);
    if (withdrawal_date(context))
        return json_value(rule.words[withdrawn]);
    if (context.who.details.died)
        return json_value(rule.words[died]);
    const fact* latest = nullptr;
    for (const fact* one : context.observations(rules.stated_status)) {
        if (one->date() >= context.self.date && (latest == nullptr || is_later(one, latest)))
            latest = one;
    }
    if (latest != nullptr) {
        const std::string stated = stated_word(*latest, rules.ending_words, *context.definition.codes);
        context.explain(rule.path(), "latest stated status", {latest});
        if (!stated.empty())
            return json_value(stated);
    }
    return json_value(rule.words[context.who.as_of >= complete_on ? complete : active]);
}

json_value death_band(const case_context& context, const item& rule) {
    const person_details& details = context.who.details;
    if (!details.died || !details.died_on_stated)
        return {};
    const std::int64_t day = context.day_of(*details.died_on);
    std::int64_t from = 0;
    if (day < from)
        return {};
    for (const int last : rule.bounds) {
        if (day <= last)
            return json_value(std::to_string(from) + '-' + std::to_string(last));
        from = last + 1;
    }
    return json_value('>' + std::to_string(from - 1));
}

json_value subsequent_treatments(case_context& context, const item& rule) {
    std::set<std::string> words;
    std::vector<const fact*> used;
    for (const fact* one : context.observations(rule.codes)) {
        const std::string word = stated_word(*one, rule.words, *context.definition.codes);
        if (!word.empty() && rule.window->holds(context.day_of(one->date()))) {
            words.insert(word);
            used.push_back(one);
        }
    }
    for (const companion_fact& one : companions(context, true)) {
        const std::int64_t day = context.day_of(one.is->date());
        if (!rule.companion_word.empty() && day >= rule.days_min && rule.window->holds(day)) {
            words.insert(rule.companion_word);
            used.push_back(one.is);
        }
    }
    for (const session& other : context.sessions) {
        if (!rule.repeat_word.empty() && other.is_completed() &&
            rule.window->holds(context.day_of(other.date)) && other.shares_site_with(context.self))
            words.insert(rule.repeat_word);
    }
    context.explain(rule.path(), "stated, or done at a treated site", used);
    return sorted_list(words);
}

} // namespace auditgate::mapping
