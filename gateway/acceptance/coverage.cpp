#include "gateway/acceptance/coverage.hpp"

#include "gateway/acceptance/definition_parts.hpp"
#include "gateway/acceptance/profile_rules.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace auditgate::gateway::acceptance {

namespace yaml = mapping::yaml;
using mapping::concept_code;

namespace {

using codes_by_day = std::map<std::chrono::local_days, std::set<concept_code>>;

// What the cases of one dataset have shown in one golden case.
struct dataset_facts {
    std::set<std::string> facts;
    std::set<concept_code> codes;     // of all messages
    codes_by_day codes_of_procedures; // on the days that have a case
};

bool has_one_of(const std::set<concept_code>& codes, const mapping::code_set& set) {
    return std::ranges::any_of(codes, [&](const concept_code& one) { return set.contains(one); });
}

bool exercises(const dataset_facts& seen, const definition_part& part) {
    if (!part.fact.empty()) {
        return seen.facts.contains(part.fact);
    }
    const auto has_all = [&](const std::set<concept_code>& codes) {
        return std::ranges::all_of(part.codes,
                                   [&](const mapping::code_set* set) { return has_one_of(codes, *set); });
    };
    if (part.kind != part_kind::evidence) {
        return has_all(seen.codes);
    }
    return std::ranges::any_of(seen.codes_of_procedures,
                               [&](const auto& day) { return has_all(day.second); });
}

dataset_facts facts_for(const observed_case& seen, std::size_t dataset) {
    const mapping::compiled_definition& definition = *seen.settings.definitions[dataset];
    dataset_facts result;
    for (const auto& [of, one] : seen.cases) {
        if (of == dataset) {
            result.facts.merge(facts_of(one));
            result.codes_of_procedures[one.procedure_date];
        }
    }
    for (const mapping::event& one : seen.events) {
        const std::set<concept_code> codes = codes_of(one, *definition.codes);
        result.codes.insert(codes.begin(), codes.end());
        if (one.as<mapping::procedure>() == nullptr || !one.when) {
            continue;
        }
        const auto day = result.codes_of_procedures.find(one.when->date());
        if (day != result.codes_of_procedures.end()) {
            day->second.insert(codes.begin(), codes.end());
        }
    }
    return result;
}

// The parts of a definition with their lines, none of them exercised.
file_coverage parts_in(const std::filesystem::path& file, const std::vector<definition_part>& parts) {
    file_coverage result;
    result.file = file;
    std::vector<yaml::problem> told; // when the definition was loaded
    yaml::problem_sink problems(file.string(), told);
    const auto root = yaml::load(file, problems);
    for (const definition_part& one : parts) {
        result.parts.push_back(
            {one.kind, one.of, one.name, root ? locate(*root, one.place) : yaml::position{}, 0});
    }
    return result;
}

std::vector<std::filesystem::path> yaml_files(const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> files;
    std::error_code failed;
    for (const auto& entry : std::filesystem::directory_iterator(folder, failed)) {
        if (entry.path().extension() == ".yaml") {
            files.push_back(entry.path());
        }
    }
    std::sort(files.begin(), files.end());
    return files;
}

} // namespace

std::size_t file_coverage::exercised() const {
    return static_cast<std::size_t>(
        std::ranges::count_if(parts, [](const covered_part& one) { return one.cases > 0; }));
}

void coverage::take_datasets(const observed_case& seen) {
    for (std::size_t i = 0; i < seen.settings.definitions.size(); ++i) {
        const std::vector<definition_part> parts = parts_of(*seen.settings.definitions[i]);
        const std::filesystem::path& file = seen.settings.definition_files[i];
        const auto [known, is_new] = datasets_.try_emplace(file);
        if (is_new) {
            known->second = parts_in(file, parts);
        }
        const dataset_facts facts = facts_for(seen, i);
        ++known->second.cases;
        for (std::size_t part = 0; part < parts.size(); ++part) {
            known->second.parts[part].cases += exercises(facts, parts[part]) ? 1U : 0U;
        }
    }
}

void coverage::take_terminology(const observed_case& seen) {
    if (seen.settings.definitions.empty()) {
        return;
    }
    const mapping::terminology& codes = *seen.settings.definitions.front()->codes;
    std::set<std::pair<concept_code, std::string>> sent;
    for (const mapping::event& one : seen.events) {
        for (const concept_code& code : codes_of(one, codes)) {
            sent.emplace(code, one.sender);
        }
    }
    for (const std::string& id : codes.concept_map_ids()) {
        if (id.starts_with("coarsen-")) {
            continue; // of words of records
        }
        const mapping::concept_map& map = *codes.find_concept_map(id);
        bool& used = terminology_[id];
        used = used || std::ranges::any_of(sent, [&](const auto& one) {
                   return !map.translate(one.first, one.second).empty();
               });
    }
    for (const std::string& id : codes.value_set_ids()) {
        const mapping::value_set& set = *codes.find_value_set(id);
        bool& used = terminology_[id];
        used = used || std::ranges::any_of(sent, [&](const auto& one) { return set.contains(one.first); });
    }
}

void coverage::add(observed_case seen) {
    take_datasets(seen);
    take_terminology(seen);
    std::set<std::filesystem::path> used;
    for (observed_case::message& one : seen.messages) {
        profile_use& use = profiles_[one.profile];
        use.cases += used.insert(one.profile).second ? 1U : 0U;
        use.bases.push_back(seen.settings.profile);
        use.messages.push_back(std::move(one));
    }
}

file_coverage coverage::profile_report(const std::filesystem::path& file, bool with_rules) const {
    file_coverage result;
    result.file = file;
    const auto found = profiles_.find(file);
    if (found == profiles_.end()) {
        return result;
    }
    result.cases = found->second.cases;
    if (with_rules) {
        result.parts = rules_of_profile(file, found->second.messages, found->second.bases);
    }
    return result;
}

coverage_report coverage::report(bool with_profiles) const {
    coverage_report result;
    for (const std::filesystem::path& file : yaml_files(config_folder_ / "datasets")) {
        const auto found = datasets_.find(file);
        result.datasets.push_back(found == datasets_.end() ? file_coverage{file, 0, {}} : found->second);
    }
    for (const std::filesystem::path& file : yaml_files(config_folder_ / "sources")) {
        result.profiles.push_back(profile_report(file, with_profiles));
    }
    result.terminology.all = terminology_.size();
    for (const auto& [id, used] : terminology_) {
        if (!used) {
            result.terminology.unused.push_back(id);
        }
    }
    return result;
}

} // namespace auditgate::gateway::acceptance
