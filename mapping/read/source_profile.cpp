#include "mapping/read/source_profile.hpp"

#include "mapping/read/civil_time.hpp"
#include "mapping/yaml/document.hpp"

namespace auditgate::mapping {

namespace {

// A list of the file, else what `base` has.
void take_texts(yaml::map_reader& from, std::string_view key, std::vector<std::string>& into) {
    if (from.has(key)) {
        into = from.texts(key);
    }
}

void read_identifiers(const yaml::node& node, yaml::problem_sink& problems, identifier_types& into) {
    yaml::map_reader from(node, "identifiers", problems);
    take_texts(from, "nhs_types", into.nhs_types);
    take_texts(from, "nhs_authorities", into.nhs_authorities);
    take_texts(from, "nhs_systems", into.nhs_systems);
    take_texts(from, "local_types", into.local_types);
    take_texts(from, "organisation_systems", into.organisation_systems);
    if (from.has("local_systems")) {
        into.local_systems.clear();
        for (const yaml::entry& each : from.map("local_systems")) {
            into.local_systems[each.key] = yaml::read_text(each.value, each.key, problems).value_or("");
        }
    }
    from.finish();
}

// A misspelt set would be read as UTF-8, message for message.
std::string read_charset(yaml::map_reader& from, std::string_view key, const std::string& otherwise) {
    std::string name = from.text_or(key, otherwise);
    if (!name.empty() && !hl7v2::charset::find(name)) {
        from.problem_at(key, "`" + name +
                                 "` is no character set known here; write one of HL7 table 0211, such as "
                                 "8859/1 or UNICODE UTF-8, or a name such as windows-1252");
    }
    return name;
}

void read_wire(yaml::map_reader& from, hl7v2::parse_options& into) {
    into.default_charset = read_charset(from, "default_charset", into.default_charset);
    if (into.default_charset.empty()) {
        from.problem_at("default_charset", "`default_charset` must name a character set, such as UTF-8");
    }
    into.forced_charset = read_charset(from, "charset", into.forced_charset);
    using hl7v2::segment_end;
    into.ends = from.choice_or<segment_end>("segment_end",
                                            {{"automatic", segment_end::automatic},
                                             {"cr", segment_end::carriage_return},
                                             {"lf", segment_end::line_feed},
                                             {"crlf", segment_end::carriage_return_line_feed}},
                                            into.ends);
    using hl7v2::hex_reading;
    into.hex = from.choice_or<hex_reading>("hex_escapes",
                                           {{"charset", hex_reading::charset_bytes},
                                            {"utf-8", hex_reading::utf8_bytes},
                                            {"code-points", hex_reading::code_points}},
                                           into.hex);
}

void read_profile(const yaml::node& root, yaml::problem_sink& problems, source_profile& into) {
    yaml::map_reader from(root, "a source profile", problems);
    into.sender = from.text_or("sender", into.sender);
    into.time_zone = from.text_or("time_zone", into.time_zone);
    if (!civil_time::in_zone(into.time_zone)) {
        from.problem_at("time_zone",
                        "`" + into.time_zone + "` is no time zone known here; write one as Europe/London");
    }
    read_wire(from, into.wire);
    into.sets = from.choice_or<set_mode>("sets",
                                         {{"by-version", set_mode::by_version},
                                          {"snapshot", set_mode::snapshot},
                                          {"action-codes", set_mode::action_codes}},
                                         into.sets);
    if (const yaml::node* identifiers = from.child("identifiers")) {
        read_identifiers(*identifiers, problems, into.identifiers);
    }
    take_texts(from, "ethnic_category_extensions", into.ethnic_category_extensions);
    if (const yaml::node* table = from.child("table")) {
        into.table = std::make_shared<const table_profile>(read_table_profile(*table, problems));
    }
    take_texts(from, "death_notification_extensions", into.death_notification_extensions);
    into.known_by = from.choice_or<fhir_identity>(
        "fhir_identity", {{"id", fhir_identity::id}, {"identifier", fhir_identity::identifier}},
        into.known_by);
    into.dispenses = from.choice_or<fhir_dispense>(
        "fhir_dispenses", {{"not-read", fhir_dispense::not_read}, {"order", fhir_dispense::order}},
        into.dispenses);
    from.finish();
}

} // namespace

source_profile_load read_source_profile(const yaml::node& root, const std::filesystem::path& file,
                                        const source_profile& base) {
    source_profile_load result;
    yaml::problem_sink problems(file.string(), result.problems);
    source_profile profile = base;
    profile.name = file.stem().string();
    read_profile(root, problems, profile);
    if (result.problems.empty()) {
        result.profile = std::move(profile);
    }
    return result;
}

source_profile_load load_source_profile(const std::filesystem::path& file, const source_profile& base) {
    std::vector<yaml::problem> of_the_form;
    yaml::problem_sink problems(file.string(), of_the_form);
    const auto root = yaml::load(file, problems);
    source_profile_load result;
    if (root) {
        result = read_source_profile(*root, file, base);
    }
    if (!of_the_form.empty()) {
        result.profile.reset();
        result.problems.insert(result.problems.begin(), of_the_form.begin(), of_the_form.end());
    }
    return result;
}

} // namespace auditgate::mapping
