// The `report` of a definition file: what `auditgate report` shows of the items beyond what every dataset has.
#include "mapping/definition/load_parts.hpp"
#include "mapping/report/decimal.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>

namespace auditgate::mapping {

namespace {

constexpr std::array list_derivations{derivation::earlier_treatments,
                                      derivation::session_codes,
                                      derivation::sites,
                                      derivation::session_words,
                                      derivation::time_points,
                                      derivation::adverse_events,
                                      derivation::missing,
                                      derivation::flags,
                                      derivation::subsequent_treatments,
                                      derivation::released};

// yaml::suggestion() out of any collection of texts.
template <class Texts>
std::string suggestion(std::string_view word, const Texts& candidates) {
    const std::vector<std::string_view> views(candidates.begin(), candidates.end());
    return yaml::suggestion(word, views);
}

// What the rows of the time points hold, by path; numbers with the digits that they can have after the point.
class row_paths {
public:
    explicit row_paths(const compiled_definition& of) {
        for (const assessment_block& block : of.blocks) {
            for (const instrument& kind : block.instruments)
                for (const assessment_value& value : kind.values)
                    add_value(block.name + '.' + value.name, value.form);
            if (block.names_instruments())
                words_.insert(block.name + ".instrument");
        }
        if (!of.opioid.name.empty()) {
            numbers_[of.opioid.name + ".ome_mg_per_day"] = 0;
            words_.insert(of.opioid.name + ".computable");
        }
        if (!of.response.name.empty())
            words_.insert(of.response.name);
    }

    // Digits after the point of the number that `key` names; 0 after a problem.
    int number(yaml::map_reader& from, std::string_view key, std::string& path) const {
        path = from.text(key);
        const auto found = numbers_.find(path);
        if (found != numbers_.end())
            return found->second;
        std::vector<std::string> known;
        for (const auto& [name, decimals] : numbers_)
            known.push_back(name);
        unknown(from, key, path, "number", known);
        return 0;
    }

    std::string word(yaml::map_reader& from, std::string_view key) const {
        std::string path = from.text(key);
        if (!words_.contains(path))
            unknown(from, key, path, "word", words_);
        return path;
    }

private:
    void add_value(const std::string& path, number_form form) {
        constexpr int thousandths = 3;
        switch (form) {
        case number_form::integer:
            numbers_.try_emplace(path, 0);
            break;
        case number_form::one_decimal:
            numbers_[path] = std::max(numbers_[path], 1);
            break;
        case number_form::three_decimals:
            numbers_[path] = thousandths;
            break;
        case number_form::digits:
            words_.insert(path);
            break;
        }
    }

    template <class Texts>
    static void unknown(yaml::map_reader& from, std::string_view key, const std::string& path,
                        std::string_view what, const Texts& known) {
        if (!path.empty())
            from.problem_at(key, '`' + path + "` is no " + std::string(what) + " of the time points' rows" +
                                     suggestion(path, known));
    }

    std::map<std::string, int> numbers_;
    std::set<std::string> words_;
};

void read_compared(yaml::map_reader& from, const row_paths& rows, compared_number& to) {
    to.decimals = rows.number(from, "value", to.value);
    to.label = from.text("label");
    to.unit = from.text_or("unit", "");
    to.lower_is_better = from.choice<bool>("better", {{"lower", true}, {"higher", false}});
    if (const auto text = from.optional_text("step")) {
        const auto step = report::parse_decimal(*text, to.decimals);
        if (!step || *step <= 0)
            from.problem_at("step", "a number above 0 with at most " + std::to_string(to.decimals) +
                                        " digits after the point is expected");
        to.step = step.value_or(1);
    }
    if (from.has("same"))
        to.same = rows.word(from, "same");
    if (const yaml::node* when = from.child("when")) {
        yaml::map_reader map(*when, "`when`", from.problems());
        to.when = rows.word(map, "value");
        to.when_words = map.texts("words");
        map.finish();
    }
    from.finish();
}

void read_response(yaml::map_reader& from, const row_paths& rows, reported_response& to) {
    to.value = rows.word(from, "value");
    to.label = from.text("label");
    to.words = from.texts("words");
    if (to.words.empty())
        from.problem_at("words", "the words that the value can be, the best first, are expected");
    to.not_evaluable = from.text("not_evaluable");
    from.finish();
}

void read_share(yaml::map_reader& from, const compiled_definition& definition, reported_share& to) {
    to.item = from.text("item");
    to.label = from.text("label");
    to.word = from.text("word");
    from.finish();
    const item* found = definition.find(std::string_view(to.item));
    if (found == nullptr) {
        std::vector<std::string> paths;
        for (const item& one : definition.items)
            paths.push_back(one.path());
        from.problem_at("item", "the record has no item `" + to.item + '`' + suggestion(to.item, paths));
        return;
    }
    if (std::ranges::find(list_derivations, found->how) != list_derivations.end()) {
        from.problem_at("item", '`' + to.item + "` has no single word of which there could be a share");
        return;
    }
    to.missing_as = found->how == derivation::equals ? found->of : to.item;
    const std::set<std::string> words =
        found->how == derivation::equals ? std::set<std::string>{"true", "false"} : found->possible_words();
    if (!words.empty() && !words.contains(to.word))
        from.problem_at("word",
                        '`' + to.word + "` is no word of `" + to.item + '`' + suggestion(to.word, words));
}

// Reads each map of the list under `key` into a new element of `to`.
template <class Element, class Reader>
void read_each(yaml::map_reader& from, std::string_view key, std::string_view what, std::vector<Element>& to,
               Reader read) {
    for (const yaml::node& one : from.list(key)) {
        yaml::map_reader map(one, what, from.problems());
        read(map, to.emplace_back());
    }
}

} // namespace

void read_report(yaml::map_reader& report, compiled_definition& to) {
    const row_paths rows(to);
    read_each(report, "compared", "a compared value", to.report.compared,
              [&](yaml::map_reader& from, compared_number& into) { read_compared(from, rows, into); });
    read_each(report, "responses", "a response", to.report.responses,
              [&](yaml::map_reader& from, reported_response& into) { read_response(from, rows, into); });
    read_each(report, "shares", "a share", to.report.shares,
              [&](yaml::map_reader& from, reported_share& into) { read_share(from, to, into); });
    to.report.notes = report.texts("notes");
    report.finish();
}

} // namespace auditgate::mapping
