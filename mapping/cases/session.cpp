#include "mapping/cases/session.hpp"
#include "mapping/terminology/text.hpp"

#include <algorithm>
#include <utility>

namespace auditgate::mapping {

namespace {

// Everything that the messages say of one date, before it is judged.
struct dated_facts {
    std::vector<const fact*> procedures, bookings, stated_sites, stated_status;
};

// With `exact` what is known to the day, else what is known only to a month or year, by its first day.
std::map<std::chrono::local_days, dated_facts> by_date(const patient& who, const selection_rules& rules,
                                                       bool exact) {
    std::map<std::chrono::local_days, dated_facts> dates;
    for (const fact& one : who.facts) {
        if (!who.holds(one) || !one.is->when || one.has_date() != exact)
            continue;
        if (one.is->as<procedure>() != nullptr)
            dates[one.date()].procedures.push_back(&one);
        else if (one.is->as<booking>() != nullptr)
            dates[one.date()].bookings.push_back(&one);
        else if (one.is->as<observation>() != nullptr && holds_any(rules.stated_sites, one.codes))
            dates[one.date()].stated_sites.push_back(&one);
        else if (one.is->as<observation>() != nullptr && holds_any(rules.stated_status, one.codes))
            dates[one.date()].stated_status.push_back(&one);
    }
    return dates;
}

class session_maker {
public:
    session_maker(const compiled_definition& definition, const patient& who, std::chrono::local_days date,
                  const dated_facts& found)
        : definition_(definition), rules_(definition.selection), who_(who), found_(found) {
        result_.date = date;
    }

    // None: nothing of the date is near enough to the dataset to be counted.
    std::optional<session> make() {
        gather(false);
        const bool performed = has_evidence();
        if (!performed)
            gather(true);
        if (!performed && !is_candidate())
            return std::nullopt;
        judge_status();
        if (!performed)
            result_.excluded = has_evidence() ? "not-done" : "no-site";
        judge_exclusions();
        return std::move(result_);
    }

private:
    // With `planned` also what was booked or stated as not done.
    void gather(bool planned) {
        result_.procedures.clear();
        result_.codes.clear();
        result_.sites.clear();
        result_.sites_by_feed.clear();
        for (const fact* one : found_.procedures) {
            const procedure& act = *one->is->as<procedure>();
            if (act.status == performance::not_done && !planned)
                continue;
            result_.procedures.push_back(one);
            result_.codes.insert(one->codes.begin(), one->codes.end());
            if (!holds_any(rules_.procedure_codes, one->codes))
                continue;
            add_sites(*one, sites_of(*one, *definition_.codes));
            add_site_codes(*one, act.body_sites);
            if (act.status != performance::not_done && one->is->when->has_time() &&
                (!result_.start || one->is->when->instant < *result_.start))
                result_.start = one->is->when->instant;
        }
        if (planned) {
            for (const fact* one : found_.bookings) {
                const booking& plan = *one->is->as<booking>();
                const bool in_time = local_date(one->is->recorded, *definition_.zone) <= result_.date;
                if (plan.cancelled && in_time) {
                    result_.codes.insert(one->codes.begin(), one->codes.end());
                    add_sites(*one, sites_named(plan.body_sites, *one->is, *definition_.codes));
                    add_site_codes(*one, plan.body_sites);
                }
            }
        }
        result_.stated_sites = found_.stated_sites;
        for (const fact* one : found_.stated_sites) {
            for (const std::string& word : value_words(*one->is, *definition_.codes)) {
                const std::vector<std::size_t> sites = definition_.codes->sites_of({"", word});
                add_sites(*one, {sites.begin(), sites.end()});
            }
            add_sites(*one,
                      sites_named(one->is->as<observation>()->value.codes, *one->is, *definition_.codes));
        }
    }

    void add_sites(const fact& one, const std::set<std::size_t>& sites) {
        if (sites.empty())
            return;
        result_.sites.insert(sites.begin(), sites.end());
        result_.sites_by_feed[one.is->feed].insert(sites.begin(), sites.end());
    }

    // A code that names a region is a code of the session wherever it stands.
    void add_site_codes(const fact& one, const codings& body_sites) {
        for (concept_code& code : meanings(body_sites, *one.is, *definition_.codes)) {
            if (rules_.site_codes.contains(code))
                result_.codes.insert(std::move(code));
        }
    }

    bool names_site() const { return !result_.sites.empty() || holds_any(rules_.site_codes, result_.codes); }

    bool has_evidence() {
        for (const evidence_rule& rule : rules_.evidence) {
            const bool all = std::ranges::all_of(
                rule.together, [&](const code_set& set) { return holds_any(set, result_.codes); });
            if (all && (!rule.site_required || names_site())) {
                result_.evidence = rule.name;
                return true;
            }
        }
        return false;
    }

    bool is_candidate() const {
        return std::ranges::any_of(rules_.evidence, [&](const evidence_rule& rule) {
            return holds_any(rule.together.front(), result_.codes);
        });
    }

    // One source says stopped: stopped; else one says completed: completed; else not done.
    void judge_status() {
        std::map<performance, std::vector<const fact*>> said;
        for (const fact* one : found_.procedures) {
            const performance status = one->is->as<procedure>()->status;
            if (holds_any(rules_.procedure_codes, one->codes))
                said[status == performance::as_coded ? performance::completed : status].push_back(one);
        }
        for (const fact* one : found_.stated_status) {
            for (const std::string& word : value_words(*one->is, *definition_.codes)) {
                if (word == "stopped")
                    said[performance::stopped].push_back(one);
                else if (word == "completed")
                    said[performance::completed].push_back(one);
                else if (word == "not-done")
                    said[performance::not_done].push_back(one);
            }
        }
        if (const auto stopped = said.find(performance::stopped); stopped != said.end()) {
            result_.status = session_status::stopped;
            result_.status_facts = stopped->second;
        } else if (const auto done = said.find(performance::completed); done != said.end()) {
            result_.status = session_status::completed;
            result_.status_facts = done->second;
        } else {
            result_.status = session_status::not_done;
            result_.status_facts = said[performance::not_done];
        }
    }

    void judge_exclusions() {
        if (!result_.excluded.empty())
            return;
        const auto found = std::ranges::find_if(rules_.exclude, [&](const exclusion_rule& one) {
            return holds_any(one.codes, result_.codes) || has_condition(one);
        });
        if (found != rules_.exclude.end()) {
            result_.excluded = found->reason;
            return;
        }
        // Of a month or year its first day: who is too young even then is too young for certain.
        const auto& born = who_.details.birth_date;
        if (born && years_between(born->date(), result_.date) < rules_.age_years_min)
            result_.excluded = "under-age";
    }

    bool has_condition(const exclusion_rule& rule) const {
        bool found = false;
        for (const fact& one : who_.facts) {
            if (!who_.holds(one) || one.is->as<condition>() == nullptr)
                continue;
            if (holds_any(rule.unless, one.codes))
                return false;
            found = found || holds_any(rule.conditions, one.codes);
        }
        return found;
    }

    const compiled_definition& definition_;
    const selection_rules& rules_;
    const patient& who_;
    const dated_facts& found_;
    session result_;
};

std::string word_of(const item& rule, std::string_view as_sent) {
    const std::string lower = lower_cased(as_sent);
    for (const auto& [sent, word] : rule.map) {
        if (sent == lower)
            return word;
    }
    return {};
}

// A date within the month or year that is known.
bool is_more_exact(const event_time& date, const event_time& known) {
    return date.precision > known.precision && date.date() >= known.date() &&
           date.last_date() <= known.last_date();
}

// The value itself when it is one of the words, else its first character when that is one.
std::string category_of(const item& rule, const codings& as_sent) {
    for (const coding& one : as_sent) {
        for (const std::string& candidate : {one.code, one.code.substr(0, 1)}) {
            if (std::ranges::find(rule.words, candidate) != rule.words.end())
                return candidate;
        }
    }
    return {};
}

} // namespace

bool session::shares_site_with(const session& other) const {
    return std::ranges::any_of(sites, [&](std::size_t site) { return other.sites.contains(site); });
}

bool holds_any(const code_set& set, const std::vector<concept_code>& codes) {
    return std::ranges::any_of(codes, [&](const concept_code& code) { return set.contains(code); });
}

bool holds_any(const code_set& set, const std::set<concept_code>& codes) {
    return std::ranges::any_of(codes, [&](const concept_code& code) { return set.contains(code); });
}

std::set<std::size_t> sites_named(const codings& as_sent, const event& said_in, const terminology& codes) {
    std::set<std::size_t> result;
    for (const concept_code& one : meanings(as_sent, said_in, codes)) {
        const std::vector<std::size_t> sites = codes.sites_of(one, said_in.sender);
        result.insert(sites.begin(), sites.end());
    }
    return result;
}

std::set<std::size_t> sites_of(const fact& act, const terminology& codes) {
    std::set<std::size_t> result = sites_named(act.is->as<procedure>()->body_sites, *act.is, codes);
    // A hospital's own code for the whole examination may stand for procedure and site.
    for (const concept_code& code : act.codes) {
        const std::vector<std::size_t> sites = codes.sites_of(code, act.is->sender);
        result.insert(sites.begin(), sites.end());
    }
    return result;
}

std::vector<std::string> value_words(const event& one, const terminology& codes) {
    std::vector<std::string> words;
    const auto* seen = one.as<observation>();
    if (seen == nullptr)
        return words;
    for (const concept_code& code : meanings(seen->value.codes, one, codes))
        words.push_back(code.code);
    if (seen->value.kind == value_kind::text)
        words.push_back(seen->value.text);
    return words;
}

int years_between(std::chrono::local_days from, std::chrono::local_days to) {
    const std::chrono::year_month_day start(from);
    const std::chrono::year_month_day end(to);
    const int years = static_cast<int>(end.year()) - static_cast<int>(start.year());
    const bool had_birthday =
        std::make_pair(end.month(), end.day()) >= std::make_pair(start.month(), start.day());
    return had_birthday ? years : years - 1;
}

person_details details_of(const person& who, std::span<const distinct_event> events,
                          const compiled_definition& definition) {
    std::vector<distinct_event> latest_first;
    for (const std::size_t place : who.events) {
        const event& one = *events[place].is;
        if (one.as<patient_details>() != nullptr && one.version != version_status::deleted)
            latest_first.push_back(events[place]);
    }
    std::ranges::sort(latest_first, supersedes);

    person_details result;
    const item* sex = definition.find(derivation::patient_sex);
    const item* ethnicity = definition.find(derivation::patient_ethnicity);
    bool death_known = false;
    for (const distinct_event& one : latest_first) {
        const patient_details& said = *one.is->as<patient_details>();
        if (said.birth_date && (!result.birth_date || is_more_exact(*said.birth_date, *result.birth_date)))
            result.birth_date = said.birth_date;
        if (sex != nullptr && result.sex.empty() && !said.sex.empty()) {
            const std::string word = word_of(*sex, said.sex);
            result.sex = word == sex->otherwise ? std::string() : word;
        }
        if (ethnicity != nullptr && result.ethnicity.empty())
            result.ethnicity = category_of(*ethnicity, said.ethnic_category);
        if (said.deceased == assertion::absent)
            continue;
        if (!death_known) {
            death_known = true;
            result.died = said.deceased == assertion::given;
            result.died_on = local_date(one.is->recorded, *definition.zone);
        }
        if (result.died && said.deceased_at && !result.died_on_stated) {
            result.died_on_stated = said.deceased_at->has_date();
            result.died_on = result.died_on_stated ? said.deceased_at->date()
                                                   : std::min(*result.died_on, said.deceased_at->last_date());
        }
        if (said.deceased == assertion::removed)
            break;
    }
    return result;
}

patient patient_of(const person& who, std::span<const distinct_event> events,
                   const cluster_versions& versions, const compiled_definition& definition,
                   std::chrono::local_days as_of, std::deque<event>& made) {
    std::vector<distinct_event> own;
    for (const std::size_t place : who.events)
        own.push_back(events[place]);
    patient one;
    one.who = &who;
    one.as_of = as_of;
    one.facts = resolve_facts(own, versions, definition, made);
    one.details = details_of(who, events, definition);
    return one;
}

std::vector<session> find_sessions(const patient& who, const compiled_definition& definition) {
    std::vector<session> result;
    for (const auto& [date, found] : by_date(who, definition.selection, true)) {
        if (auto one = session_maker(definition, who, date, found).make())
            result.push_back(std::move(*one));
    }
    // Without a day there are no days from the procedure: counted, but no case.
    const std::size_t dated = result.size();
    for (const auto& [date, found] : by_date(who, definition.selection, false)) {
        const auto end = result.begin() + static_cast<std::ptrdiff_t>(dated);
        if (std::find_if(result.begin(), end, [&](const session& other) { return other.date == date; }) !=
            end)
            continue;
        if (auto one = session_maker(definition, who, date, found).make()) {
            if (one->is_case())
                one->excluded = "date-not-exact";
            result.push_back(std::move(*one));
        }
    }
    std::ranges::sort(result, {}, &session::date);
    return result;
}

} // namespace auditgate::mapping
