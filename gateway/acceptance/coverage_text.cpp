// What a run has exercised, for people and programs.
#include "gateway/acceptance/coverage.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace auditgate::gateway::acceptance {

namespace {

using fhir::json::value;

constexpr std::array<std::pair<part_kind, std::string_view>, 11> kinds{{
    {part_kind::value, "value"},
    {part_kind::absence, "absence"},
    {part_kind::word, "word"},
    {part_kind::stated, "stated"},
    {part_kind::coded, "coded"},
    {part_kind::evidence, "evidence"},
    {part_kind::exclusion, "exclusion"},
    {part_kind::time_point, "time-point"},
    {part_kind::measured, "measured"},
    {part_kind::flag, "flag"},
    {part_kind::rule, "rule"},
}};

// What is missing of the parts of one kind that belong to one thing, in words.
std::string missing(const covered_part& one, const std::string& names) {
    switch (one.kind) {
    case part_kind::value:
        return one.of + " never has a value";
    case part_kind::absence:
        return one.of + " is never left without a value";
    case part_kind::word:
        return one.of + " is never " + names;
    case part_kind::stated:
        return "nothing states " + one.of + ": no message has one of its `codes`";
    case part_kind::coded:
        return one.of + ": no message has a code for " + names;
    case part_kind::evidence:
        return "no procedure is selected by " + names;
    case part_kind::exclusion:
        return "nothing is excluded as " + names;
    case part_kind::time_point:
        return "nothing is observed at " + names;
    case part_kind::measured:
        return one.of + " never has " + names;
    case part_kind::flag:
        return "no record has the flag " + names;
    case part_kind::rule:
        return names + ": no message reads differently without it";
    }
    return names;
}

// An item that never has a value has none of its words either.
bool is_told_by_its_item(const covered_part& one, const std::vector<covered_part>& all) {
    return one.kind == part_kind::word && std::ranges::any_of(all, [&](const covered_part& other) {
               return other.kind == part_kind::value && other.of == one.of && other.cases == 0;
           });
}

std::string lines_of(const file_coverage& one) {
    std::string text;
    for (std::size_t i = 0; i < one.parts.size(); ++i) {
        const covered_part& first = one.parts[i];
        if (first.cases > 0 || is_told_by_its_item(first, one.parts)) {
            continue;
        }
        std::string names = first.name;
        const bool is_grouped = !first.of.empty();
        const auto told = [&](const covered_part& other) {
            return is_grouped && other.kind == first.kind && other.of == first.of && other.cases == 0;
        };
        const auto before = one.parts.begin() + static_cast<std::ptrdiff_t>(i);
        if (std::any_of(one.parts.begin(), before, told)) {
            continue; // with the first of them
        }
        for (auto other = before + 1; other != one.parts.end(); ++other) {
            if (told(*other)) {
                names += ", " + other->name;
            }
        }
        text += "  " + one.file.string() + ':' + std::to_string(first.where.line) + ": " +
                missing(first, names) + '\n';
    }
    return text;
}

std::string text_of(const file_coverage& one) {
    if (one.cases == 0) {
        return one.file.string() + ": no case uses it\n";
    }
    if (one.parts.empty()) {
        return one.file.string() + ": " + std::to_string(one.cases) + (one.cases == 1 ? " case" : " cases") +
               ", nothing in it that can be left out\n";
    }
    return one.file.string() + ": " + std::to_string(one.cases) + (one.cases == 1 ? " case" : " cases") +
           ", " + std::to_string(one.exercised()) + " of " + std::to_string(one.parts.size()) +
           " parts exercised\n" + lines_of(one);
}

value json_of(const std::vector<file_coverage>& files) {
    value all = value::array();
    for (const file_coverage& file : files) {
        value parts = value::array();
        for (const covered_part& one : file.parts) {
            value part = value::object();
            part.set("kind", value(to_string(one.kind)));
            if (!one.of.empty()) {
                part.set("of", value(one.of));
            }
            if (!one.name.empty()) {
                part.set("name", value(one.name));
            }
            part.set("line", value(one.where.line));
            part.set("cases", value(static_cast<std::int64_t>(one.cases)));
            parts.push_back(std::move(part));
        }
        all.push_back(fhir::json::make_object({{"file", value(file.file.string())},
                                               {"cases", value(static_cast<std::int64_t>(file.cases))},
                                               {"parts", std::move(parts)}}));
    }
    return all;
}

} // namespace

std::string_view to_string(part_kind kind) {
    return std::ranges::find(kinds, kind, &std::pair<part_kind, std::string_view>::first)->second;
}

std::string to_text(const coverage_report& report) {
    std::string text;
    for (const std::vector<file_coverage>* files : {&report.datasets, &report.profiles}) {
        for (const file_coverage& one : *files) {
            text += text_of(one);
        }
    }
    const std::vector<std::string>& unused = report.terminology.unused;
    text += "terminology: " + std::to_string(report.terminology.all - unused.size()) + " of " +
            std::to_string(report.terminology.all) + " maps and value sets have a code of some message";
    for (std::size_t i = 0; i < unused.size(); ++i) {
        text += (i == 0 ? "; none of " : ", ") + unused[i];
    }
    return text + '\n';
}

std::string summary_text(const coverage_report& report) {
    std::size_t exercised = 0;
    std::size_t all = 0;
    for (const file_coverage& one : report.datasets) {
        exercised += one.exercised();
        all += one.parts.size();
    }
    return "exercised " + std::to_string(exercised) + " of " + std::to_string(all) +
           " parts of the datasets; --coverage names the others, with their lines\n";
}

value to_json(const coverage_report& report) {
    value unused = value::array();
    for (const std::string& id : report.terminology.unused) {
        unused.push_back(value(id));
    }
    return fhir::json::make_object(
        {{"datasets", json_of(report.datasets)},
         {"profiles", json_of(report.profiles)},
         {"terminology",
          fhir::json::make_object({{"all", value(static_cast<std::int64_t>(report.terminology.all))},
                                   {"unused", std::move(unused)}})}});
}

} // namespace auditgate::gateway::acceptance
