#include "mapping/describe/dataset_page.hpp"

#include "mapping/describe/item_rule.hpp"
#include "mapping/describe/outcome_text.hpp"
#include "mapping/describe/words.hpp"

#include <algorithm>

namespace auditgate::mapping {

using describe::code;
using describe::code_list;
using describe::point;

namespace {

class page_writer {
public:
    page_writer(const compiled_definition& definition, const feed::layout* places)
        : definition_(definition), terms_(*definition.codes), places_(places) {}

    std::string write() {
        text_ = "## " + definition_.title + "\n\nDataset " + code(definition_.dataset) + ", version " +
                definition_.version + ". ";
        text_ += definition_.about.empty() ? "\n" : definition_.about + '\n';
        selection();
        text_ +=
            "\n### The record\n\nDays are counted from the date of the procedure, day 0; days before are "
            "negative.\n";
        for (const item& one : definition_.items)
            add_item(one);
        if (definition_.find(derivation::time_points) != nullptr)
            text_ += describe::outcomes(definition_, places_);
        if (definition_.find(derivation::adverse_events) != nullptr)
            text_ += describe::harms(definition_, places_);
        text_ += describe::flags(definition_);
        coarsening();
        return text_;
    }

private:
    void selection() {
        const selection_rules& rules = definition_.selection;
        text_ += "\n### Which procedures count\n\nAll codes of one patient on one date are looked at "
                 "together. One "
                 "of these is needed:\n\n";
        for (const evidence_rule& rule : rules.evidence) {
            text_ += "- " + code(rule.name) + ": ";
            for (std::size_t place = 0; place < rule.together.size(); ++place)
                text_ +=
                    (place == 0 ? "" : " **and** one of ") + describe::codes(rule.together[place], terms_);
            text_ += rule.site_required ? " **and** a named site\n" : "\n";
        }
        text_ += "\nA procedure leaves no record, and is counted, for one of these reasons:\n\n"
                 "- `not-done`: it was cancelled, or every source says that it was not done\n"
                 "- `date-not-exact`: only its month or year is known\n";
        if (std::ranges::any_of(rules.evidence, &evidence_rule::site_required))
            text_ += "- `no-site`: a site is needed, and none is named\n";
        for (const exclusion_rule& rule : rules.exclude)
            text_ += "- " + code(rule.reason) + ": " + exclusion(rule) + '\n';
        if (rules.age_years_min > 0)
            text_ += "- `under-age`: the patient is not yet " + std::to_string(rules.age_years_min) +
                     " on the day\n";
        text_ +=
            "- `no-usable-identifier`: the patient has neither a usable NHS number nor a hospital number\n";
        if (!rules.stated_sites.empty() || !rules.site_codes.empty())
            text_ +=
                "\nA site is named by the body site of a procedure or its codes" +
                (rules.site_codes.empty() ? ""
                                          : ", a region by " + describe::codes(rules.site_codes, terms_)) +
                (rules.stated_sites.empty()
                     ? ""
                     : "; or by an observation " + describe::codes(rules.stated_sites, terms_) +
                           " of the date") +
                ".\n";
    }

    std::string exclusion(const exclusion_rule& rule) const {
        if (!rule.item.empty())
            return code(rule.item) + " is " + code_list(rule.words);
        if (rule.conditions.empty())
            return describe::codes(rule.codes, terms_) + " on the date";
        return "a diagnosis " + describe::codes(rule.conditions, terms_) +
               (rule.unless.empty() ? "" : " and none of " + describe::codes(rule.unless, terms_));
    }

    void add_item(const item& one) {
        text_ += "\n#### " + code(one.path()) + "\n\n" + one.meaning + ".\n\n";
        text_ += point("Found", describe::rule_of(one, definition_));
        if (!one.codes.empty())
            text_ += point("Codes", describe::codes(one.codes, terms_));
        for (const coded_word& each : one.coded)
            text_ += point(code(each.word) + " by codes", describe::codes(each.codes, terms_));
        for (const auto& [word, sent] : describe::words_as_sent(one))
            text_ += point(code(word) + " when sent as", code_list(sent));
        if (!one.complete_codes.empty())
            text_ += point("Coded in full means", describe::codes(one.complete_codes, terms_));
        if (one.how != derivation::time_points && one.how != derivation::adverse_events) {
            const std::vector<std::string> words = describe::words_of(one, definition_);
            text_ += point("Values", code_list(words));
            text_ += point("When not known", unknown(one));
        }
        text_ += point("De-identification", deidentification(one));
        if (places_ != nullptr)
            text_ += point("In the feed", describe::feed_place(*places_, one.path()));
    }

    static std::string unknown(const item& one) {
        switch (one.how) {
        case derivation::equals:
            return "empty"; // and not the word by which the other item says so
        case derivation::released:
        case derivation::missing:
        case derivation::flags:
        case derivation::status:
        case derivation::period:
            return {};
        default:
            break;
        }
        const std::string word = !one.otherwise.empty() ? code(one.otherwise) : "empty";
        return word + (one.mandatory ? ", and listed as missing" : "");
    }

    std::string deidentification(const item& one) const {
        std::string text = one.deidentification;
        if (text == "keep")
            text = "leaves as it is";
        else if (text == "derive")
            text = "derived: tells no date";
        else if (text == "generalise")
            text = "generalised: less exact than the hospital knows it";
        else if (text == "pseudonymise")
            text = "pseudonymised with a key of the destination";
        const std::string setting = describe::coarsening_of(one, definition_);
        return setting.empty() ? text
                               : text + "; a destination may see less of it (setting " + code(setting) + ")";
    }

    void coarsening() {
        text_ +=
            "\n### What a destination may see less of\n\nSettings of `coarsen` in gateway.yaml, beside "
            "`days`, "
            "`period`, `age`, `ethnicity`, `sex` and `provider`, which every dataset has. The first value "
            "leaves things as they are.\n\n";
        if (definition_.coarsening.empty())
            text_ += "This dataset has none of its own.\n";
        for (const coarsening_setting& one : definition_.coarsening) {
            text_ += "- " + code(one.name) + " (" + code_list(one.values) + "): ";
            switch (one.how) {
            case coarsening_setting::effect::regions:
                text_ += "sites become their regions, and no code that names a site leaves\n";
                break;
            case coarsening_setting::effect::groups:
                text_ += "the words of " + code_list(one.items) + " become those of the map " +
                         code("coarsen-" + one.name + "-<value>") + " of the terminology\n";
                break;
            case coarsening_setting::effect::drop:
                text_ += code_list(one.items) + " does not leave\n";
                break;
            }
        }
    }

    const compiled_definition& definition_;
    const terminology& terms_;
    const feed::layout* places_;
    std::string text_;
};

} // namespace

std::string dataset_chapter(const compiled_definition& definition, const feed::layout* places) {
    return page_writer(definition, places).write();
}

std::string dataset_page(std::span<const std::shared_ptr<const compiled_definition>> definitions,
                         std::span<const feed::layout> layouts) {
    std::string page =
        "# What is audited, item by item\n\nMade by `auditgate describe` from the files of the dataset, "
        "its codes and its feed: what is written here is what runs. How to change it: "
        "[dataset-files.md](dataset-files.md). The files name the codes that count now; codes whose "
        "status is `candidate` do not. `L` are codes of auditgate itself: a hospital maps its own questions "
        "and words to them.\n\n"
        "Beside the items below every record has a head: the dataset and its version, the version of "
        "the codes, the record's id, version and action (`create`, `amend`, `retract`), the "
        "organisation that did the procedure, and the kinds of messages that gave a value.\n";
    for (const auto& definition : definitions) {
        page += '\n';
        page += dataset_chapter(*definition,
                                feed::find_layout(layouts, definition->dataset, definition->version));
    }
    return page;
}

} // namespace auditgate::mapping
