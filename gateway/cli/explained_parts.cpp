#include "gateway/cli/explained_parts.hpp"

#include "gateway/cli/open_value.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <utility>

namespace auditgate::gateway::cli {
namespace {

namespace json = fhir::json;

constexpr std::array<mapping::part_use, 4> uses = {mapping::part_use::used, mapping::part_use::not_used,
                                                   mapping::part_use::unknown, mapping::part_use::unreadable};

// OBX for OBX(3); empty for a path of FHIR.
std::string_view segment_of(std::string_view path) {
    return path.find('.') == std::string_view::npos ? path.substr(0, path.find('(')) : std::string_view();
}

// The name of a code system may be shown, but not what a sender wrote in its place by mistake.
std::string shown(std::string_view system) {
    return has_form(system, value_form::uri) ? "`" + std::string(system) + "`" : "(not shown)";
}

// Where the codings of an event stand in its segment: field number and codings.
class coded_fields {
public:
    explicit coded_fields(std::string_view segment) : segment_(segment) {}

    std::vector<std::pair<int, mapping::codings>> operator()(const mapping::procedure& of) const {
        if (segment_ == "PR1")
            return {{3, of.codes}, {16, of.body_sites}};
        return segment_ == "FT1" ? fields({{25, of.codes}, {26, of.body_sites}}) : fields({{4, of.codes}});
    }
    std::vector<std::pair<int, mapping::codings>> operator()(const mapping::booking& of) const {
        return {{segment_ == "OBR" ? 4 : 3, of.codes}};
    }
    std::vector<std::pair<int, mapping::codings>> operator()(const mapping::observation& of) const {
        return {{3, of.codes}, {5, of.value.codes}};
    }
    std::vector<std::pair<int, mapping::codings>> operator()(const mapping::medication& of) const {
        return {{segment_ == "RXA" ? 5 : (segment_ == "RXO" ? 1 : 2), of.drug}};
    }
    std::vector<std::pair<int, mapping::codings>> operator()(const mapping::condition& of) const {
        return {{segment_ == "FT1" ? 19 : 3, of.codes}};
    }
    std::vector<std::pair<int, mapping::codings>> operator()(const mapping::consent& of) const {
        return {{2, of.policy}};
    }
    template <class Other>
    std::vector<std::pair<int, mapping::codings>> operator()(const Other& /*has no codes*/) const {
        return {};
    }

private:
    using fields = std::vector<std::pair<int, mapping::codings>>;

    std::string_view segment_;
};

explained_note unknown_system(const std::string& path, const mapping::coding& code) {
    if (code.system.empty())
        return {
            path,
            "a code without the name of its system: no value set can hold it, and a concept map only if it "
            "names no system either"};
    return {path, "unknown code system " + shown(code.system) +
                      ": add it to terminology/code-systems.csv, and what its codes mean to "
                      "terminology/concept-maps/local-codes.csv"};
}

void add_once(std::vector<explained_note>& to, explained_note note) {
    if (std::find(to.begin(), to.end(), note) == to.end())
        to.push_back(std::move(note));
}

void note_unknown(const mapping::event& fact, const mapping::terminology& codes,
                  std::vector<explained_note>& to) {
    const std::string_view segment = segment_of(fact.path);
    if (segment.empty())
        return;
    for (const auto& [field, codings] : std::visit(coded_fields(segment), fact.payload)) {
        const std::string path = fact.path + "-" + std::to_string(field);
        for (const mapping::coding& code : codings) {
            if (codes.find_code_system(code.system) == nullptr)
                add_once(to, unknown_system(path, code));
        }
    }
    const auto* drug = fact.as<mapping::medication>();
    if (drug == nullptr || !drug->dose || codes.find_unit(drug->dose->unit) != nullptr)
        return;
    const std::string field = segment == "RXA" ? "7" : (segment == "RXO" ? "4" : "5");
    add_once(to, {fact.path + "-" + field, drug->dose->unit.empty()
                                               ? "a dose without a unit counts tablets or patches"
                                               : "unknown unit: add it to terminology/units.csv"});
}

// PR1(3) and PR1(3)-5 speak of PR1(3).
bool is_about(std::string_view path, std::string_view part) {
    return path.starts_with(part) && (path.size() == part.size() || path[part.size()] == '-');
}

// PR1(1), PR1(2), PR1(3) and 4 more
std::string list_of(const std::vector<std::string>& paths, std::size_t shown_max) {
    std::string list;
    for (std::size_t i = 0; i < std::min(paths.size(), shown_max); ++i)
        list += (i == 0 ? "" : ", ") + paths[i];
    return paths.size() > shown_max ? list + " and " + std::to_string(paths.size() - shown_max) + " more"
                                    : list;
}

} // namespace

std::string_view name_of(mapping::part_use use) {
    switch (use) {
    case mapping::part_use::used:
        return "read";
    case mapping::part_use::not_used:
        return "known and unused";
    case mapping::part_use::unknown:
        return "unknown";
    case mapping::part_use::unreadable:
        return "unreadable";
    }
    return "unknown";
}

std::vector<explained_part> explain_parts(const mapping::read_result& read,
                                          const mapping::terminology* codes) {
    std::vector<explained_part> parts;
    auto fact = read.events.begin();
    for (const mapping::part_report& each : read.parts) {
        explained_part part{each.path, each.name, std::string(name_of(each.use)), each.events, {}};
        for (const mapping::part_note& note : each.notes)
            part.notes.push_back({note.path, note.text});
        if (each.use == mapping::part_use::unreadable) {
            for (const mapping::read_finding& found : read.findings)
                if (is_about(found.path, each.path))
                    part.notes.push_back({found.path, found.text});
        }
        // Parts and their events are in the same order.
        for (std::size_t i = 0; i < each.events && fact != read.events.end(); ++i, ++fact) {
            if (codes != nullptr)
                note_unknown(*fact, *codes, part.notes);
        }
        parts.push_back(std::move(part));
    }
    return parts;
}

std::string to_table(const std::vector<explained_part>& parts) {
    constexpr std::size_t parts_shown_max = 12;
    constexpr std::size_t places_shown_max = 4;
    if (parts.empty())
        return {};
    std::string out = "\nWhat became of it\n";
    for (const mapping::part_use use : uses) {
        std::vector<std::string> paths;
        for (const explained_part& part : parts)
            if (part.use == name_of(use))
                paths.push_back(part.path);
        if (paths.empty())
            continue;
        std::string line = "  " + std::string(name_of(use));
        line.resize(20, ' ');
        std::string count = std::to_string(paths.size());
        count.insert(0, count.size() < 4 ? 4 - count.size() : 0, ' ');
        out += line + count + "  " + list_of(paths, parts_shown_max) + "\n";
    }
    std::vector<std::pair<std::string, std::vector<std::string>>>
        notes; // by text, in the order of the message
    std::map<std::string, std::size_t> places;
    for (const explained_part& part : parts) {
        for (const explained_note& note : part.notes) {
            const auto [found, is_new] = places.try_emplace(note.text, notes.size());
            if (is_new)
                notes.push_back({note.text, {}});
            notes[found->second].second.push_back(note.path);
        }
    }
    if (!notes.empty())
        out += "\nWhy it gave nothing, or less\n";
    for (const auto& [text, paths] : notes)
        out += "  " + list_of(paths, places_shown_max) + ": " + text + "\n";
    return out;
}

json::value to_json(const std::vector<explained_part>& parts) {
    json::value result = json::value::array();
    for (const explained_part& part : parts) {
        json::value notes = json::value::array();
        for (const explained_note& note : part.notes)
            notes.push_back(
                json::make_object({{"path", json::value(note.path)}, {"text", json::value(note.text)}}));
        json::value row = json::make_object({{"path", json::value(part.path)},
                                             {"name", json::value(part.name)},
                                             {"use", json::value(part.use)},
                                             {"facts", json::value(static_cast<std::int64_t>(part.facts))}});
        row.set("notes", std::move(notes));
        result.push_back(std::move(row));
    }
    return result;
}

} // namespace auditgate::gateway::cli
