#include "gateway/acceptance/definition_parts.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <variant>

namespace auditgate::gateway::acceptance {

using fhir::json::value;
using mapping::derivation;
namespace yaml = mapping::yaml;

namespace {

std::vector<std::string> place_of(const mapping::item& one) {
    return {"record", one.section, "items", one.name};
}

std::vector<std::string> with(std::vector<std::string> place, std::string step) {
    place.push_back(std::move(step));
    return place;
}

bool may_be_absent(derivation how) {
    return how == derivation::latest_number || how == derivation::days_since_event ||
           how == derivation::first_code || how == derivation::death_band;
}

class part_list {
public:
    explicit part_list(const mapping::compiled_definition& definition) : definition_(definition) {}

    std::vector<definition_part> all() {
        add_selection();
        for (const mapping::item& one : definition_.items) {
            add_item(one);
        }
        for (const mapping::time_point& one : definition_.time_points) {
            parts_.push_back({part_kind::time_point,
                              "",
                              one.name,
                              rows() + '@' + one.name,
                              {},
                              {"time_points", one.name}});
            add_flag(one.old_flag, {"time_points", one.name, "old_flag"});
        }
        for (const mapping::assessment_block& one : definition_.blocks) {
            add_block(one);
        }
        add_harms();
        for (const mapping::reported_response& one : definition_.report.responses) {
            for (const std::string& word : one.words) {
                add_word(rows() + '.' + one.value, word, {"report", "responses", one.value, word});
            }
            add_word(rows() + '.' + one.value, one.not_evaluable, {"report", "responses", one.value});
        }
        return std::move(parts_);
    }

private:
    void add_word(const std::string& path, const std::string& word, std::vector<std::string> place) {
        std::string fact = path + '=';
        fact += word;
        parts_.push_back({part_kind::word, path, word, std::move(fact), {}, std::move(place)});
    }

    void add_flag(const std::string& flag, std::vector<std::string> place) {
        const mapping::item* flags = definition_.find(derivation::flags);
        if (!flag.empty() && flags != nullptr) {
            parts_.push_back({part_kind::flag, "", flag, flags->path() + '=' + flag, {}, std::move(place)});
        }
    }

    void add_selection() {
        const mapping::selection_rules& rules = definition_.selection;
        for (const mapping::evidence_rule& one : rules.evidence) {
            definition_part part{
                part_kind::evidence, "", one.name, "", {}, {"selection", "evidence", one.name}};
            for (const mapping::code_set& set : one.together) {
                part.codes.push_back(&set);
            }
            parts_.push_back(std::move(part));
        }
        for (const mapping::exclusion_rule& one : rules.exclude) {
            parts_.push_back({part_kind::exclusion,
                              "",
                              one.reason,
                              "excluded=" + one.reason,
                              {},
                              {"selection", "exclude", one.reason}});
        }
        add_flag(rules.unconfirmed_flag, {"selection", "unconfirmed_flag"});
        add_flag(rules.site_mismatch_flag, {"selection", "site_mismatch_flag"});
    }

    void add_item(const mapping::item& one) {
        constexpr std::array made_of_others{derivation::released, derivation::time_points,
                                            derivation::adverse_events, derivation::missing,
                                            derivation::flags};
        if (std::ranges::find(made_of_others, one.how) != made_of_others.end()) {
            return;
        }
        const std::string path = one.path();
        parts_.push_back({part_kind::value, path, "", path, {}, place_of(one)});
        if (may_be_absent(one.how)) {
            parts_.push_back({part_kind::absence, path, "", path + "=null", {}, place_of(one)});
        }
        for (const std::string& word : words_of(one)) {
            add_word(path, word, with(place_of(one), word));
        }
        if (!one.codes.empty()) {
            parts_.push_back({part_kind::stated, path, "", "", {&one.codes}, with(place_of(one), "codes")});
        }
        for (const mapping::coded_word& each : one.coded) {
            if (!each.codes.empty()) {
                parts_.push_back({part_kind::coded,
                                  path,
                                  each.word,
                                  "",
                                  {&each.codes},
                                  with(with(place_of(one), "coded"), each.word)});
            }
        }
        add_flag(one.several_flag, with(place_of(one), "several_flag"));
    }

    [[nodiscard]] std::vector<std::string> words_of(const mapping::item& one) const {
        if (one.how == derivation::equals) {
            return {"true", "false"};
        }
        std::vector<std::string> words = one.words;
        if (one.how == derivation::follow_up_status) {
            words.insert(words.end(), definition_.follow_up.ending_words.begin(),
                         definition_.follow_up.ending_words.end());
            return words;
        }
        for (const std::string& each : one.possible_words()) { // sorted: those without an order of their own
            if (std::ranges::find(words, each) == words.end()) {
                words.push_back(each);
            }
        }
        return words;
    }

    void add_block(const mapping::assessment_block& block) {
        for (const mapping::instrument& one : block.instruments) {
            const std::string path = rows() + '.' + block.name;
            const std::string of = one.name.empty() ? path : path + '[' + one.name + ']';
            for (const mapping::assessment_value& each : one.values) {
                std::vector<std::string> place{"efficacy", block.name, "instruments"};
                if (!one.name.empty()) {
                    place.push_back(one.name);
                    place.emplace_back("values");
                }
                std::string fact = of + '.';
                fact += each.name;
                parts_.push_back({part_kind::measured,
                                  of,
                                  each.name,
                                  std::move(fact),
                                  {},
                                  with(std::move(place), each.name)});
            }
        }
    }

    void add_harms() {
        const mapping::item* events = definition_.find(derivation::adverse_events);
        if (events == nullptr) {
            return;
        }
        for (const mapping::coded_word& one : definition_.safety.categories) {
            add_word(events->path() + ".category", one.word, {"safety", "categories", one.word});
        }
        for (const std::string& word : definition_.safety.relatedness) {
            add_word(events->path() + ".relatedness", word, {"safety", "relatedness", word});
        }
    }

    // The path of the time points' rows.
    [[nodiscard]] std::string rows() const {
        const mapping::item* found = definition_.find(derivation::time_points);
        return found == nullptr ? "" : found->path();
    }

    const mapping::compiled_definition& definition_;
    std::vector<definition_part> parts_;
};

std::string word_of(const value& scalar) {
    if (const auto is_so = scalar.as_bool()) {
        return *is_so ? "true" : "false";
    }
    return std::string(scalar.text());
}

bool says_something(const value& block) {
    return block.is_object() && std::ranges::any_of(block.members(), [](const fhir::json::member& each) {
               return !each.content.is_null();
           });
}

void add_facts(const value& of, const std::string& path, std::set<std::string>& to);

void add_object(const value& of, const std::string& path, std::set<std::string>& to) {
    const std::string_view time_point = of["timepoint"].text();
    const std::string_view instrument = of["instrument"].text();
    for (const fhir::json::member& each : of.members()) {
        std::string below = path.empty() ? each.name : path + '.' + each.name;
        add_facts(each.content, below, to);
        if (!time_point.empty() && says_something(each.content)) {
            to.insert(path + '@' + std::string(time_point));
        }
        if (!instrument.empty() && !each.content.is_null()) {
            to.insert(path + '[' + std::string(instrument) + "]." + each.name);
        }
    }
}

void add_facts(const value& of, const std::string& path, std::set<std::string>& to) {
    if (of.is_object()) {
        add_object(of, path, to);
    } else if (of.is_array()) {
        for (const value& each : of.items()) {
            add_facts(each, path, to);
        }
    } else if (of.is_null()) {
        to.insert(path + "=null");
    } else {
        to.insert(path);
        to.insert(path + '=' + word_of(of));
    }
}

using mapping::codings;

void take(const codings& some, codings& into) {
    into.insert(into.end(), some.begin(), some.end());
}

struct codings_of_payload {
    codings& into;

    void operator()(const mapping::procedure& one) const {
        take(one.codes, into);
        take(one.body_sites, into);
        take(one.complications, into);
    }
    void operator()(const mapping::booking& one) const { take(one.codes, into); }
    void operator()(const mapping::observation& one) const {
        take(one.codes, into);
        take(one.value.codes, into);
    }
    void operator()(const mapping::medication& one) const {
        take(one.drug, into);
        take(one.route, into);
    }
    void operator()(const mapping::condition& one) const { take(one.codes, into); }
    void operator()(const mapping::adverse_event& one) const {
        take(one.category, into);
        take(one.relatedness, into);
    }
    void operator()(const mapping::consent& one) const { take(one.policy, into); }
    void operator()(const mapping::patient_details&) const {}
    void operator()(const mapping::identity_change&) const {}
    void operator()(const mapping::visit&) const {}
    void operator()(const mapping::emptied_set&) const {}
};

struct found_node {
    const yaml::node* at = nullptr;
    yaml::position where;
};

// What stands below under a key, as a text, or with that name.
std::optional<found_node> find_below(const yaml::node& from, const std::string& text) {
    if (from.kind == yaml::node_kind::scalar && from.text == text) {
        return found_node{&from, from.where};
    }
    for (const yaml::entry& each : from.entries) {
        if (each.key == text) {
            return found_node{&each.value, each.where};
        }
        if (const auto found = find_below(each.value, text)) {
            return found;
        }
    }
    for (const yaml::node& each : from.items) {
        if (const auto found = find_below(each, text)) {
            return found;
        }
    }
    return std::nullopt;
}

std::optional<found_node> find_named(const yaml::node& list, const std::string& name) {
    constexpr std::array<std::string_view, 5> naming{"section", "name", "block", "reason", "value"};
    for (const yaml::node& each : list.items) {
        for (const std::string_view key : naming) {
            if (const yaml::node* text = each.find(key); text != nullptr && text->text == name) {
                return found_node{&each, each.where};
            }
        }
    }
    return std::nullopt;
}

} // namespace

std::vector<definition_part> parts_of(const mapping::compiled_definition& definition) {
    return part_list(definition).all();
}

std::set<std::string> facts_of(const mapping::case_result& one) {
    std::set<std::string> facts;
    if (one.state == mapping::case_state::record) {
        add_facts(one.content, "", facts);
    } else if (one.state == mapping::case_state::excluded) {
        facts.insert("excluded=" + one.reason);
    }
    return facts;
}

std::set<mapping::concept_code> codes_of(const mapping::event& one, const mapping::terminology& codes) {
    codings sent;
    std::visit(codings_of_payload{sent}, one.payload);
    std::set<mapping::concept_code> all;
    for (const mapping::coding& each : sent) {
        all.merge([&] {
            const auto expanded = codes.expand(each, one.sender);
            return std::set<mapping::concept_code>(expanded.begin(), expanded.end());
        }());
    }
    return all;
}

yaml::position locate(const yaml::node& root, std::span<const std::string> place) {
    found_node now{&root, root.where};
    for (const std::string& step : place) {
        std::optional<found_node> next;
        const auto entry = std::ranges::find(now.at->entries, step, &yaml::entry::key);
        if (entry != now.at->entries.end()) {
            next = found_node{&entry->value, entry->where};
        } else if (const auto named = find_named(*now.at, step)) {
            next = named;
        } else {
            next = find_below(*now.at, step);
        }
        if (!next) {
            break;
        }
        now = *next;
    }
    return now.where;
}

} // namespace auditgate::gateway::acceptance
