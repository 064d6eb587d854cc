#include "mapping/cases/identity.hpp"

#include "mapping/nhs_number.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

namespace auditgate::mapping {

namespace {

constexpr std::string_view local_prefix = "local|";

// The keys of one message's patient, judged.
struct subject_keys {
    std::string nhs;                 // `nhs|...`, when exactly one usable number stands there
    std::vector<std::string> others; // local numbers and Patient ids
};

subject_keys judge(const std::vector<std::string>& keys, bool allow_test_numbers) {
    subject_keys result;
    std::set<std::string> numbers;
    for (const std::string& key : keys) {
        if (!key.starts_with(nhs_prefix)) {
            result.others.push_back(key);
            continue;
        }
        if (std::string number = usable_nhs_number(key, allow_test_numbers); !number.empty())
            numbers.insert(std::string(nhs_prefix) + number);
    }
    if (numbers.size() == 1)
        result.nhs = *numbers.begin();
    return result;
}

bool share_a_key(const std::vector<std::string>& left, const std::vector<std::string>& right) {
    return std::ranges::any_of(left,
                               [&](const std::string& key) { return std::ranges::count(right, key) > 0; });
}

// Sets of keys that belong together.
class key_sets {
public:
    void join(const std::string& left, const std::string& right) {
        const std::string& one = root(left);
        const std::string& other = root(right);
        if (one != other)
            parent_[std::max(one, other)] = std::min(one, other);
    }
    const std::string& root(const std::string& key) {
        const auto found = parent_.try_emplace(key, key).first;
        if (found->second == found->first)
            return found->first;
        const std::string& top = root(found->second);
        found->second = top;
        return parent_.find(top)->first;
    }

private:
    std::map<std::string, std::string> parent_;
};

struct merge {
    subject_keys survivor, prior;
};

class identification {
public:
    identification(std::span<const distinct_event> events, const compiled_definition& definition)
        : events_(events), definition_(definition) {
        for (const distinct_event& one : events)
            subjects_.push_back(judge(one.is->subject, definition.allow_test_numbers));
    }

    std::vector<person> run() {
        link_numbers_that_stand_together();
        find_active_merges();
        group_persons();
        return collect();
    }

private:
    // A message whose facts have all been voided or given to another patient no longer tells which numbers belong
    // together; one whose facts were merely sent again does, though the later message may name the patient by fewer
    // numbers. What makes a message one is its content, for the same message may arrive twice.
    std::vector<bool> telling_events() const {
        using signature =
            std::tuple<std::string_view, std::string_view, recorded_time, std::vector<std::string>>;
        const auto signature_of = [](const event& one) {
            return signature{one.sender, one.feed, one.recorded, one.subject};
        };
        const std::vector<const event*> current = current_by_global_key(events_);
        std::map<signature, std::pair<bool, bool>> messages; // has clinical facts, has one that holds
        for (std::size_t i = 0; i < events_.size(); ++i) {
            const event& one = *events_[i].is;
            if (one.as<patient_details>() != nullptr || one.as<identity_change>() != nullptr)
                continue;
            auto& [has_facts, holds] = messages[signature_of(one)];
            has_facts = true;
            holds = holds || (current[i] != nullptr && is_of_same_patient(one, *current[i]));
        }
        std::vector<bool> result;
        for (const distinct_event& one : events_) {
            const auto found = messages.find(signature_of(*one.is));
            result.push_back(found == messages.end() || found->second.second);
        }
        return result;
    }

    // A correction may change the NHS number alone: the local number that both versions share then tells nothing.
    [[nodiscard]] bool is_of_same_patient(const event& one, const event& current) const {
        const std::string number = judge(one.subject, definition_.allow_test_numbers).nhs;
        const std::string number_now = judge(current.subject, definition_.allow_test_numbers).nhs;
        const bool is_other = !number.empty() && !number_now.empty() && number != number_now;
        return !is_other && share_a_key(one.subject, current.subject);
    }

    void link_numbers_that_stand_together() {
        const std::vector<bool> tells = telling_events();
        for (std::size_t i = 0; i < events_.size(); ++i) {
            const subject_keys& subject = subjects_[i];
            if (!tells[i])
                continue;
            for (const std::string& key : subject.others)
                together_.join(subject.others.front(), key);
        }
        for (std::size_t i = 0; i < events_.size(); ++i) {
            const subject_keys& subject = subjects_[i];
            if (tells[i] && !subject.nhs.empty() && !subject.others.empty())
                numbers_of_[together_.root(subject.others.front())].insert(subject.nhs);
        }
    }

    // All keys by which a person could be named: those given and those that stand with them.
    std::set<std::string> names(const subject_keys& keys) {
        std::set<std::string> result;
        if (!keys.nhs.empty())
            result.insert(keys.nhs);
        for (const std::string& key : keys.others) {
            const std::string& root = together_.root(key);
            result.insert(root);
            if (const auto found = numbers_of_.find(root);
                found != numbers_of_.end() && found->second.size() == 1)
                result.insert(*found->second.begin());
        }
        return result;
    }

    // Merges and unmerges in the order of their recorded time (the events are in that order).
    void find_active_merges() {
        for (std::size_t i = 0; i < events_.size(); ++i) {
            const auto* change = events_[i].is->as<identity_change>();
            if (change == nullptr || !change->visit.empty() ||
                events_[i].is->version == version_status::deleted)
                continue;
            merge named{subjects_[i], judge(change->other, definition_.allow_test_numbers)};
            if (change->undo)
                undo(named);
            else
                merges_.push_back(std::move(named));
        }
    }

    // Two people are different again: what brought the one into the other, be it over further merges, is undone.
    void undo(const merge& named) {
        const std::set<std::string> one = names(named.survivor);
        const std::set<std::string> other = names(named.prior);
        std::vector<merge> left;
        for (const merge& made : merges_) {
            const std::set<std::string> prior = names(made.prior);
            const std::set<std::string> survivors = survivors_of(made);
            const bool is_undone =
                (meet(other, prior) && meet(one, survivors)) || (meet(one, prior) && meet(other, survivors));
            if (!is_undone)
                left.push_back(made);
        }
        merges_ = std::move(left);
    }

    static bool meet(const std::set<std::string>& left, const std::set<std::string>& right) {
        return std::ranges::any_of(left, [&](const std::string& key) { return right.contains(key); });
    }

    // The names of a merge's survivor, of the one it was merged into in turn, and so on.
    std::set<std::string> survivors_of(const merge& made) {
        std::set<std::string> result = names(made.survivor);
        for (std::size_t known = 0; known != result.size();) {
            known = result.size();
            for (const merge& further : merges_) {
                if (meet(names(further.prior), result))
                    result.merge(names(further.survivor));
            }
        }
        return result;
    }

    // The node that stands for the keys of one side of a merge, or of an event: the NHS number, also when only a local
    // number that leads to it is given; else that local number.
    std::string node_of(const subject_keys& keys) {
        if (!keys.nhs.empty())
            return keys.nhs;
        if (keys.others.empty())
            return {};
        const std::string& root = together_.root(keys.others.front());
        const auto found = numbers_of_.find(root);
        const bool leads_on = found != numbers_of_.end() && !contradicts(root) && !settled_.contains(root);
        return leads_on ? *found->second.begin() : root;
    }

    // Whether a set of local numbers stands with NHS numbers of different persons.
    bool contradicts(const std::string& root) {
        const auto found = numbers_of_.find(root);
        if (found == numbers_of_.end())
            return false;
        const std::string first = persons_.root(*found->second.begin());
        return std::ranges::any_of(found->second,
                                   [&](const std::string& number) { return persons_.root(number) != first; });
    }
    bool is_in_conflict(const std::string& root) { return contradicts(root) && !settled_.contains(root); }

    void group_persons() {
        join_merged();
        // A local number merged by itself belongs to the survivor, whatever it stood with.
        for (const merge& made : merges_) {
            if (!made.prior.nhs.empty() || made.prior.others.empty())
                continue;
            if (const std::string& root = together_.root(made.prior.others.front()); contradicts(root))
                settled_.insert(root);
        }
        join_merged();
        for (const auto& [root, numbers] : numbers_of_) {
            if (!settled_.contains(root) && !contradicts(root))
                persons_.join(root, *numbers.begin());
        }
        for (const merge& made : merges_) {
            const std::string survivor = node_of(made.survivor);
            const std::string prior = node_of(made.prior);
            if (!can_join(survivor, prior))
                continue;
            merged_away_[prior] = survivor;
            merged_away_.erase(survivor);
        }
    }

    // Makes one person of both sides of each merge. Numbers of one person no longer contradict each other, so a merge may
    // tell whose a local number is that another merge names: until nothing changes.
    void join_merged() {
        for (bool changed = true; changed;) {
            changed = false;
            for (const merge& made : merges_) {
                const std::string survivor = node_of(made.survivor);
                const std::string prior = node_of(made.prior);
                if (!can_join(survivor, prior) || persons_.root(survivor) == persons_.root(prior))
                    continue;
                persons_.join(survivor, prior);
                changed = true;
            }
        }
    }
    bool can_join(const std::string& survivor, const std::string& prior) {
        return !survivor.empty() && !prior.empty() && survivor != prior && !is_in_conflict(survivor) &&
               !is_in_conflict(prior);
    }

    std::vector<person> collect() {
        std::map<std::string, person> by_root;
        std::map<std::string, std::set<std::string>> keys, nodes;
        for (std::size_t i = 0; i < events_.size(); ++i) {
            const std::string node = node_of(subjects_[i]);
            if (node.empty())
                continue; // a fact of nobody
            const bool in_conflict = is_in_conflict(node);
            const std::string root = in_conflict ? node : persons_.root(node);
            person& one = by_root[root];
            one.events.push_back(i);
            if (in_conflict)
                one.hold_reason = "identity-conflict";
            nodes[root].insert(node);
            keys[root].insert(subjects_[i].others.begin(), subjects_[i].others.end());
            if (!subjects_[i].nhs.empty())
                keys[root].insert(subjects_[i].nhs);
        }
        for (const merge& made : merges_) {
            const std::string root = persons_.root(node_of(made.survivor));
            if (const auto found = by_root.find(root); found != by_root.end()) {
                found->second.merged = true;
                nodes[root].insert(node_of(made.prior));
            }
        }
        std::vector<person> result;
        for (auto& [root, one] : by_root) {
            choose_key(one, nodes[root], keys[root]);
            if (keys[root].size() > definition_.identity_keys_max)
                one.hold_reason = "identity-cluster-too-large";
            result.push_back(std::move(one));
        }
        return result;
    }

    // The survivor's key: its NHS number, else one merged into it, else the lowest local number.
    void choose_key(person& one, const std::set<std::string>& nodes, const std::set<std::string>& keys) {
        std::string survivor = *nodes.begin();
        for (std::size_t steps = 0; steps < nodes.size() && merged_away_.contains(survivor); ++steps)
            survivor = merged_away_[survivor];
        std::string number = survivor.starts_with(nhs_prefix) ? survivor : std::string();
        for (const std::string& node : nodes) {
            if (number.empty() && node.starts_with(nhs_prefix))
                number = node;
        }
        if (one.hold_reason.empty() && !number.empty()) {
            one.key = number;
            one.nhs_number = number.substr(nhs_prefix.size());
            return;
        }
        const auto local_of = [&](bool of_survivor_only) -> std::string {
            for (const std::string& key : keys) {
                if (key.starts_with(local_prefix) && (!of_survivor_only || together_.root(key) == survivor))
                    return key;
            }
            return {};
        };
        one.key = local_of(true);
        if (one.key.empty())
            one.key = local_of(false);
    }

    std::span<const distinct_event> events_;
    const compiled_definition& definition_;
    std::vector<subject_keys> subjects_; // of each event
    key_sets together_;                  // local numbers and Patient ids that stand together
    std::map<std::string, std::set<std::string>> numbers_of_; // NHS numbers that stand with such a set
    std::vector<merge> merges_;
    key_sets persons_;
    std::set<std::string>
        settled_; // sets of local numbers of several persons that a merge has given to somebody
    std::map<std::string, std::string> merged_away_; // node to the one that survives it
};

} // namespace

void move_visits(std::vector<distinct_event>& events, std::deque<event>& moved) {
    for (const distinct_event& one : events) {
        const auto* move = one.is->as<identity_change>();
        if (move == nullptr || move->visit.empty())
            continue;
        for (distinct_event& told : events) {
            const event& fact = *told.is;
            const bool is_of_visit = fact.visit_number == move->visit && fact.sender == one.is->sender &&
                                     fact.recorded <= one.is->recorded;
            // Who somebody is, is no part of a visit.
            if (!is_of_visit || fact.as<patient_details>() != nullptr ||
                fact.as<identity_change>() != nullptr || !share_a_key(fact.subject, move->other))
                continue;
            event& here = moved.emplace_back(fact);
            here.subject = one.is->subject;
            told.is = &here;
        }
    }
}

std::vector<person> identify(std::span<const distinct_event> events, const compiled_definition& definition) {
    return identification(events, definition).run();
}

} // namespace auditgate::mapping
