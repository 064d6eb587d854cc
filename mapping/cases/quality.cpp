#include "mapping/cases/quality.hpp"
#include "mapping/cases/reading.hpp"

#include <algorithm>
#include <utility>

namespace auditgate::mapping {

namespace {

std::pair<int, unsigned> quarter_of(std::chrono::local_days date) {
    const std::chrono::year_month_day parts(date);
    return {static_cast<int>(parts.year()), (static_cast<unsigned>(parts.month()) - 1) / 3};
}

// Whether the fact is, or was, a value of the record: in a window of an item or time point, or of the session.
bool is_in_record(const case_context& context, const fact& one) {
    const std::int64_t day = context.day_of(one.date());
    if (one.is->as<procedure>() != nullptr)
        return day == 0 && is_read(context, one);
    if (one.is->as<observation>() == nullptr || !is_read(context, one))
        return false;
    const bool in_time_point = std::ranges::any_of(
        context.definition.time_points, [&](const time_point& at) { return at.window.holds(day); });
    const bool in_item = std::ranges::any_of(context.definition.items, [&](const item& rule) {
        return rule.window && rule.window->holds(day) && holds_any(rule.codes, one.codes);
    });
    return day == 0 || in_time_point || in_item;
}

bool has_late_correction(const case_context& context) {
    return std::ranges::any_of(context.who.facts, [&](const fact& one) {
        return one.changed_at && one.has_date() && is_in_record(context, one) &&
               quarter_of(local_date(*one.changed_at, *context.definition.zone)) > quarter_of(one.date());
    });
}

bool have_feeds_different_sites(const session& self) {
    for (const auto& [feed, sites] : self.sites_by_feed) {
        for (const auto& [other_feed, other_sites] : self.sites_by_feed) {
            if (!std::ranges::includes(sites, other_sites) && !std::ranges::includes(other_sites, sites))
                return true;
        }
    }
    return false;
}

bool is_confounded(const case_context& context) {
    if (context.definition.time_points.empty())
        return false;
    const int last_day = context.definition.time_points.back().window.last;
    return std::ranges::any_of(context.sessions, [&](const session& other) {
        return other.date > context.self.date && context.day_of(other.date) <= last_day &&
               other.is_completed() && !other.shares_site_with(context.self);
    });
}

bool is_confirmed(const case_context& context) {
    const std::vector<const fact*> conditions = context.facts_of<condition>();
    return std::ranges::any_of(conditions, [&](const fact* one) {
        return holds_any(context.definition.selection.confirms, one->codes);
    });
}

} // namespace

void note_missing_items(case_context& context, const json_value& record) {
    for (const item& rule : context.definition.items) {
        if (!rule.mandatory)
            continue;
        const json_value& value = record[rule.section][rule.name];
        const bool unknown = value.is_null() || (value.is_array() && value.size() == 0) ||
                             (!rule.otherwise.empty() && value.text() == rule.otherwise);
        if (unknown)
            context.missing.insert(rule.path());
    }
}

void note_flags(case_context& context) {
    if (has_late_correction(context))
        context.flags.insert("late-correction");
    if (context.who.who->merged)
        context.flags.insert("merged-patient");
    const selection_rules& selection = context.definition.selection;
    if (!selection.site_mismatch_flag.empty() && have_feeds_different_sites(context.self))
        context.flags.insert(selection.site_mismatch_flag);
    if (is_confounded(context))
        context.flags.insert("confounded-by-new-procedure");
    if (!selection.unconfirmed_flag.empty() && !is_confirmed(context))
        context.flags.insert(selection.unconfirmed_flag);
}

} // namespace auditgate::mapping
