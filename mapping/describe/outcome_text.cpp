#include "mapping/describe/outcome_text.hpp"

#include "mapping/describe/words.hpp"
#include "mapping/feed/place_text.hpp"

#include <algorithm>
#include <map>

namespace auditgate::mapping::describe {

namespace {

std::string time_points(const compiled_definition& definition) {
    std::string text =
        "| time point | nominal day | window | due on | mandatory |\n| --- | --- | --- | --- | --- |\n";
    for (std::size_t place = 0; place < definition.time_points.size(); ++place) {
        const time_point& at = definition.time_points[place];
        text += "| " + code(at.name) + " | " + std::to_string(at.nominal_day) + " | " + days(at.window);
        text += definition.baseline == place ? ", before the procedure starts" : "";
        text += " | day " + std::to_string(at.due_day) + " | " + (at.mandatory ? "yes" : "no") + " |\n";
    }
    return text;
}

std::string number_text(const assessment_value& value) {
    const std::string range = std::to_string(value.min) + " to " + std::to_string(value.max);
    switch (value.form) {
    case number_form::integer:
        return "whole number, " + range +
               (value.scale_to_10 ? "; millimetres and 0 to 100 count as tenths" : "");
    case number_form::one_decimal:
        return "one decimal, " + range;
    case number_form::three_decimals:
        return "up to three decimals, " + range;
    case number_form::digits:
        return std::to_string(value.digits) + " digits, each " + range;
    }
    return {};
}

std::string instruments(const assessment_block& block, const terminology& terms) {
    std::string text = block.names_instruments()
                           ? "| instrument | value | codes | accepted |\n| --- | --- | --- | --- |\n"
                           : "| value | codes | accepted |\n| --- | --- | --- |\n";
    for (const instrument& kind : block.instruments) {
        for (const assessment_value& value : kind.values) {
            text += block.names_instruments() ? "| " + kind.name + ' ' : "";
            text += "| " + code(value.name) + " | " + codes(value.codes, terms);
            if (!value.part_codes.empty())
                text += "; else the mean of at least " + std::to_string(value.parts_min) + " of " +
                        codes(value.part_codes, terms);
            text += " | " + number_text(value) + " |\n";
        }
    }
    return text;
}

std::string place_line(const feed::layout* places, const std::string& path) {
    return places == nullptr ? std::string() : point("In the feed", feed_place(*places, path));
}

// "- `day`: meaning (place)"
std::string value_line(const feed::layout* places, const std::string& path, const std::string& meaning) {
    const std::string at = places == nullptr ? std::string() : feed_place(*places, path);
    return "- " + code(path.substr(path.rfind('.') + 1)) + ": " + meaning +
           (at.empty() ? "" : " (" + at + ')') + '\n';
}

std::string block_text(const assessment_block& block, const compiled_definition& definition,
                       const std::string& rows, const feed::layout* places) {
    std::string text = "\n#### " + code(rows + '.' + block.name) + "\n\n";
    const std::string path = rows + '.' + block.name + '.';
    text += value_line(places, path + "day", "Day of the assessment");
    for (std::size_t place = 0; place < block.shown.size(); ++place)
        text += value_line(places, path + block.shown[place], block.meanings[place]);
    if (block.names_instruments())
        text += value_line(places, path + "instrument", "What it was assessed with");
    text += '\n' + instruments(block, *definition.codes) + '\n';
    if (block.names_instruments())
        text += "The instrument is, for the baseline, the first of the list that has " +
                (block.leading.empty() ? std::string("a value") : code(block.leading)) +
                "; later the baseline's where it was used, else the same order.\n";
    text += "All are empty when there is no assessment in the window. An assessment is what was observed at "
            "one time: for the baseline the last one before the start, else the one nearest the nominal "
            "day, of two the later. A value that is no plain number, or outside its range, is not used.\n";
    for (const auto& [name, any_of] : block.mandatory)
        text += "Listed as missing at mandatory time points, once they are due, when there is none of " +
                code_list(any_of) + ": " + code(rows + ".<time point>." + block.name + '.' + name) + ".\n";
    return text;
}

std::string opioid_text(const opioid_rules& rules, const compiled_definition& definition,
                        const std::string& rows, const feed::layout* places) {
    const std::string path = rows + '.' + rules.name;
    std::string text = "\n#### " + code(path) + "\n\n" + rules.meaning + ".\n\n";
    text += point("Found",
                  "Table " + code(rules.table->id()) +
                      " of the terminology, for the day of the leading assessment (else the nominal day). A "
                      "reported figure (" +
                      codes(rules.reported, *definition.codes) +
                      ") first; else the doses given that day and patches worn; else the regular orders that "
                      "hold that day. What is taken only when needed is never counted from its order.");
    text +=
        point("When not known", "empty, and listed as missing at mandatory time points once they are due");
    text += '\n' + value_line(places, path + ".day", "The day that is told of");
    text += value_line(places, path + ".ome_mg_per_day", "The figure");
    return text + value_line(places, path + ".computable",
                             "`full`, `partial` (something could not be counted), `not-computable`");
}

std::string response_text(const response_rules& rules, const std::string& rows, const feed::layout* places) {
    const std::string path = rows + '.' + rules.name;
    const std::string change = std::to_string(rules.score_change);
    const std::string percent = std::to_string(rules.dose_percent) + " %";
    std::string text = "\n#### " + code(path) + "\n\n" + rules.meaning + ".\n\n";
    text += "- `complete`: the score is 0 and the dose not higher\n";
    text += "- `partial`: the score is down by " + change +
            " or more and the dose not higher, or the dose down by " + percent +
            " or more and the score not higher\n";
    text += "- `progression`: the score is up by " + change + " or more and the dose not down by " + percent +
            " or more, or the dose up by " + percent + " or more and the score not down by " +
            std::to_string(rules.score_slight) + " or more\n";
    text += "- `indeterminate`: none of these\n";
    text += "- `not-evaluable`: score or dose is not known at one of the times, by another instrument, or "
            "the score at "
            "baseline was below " +
            std::to_string(rules.score_min) + "\n";
    return text + place_line(places, path);
}

} // namespace

namespace {

std::string stated_harms(const adverse_event_rules& rules, const terminology& terms) {
    std::string text = "Any category can also be stated, by an AdverseEvent or an observation:\n\n";
    const auto add = [&](const code_set& set, const std::string& what) {
        if (!set.empty())
            text += "- " + what + ": " + codes(set, terms) + '\n';
    };
    add(rules.stated_category, "the category");
    add(rules.stated_onset, "when it began");
    add(rules.stated_grade, "CTCAE grade, 1 to 5");
    add(rules.stated_relatedness, "what it is put down to; not stated: " + code(rules.relatedness.back()));
    return text;
}

} // namespace

std::string feed_place(const feed::layout& places, std::string_view path) {
    const auto found = std::ranges::find(places.items, path, &feed::item_place::path);
    return found == places.items.end()
               ? std::string()
               : feed::place_text(places, *found) + ", in " + feed::slots_text(places, *found);
}

std::string outcomes(const compiled_definition& definition, const feed::layout* places) {
    const std::string rows = definition.find(derivation::time_points)->path();
    std::string text = "\n### Outcomes of " + definition.dataset +
                       "\n\nThere is one row for each time point:\n\n" + time_points(definition);
    text += "\nAssessments between the windows are not shown.\n\n" +
            value_line(places, rows + ".timepoint", "Name of the time point") +
            value_line(
                places, rows + ".status",
                "`in-window` (something was assessed in the window), `not-due`, `missing` (due, and nothing "
                "there), `not-expected` (death, withdrawal, or the procedure again at the same site came "
                "before)");
    for (const row_part& part : definition.row_parts) {
        switch (part.what) {
        case row_part::kind::block:
            text += block_text(definition.blocks[part.block], definition, rows, places);
            break;
        case row_part::kind::opioid:
            text += opioid_text(definition.opioid, definition, rows, places);
            break;
        case row_part::kind::response:
            text += response_text(definition.response, rows, places);
            break;
        }
    }
    return text;
}

std::string harms(const compiled_definition& definition, const feed::layout* places) {
    const adverse_event_rules& rules = definition.safety;
    const terminology& terms = *definition.codes;
    std::string text =
        "\n### Harms of " + definition.dataset + "\n\nA harm counts when it began " + days(rules.window) +
        " and no later procedure of this dataset came between, or when it is linked to the procedure. A "
        "diagnosis that was there before is none. Two of one category and day are one: the highest "
        "grade, and the first of " +
        code_list(rules.relatedness) + ".\n\n| category | codes of diagnoses |\n| --- | --- |\n";
    for (const coded_word& one : rules.categories)
        text += "| " + code(one.word) + " | " + codes(one.codes, terms) + " |\n";
    text += "\n" + stated_harms(rules, terms) + "\n";
    const std::string path = definition.find(derivation::adverse_events)->path();
    for (const char* part : {"category", "onset_day", "ctcae_grade", "relatedness"}) {
        const std::string at = places == nullptr ? std::string() : feed_place(*places, path + '.' + part);
        text += "- " + code(path + '.' + part) + (at.empty() ? "" : ": " + at) + '\n';
    }
    return text;
}

std::string flags(const compiled_definition& definition) {
    std::map<std::string, std::string> meanings{
        {"conflict", "two sources differ; which of them is shown is told by the item's rule"},
        {"late-correction", "a value was corrected or taken back in a later quarter than its own"},
        {"merged-patient", "the hospital has merged two entries of the patient"},
        {"out-of-range", "a value in a window was outside its range and not used"},
        {"unparsed-value", "a value in a window was no plain number or known word and not used"}};
    const auto add = [&](const std::string& name, std::string meaning) {
        if (!name.empty())
            meanings.emplace(name, std::move(meaning));
    };
    const bool has_rows = definition.find(derivation::time_points) != nullptr;
    add(definition.selection.unconfirmed_flag, "no diagnosis confirms what the procedure is for");
    add(definition.selection.site_mismatch_flag, "two feeds name different sites");
    add(has_rows ? "instrument-change" : "",
        "an assessment was made with another instrument than the baseline");
    add(has_rows ? "confounded-by-new-procedure" : "",
        "the procedure was done again at another site before the last time point was over");
    add(definition.opioid.name.empty() ? "" : "unit-unknown",
        "a dose could not be counted for its unit or strength");
    add(definition.safety.categories.empty() ? "" : "recurrent-code",
        "a diagnosis of harm was there before and again after: somebody must look");
    for (const item& one : definition.items)
        add(one.several_flag,
            "diagnoses of one date are of more than one category (" + code(one.path()) + ")");
    for (const time_point& at : definition.time_points)
        add(at.old_flag, "the assessment of " + code(at.name) + " is from before day " +
                             std::to_string(at.old_before_day.value_or(0)));
    std::string text = "\n### Flags\n\n";
    for (const auto& [name, meaning] : meanings)
        text += "- " + code(name) + ": " + meaning + '\n';
    return text;
}

} // namespace auditgate::mapping::describe
