#include "mapping/release/destination.hpp"

#include "mapping/definition/definition.hpp"

#include <algorithm>
#include <charconv>

namespace auditgate::mapping {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds default_max_age = std::chrono::days(7);

std::optional<std::chrono::local_days> parse_date(std::string_view text) {
    int year = 0;
    unsigned month = 0;
    unsigned day = 0;
    const auto number = [](std::string_view digits, auto& into) {
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), into);
        return error == std::errc{} && end == digits.data() + digits.size();
    };
    if (text.size() != 10 || text[4] != '-' || text[7] != '-' || !number(text.substr(0, 4), year) ||
        !number(text.substr(5, 2), month) || !number(text.substr(8, 2), day)) {
        return std::nullopt;
    }
    const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month),
                                           std::chrono::day(day)};
    return date.ok() ? std::optional(std::chrono::local_days(date)) : std::nullopt;
}

coarsening read_coarsening(const yaml::node& from, yaml::problem_sink& problems) {
    using form = coarsening;
    yaml::map_reader keys(from, "coarsen", problems);
    coarsening result;
    result.days = keys.choice_or<form::day_form>("days",
                                                 {{"exact", form::day_form::exact},
                                                  {"week", form::day_form::week},
                                                  {"window-only", form::day_form::window_only}},
                                                 result.days);
    result.period = keys.choice_or<form::period_form>(
        "period", {{"quarter", form::period_form::quarter}, {"year", form::period_form::year}},
        result.period);
    result.age = keys.choice_or<form::age_form>(
        "age", {{"10", form::age_form::ten_years}, {"20", form::age_form::twenty_years}}, result.age);
    result.ethnicity = keys.choice_or<form::ethnicity_form>("ethnicity",
                                                            {{"16+1", form::ethnicity_form::sixteen_groups},
                                                             {"5+1", form::ethnicity_form::five_groups},
                                                             {"drop", form::ethnicity_form::drop}},
                                                            result.ethnicity);
    result.sex = keys.choice_or<form::sex_form>(
        "sex", {{"as-is", form::sex_form::as_is}, {"binary-or-unknown", form::sex_form::binary_or_unknown}},
        result.sex);
    result.provider = keys.choice_or<form::provider_form>(
        "provider",
        {{"organisation", form::provider_form::organisation}, {"region", form::provider_form::region}},
        result.provider);
    for (const yaml::entry& one : from.entries) {
        if (std::ranges::find(general_coarsening, one.key) != general_coarsening.end())
            continue;
        if (auto value = yaml::read_text(one.value, one.key, problems))
            result.named.emplace(one.key, std::move(*value));
    }
    return result;
}

legal_basis read_basis(yaml::map_reader& keys) {
    if (const yaml::node* basis = keys.child("legal_basis");
        basis != nullptr && basis->text == "anonymised") {
        keys.problem_at("legal_basis",
                        "`anonymised` is no legal basis for records: pseudonymised rows are personal data; "
                        "it is for suppressed aggregates only. Use `s251` or `consent`");
        return legal_basis::s251;
    }
    return keys.choice_or<legal_basis>(
        "legal_basis", {{"s251", legal_basis::s251}, {"consent", legal_basis::consent}}, legal_basis::s251);
}

void read_opt_out(yaml::map_reader& keys, destination_settings& into) {
    into.opt_out_exempt = keys.choice_or<bool>("opt_out", {{"apply", false}, {"exempt", true}}, false);
    into.exemption_reference = keys.text_or("exemption_reference", "");
    if (into.opt_out_exempt && into.exemption_reference.empty()) {
        keys.problem_at("opt_out",
                        "`exempt` needs `exemption_reference`: the reference of the approval that exempts");
    }
    const std::chrono::milliseconds max_age = keys.duration_or("opt_out_max_age", default_max_age);
    into.opt_out_max_age = std::chrono::floor<std::chrono::days>(max_age);
    if (max_age < std::chrono::days(1) || max_age != into.opt_out_max_age) {
        keys.problem_at("opt_out_max_age", "`opt_out_max_age` is counted in whole days: 1d or more");
    }
    into.send_without_nhs_number =
        keys.choice_or<bool>("without_nhs_number", {{"hold", false}, {"send", true}}, false);
}

} // namespace

std::string_view to_string(legal_basis basis) {
    return basis == legal_basis::consent ? "consent" : "s251";
}

destination_settings read_destination(yaml::map_reader& keys) {
    destination_settings result;
    result.key_id = keys.text("key_id");
    result.basis = read_basis(keys);
    read_opt_out(keys, result);
    result.consent_assumed =
        keys.choice_or<bool>("recorded_consent", {{"required", false}, {"assumed", true}}, false);
    result.consent_policy = keys.text_or("consent_policy", result.consent_policy);
    result.release = keys.choice_or<release_schedule>("release",
                                                      {{"weekly", release_schedule::weekly},
                                                       {"daily", release_schedule::daily},
                                                       {"immediate", release_schedule::immediate}},
                                                      result.release);
    if (const std::optional<std::string> from = keys.optional_text("procedures_from")) {
        result.procedures_from = parse_date(*from);
        if (!result.procedures_from) {
            keys.problem_at("procedures_from",
                            "`procedures_from` must be a date such as 2026-04-01, not `" + *from + '`');
        }
    }
    if (const yaml::node* coarsen = keys.child("coarsen")) {
        result.coarsen = read_coarsening(*coarsen, keys.problems());
        for (const yaml::entry& setting : coarsen->entries) {
            result.coarsen_at.emplace(setting.key, setting.value.where);
        }
    }
    for (const yaml::entry& region : keys.map("provider_regions")) {
        if (const auto text = yaml::read_text(region.value, region.key, keys.problems())) {
            result.provider_regions.emplace(region.key, *text);
        }
    }
    if (result.coarsen.provider == coarsening::provider_form::region && result.provider_regions.empty()) {
        keys.problem_at("coarsen",
                        "`provider: region` needs `provider_regions`: no organisation has a region");
    }
    return result;
}

} // namespace auditgate::mapping
