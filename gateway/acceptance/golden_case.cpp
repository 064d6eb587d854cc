#include "gateway/acceptance/golden_case.hpp"

#include "fhir/date_time.hpp"

#include <algorithm>
#include <utility>

namespace auditgate::gateway::acceptance {

namespace yaml = mapping::yaml;

namespace {

void read_deployment(const yaml::node* node, yaml::problem_sink& problems,
                     mapping::definition_settings& into) {
    into.allow_test_numbers = true; // the people of golden cases are fictitious
    if (node == nullptr) {
        return;
    }
    yaml::map_reader from(*node, "deployment", problems);
    into.allow_test_numbers = from.boolean_or("allow_test_numbers", into.allow_test_numbers);
    into.ome_table = from.text_or("ome_table", into.ome_table);
    from.finish();
}

void read_destination(const yaml::node* node, yaml::problem_sink& problems, golden_case& into) {
    yaml::node settings;
    settings.kind = yaml::node_kind::map;
    if (node != nullptr) {
        settings = *node;
    }
    if (settings.find("key_id") == nullptr) {
        yaml::node key_id;
        key_id.kind = yaml::node_kind::scalar;
        key_id.text = "acceptance-1";
        settings.entries.push_back({"key_id", settings.where, std::move(key_id)});
    }
    yaml::map_reader from(settings, "destination", problems);
    into.keys.record_key = from.text_or("record_key", "acceptance-record-key");
    into.keys.pseudonym_key = from.text_or("pseudonym_key", "acceptance-pseudonym-key");
    into.destination = mapping::read_destination(from);
    into.destination.release = mapping::release_schedule::immediate;
    from.finish();
}

opt_out_setting read_opt_out(yaml::map_reader& from) {
    opt_out_setting result;
    result.not_cleared = from.texts("opt_out");
    if (result.not_cleared == std::vector<std::string>{"stale"}) {
        return {true, {}};
    }
    std::sort(result.not_cleared.begin(), result.not_cleared.end());
    return result;
}

golden_step read_step(const yaml::node& node, yaml::problem_sink& problems) {
    yaml::map_reader from(node, "a step", problems);
    golden_step result;
    result.receive = from.texts("receive");
    result.opt_out = read_opt_out(from);
    result.retain = from.boolean_or("retain", false);
    const std::string day = from.text("as_of");
    if (const auto as_of = parse_day(day)) {
        result.as_of = *as_of;
    } else if (!day.empty()) {
        from.problem_at("as_of", "`as_of` must be a date such as 2026-03-09, not `" + day + '`');
    }
    from.finish();
    return result;
}

void read_case(const yaml::node& root, yaml::problem_sink& problems, golden_case& into) {
    yaml::map_reader from(root, "a golden case", problems);
    into.title = from.text("title");
    static_cast<void>(from.text("spec")); // for readers of the case
    into.datasets = from.texts("dataset");
    into.definition.time_zone = from.text_or("timezone", into.definition.time_zone);
    read_deployment(from.child("deployment"), problems, into.definition);
    read_destination(from.child("destination"), problems, into);
    for (const yaml::node& step : from.list("steps")) {
        into.steps.push_back(read_step(step, problems));
    }
    if (into.steps.empty()) {
        from.problem_at("steps", "a case needs at least one step");
    }
    for (const yaml::entry& table : from.map("tables")) {
        into.tables.emplace(table.key, yaml::read_text(table.value, table.key, problems).value_or(""));
    }
    into.permute = from.boolean_or("permute", into.permute);
    from.finish();
}

} // namespace

std::string golden_case::name() const {
    const std::filesystem::path whole = std::filesystem::absolute(folder).lexically_normal();
    return whole.has_filename() ? whole.filename().string() : whole.parent_path().filename().string();
}

golden_case_load load_golden_case(const std::filesystem::path& folder) {
    golden_case_load result;
    golden_case read;
    read.folder = folder;
    const std::filesystem::path file = folder / "case.yaml";
    yaml::problem_sink problems(file.string(), result.problems);
    if (const auto root = yaml::load(file, problems)) {
        read_case(*root, problems, read);
    }
    if (result.problems.empty()) {
        result.loaded = std::move(read);
    }
    return result;
}

std::optional<std::chrono::local_days> parse_day(const std::string& text) {
    const auto parsed = fhir::parse_date_time(text);
    if (!parsed || parsed->precision != fhir::date_precision::day) {
        return std::nullopt;
    }
    return std::chrono::local_days(parsed->date);
}

} // namespace auditgate::gateway::acceptance
