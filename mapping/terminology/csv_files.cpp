#include "mapping/terminology/csv.hpp"
#include "mapping/terminology/files.hpp"

#include <algorithm>
#include <array>

namespace auditgate::mapping {
namespace {

constexpr std::array<std::string_view, 3> statuses{"verified", "unverified", "candidate"};

// Hands the rows that count to `add` and reports what it refuses. A candidate is tried on a builder of its
// own, which knows what the real one knows, so that its mistakes show before it is switched on.
template <class Add>
void add_rows(const csv_table& table, terminology_builder& builder, yaml::problem_sink& problems, Add add) {
    terminology_builder trial = builder;
    for (const csv_row& row : table.rows()) {
        const std::string_view status = table.cell(row, "status");
        if (!status.empty() && std::ranges::find(statuses, status) == statuses.end()) {
            problems.add(row.where, "status must be verified, unverified or candidate, not `" +
                                        std::string(status) + "`" + yaml::suggestion(status, statuses));
            continue;
        }
        terminology_builder& into = status == "candidate" ? trial : builder;
        into.set_place(problems.file(), row.where);
        const terminology_builder::refusal refusal = add(into, row);
        if (refusal) {
            problems.add(row.where, *refusal);
        }
    }
}

} // namespace

void read_code_systems(std::string_view text, terminology_builder& builder, yaml::problem_sink& problems) {
    if (const auto table = csv_table::parse(text, {"system", "name"}, {"dot_after", "note"}, problems)) {
        add_rows(*table, builder, problems, [&](terminology_builder& into, const csv_row& row) {
            return into.add_code_system(table->cell(row, "system"), table->cell(row, "name"),
                                        table->cell(row, "dot_after"));
        });
    }
}

void read_value_sets(std::string_view text, terminology_builder& builder, yaml::problem_sink& problems) {
    if (const auto table =
            csv_table::parse(text, {"value_set", "system", "code"}, {"status", "note"}, problems)) {
        add_rows(*table, builder, problems, [&](terminology_builder& into, const csv_row& row) {
            const std::string_view set = table->cell(row, "value_set");
            if (set == site_codes_set && table->cell(row, "status") == "candidate") {
                return terminology_builder::refusal("`candidate` is no status in this set: a code that is "
                                                    "off would leave. Use `unverified`, or delete the line");
            }
            builder.declare_value_set(set);
            return into.add_to_value_set(set, table->cell(row, "system"), table->cell(row, "code"));
        });
    }
}

void read_concept_maps(std::string_view text, terminology_builder& builder, yaml::problem_sink& problems) {
    if (const auto table =
            csv_table::parse(text, {"map", "source_system", "source_code", "target_system", "target_code"},
                             {"sender", "status", "note"}, problems)) {
        add_rows(*table, builder, problems, [&](terminology_builder& into, const csv_row& row) {
            return into.add_mapping({.map = table->cell(row, "map"),
                                     .source_system = table->cell(row, "source_system"),
                                     .source_code = table->cell(row, "source_code"),
                                     .target_system = table->cell(row, "target_system"),
                                     .target_code = table->cell(row, "target_code"),
                                     .sender = table->cell(row, "sender")});
        });
    }
}

void read_sites(std::string_view text, terminology_builder& builder, yaml::problem_sink& problems) {
    if (const auto table = csv_table::parse(text, {"site", "region"}, {"note"}, problems)) {
        add_rows(*table, builder, problems, [&](terminology_builder& into, const csv_row& row) {
            return into.add_site(table->cell(row, "site"), table->cell(row, "region"));
        });
    }
}

void read_units(std::string_view text, terminology_builder& builder, yaml::problem_sink& problems) {
    if (const auto table =
            csv_table::parse(text, {"unit", "dimension", "numerator"}, {"denominator", "note"}, problems)) {
        add_rows(*table, builder, problems, [&](terminology_builder& into, const csv_row& row) {
            return into.add_unit(table->cell(row, "unit"), table->cell(row, "dimension"),
                                 table->cell(row, "numerator"), table->cell(row, "denominator"));
        });
    }
}

void read_wear_times(std::string_view text, terminology_builder& builder, yaml::problem_sink& problems) {
    if (const auto table = csv_table::parse(text, {"drug", "strengths", "hours"}, {"note"}, problems)) {
        add_rows(*table, builder, problems, [&](terminology_builder& into, const csv_row& row) {
            return into.add_wear_time(table->cell(row, "drug"), table->cell(row, "strengths"),
                                      table->cell(row, "hours"));
        });
    }
}

void read_ome_table(std::string_view name, std::string_view text, terminology_builder& builder,
                    yaml::problem_sink& problems) {
    if (const auto table = csv_table::parse(text, {"drug", "route", "per", "factor"},
                                            {"special", "status", "note"}, problems)) {
        add_rows(*table, builder, problems, [&](terminology_builder& into, const csv_row& row) {
            return into.add_ome_factor({.table = name,
                                        .drug = table->cell(row, "drug"),
                                        .route = table->cell(row, "route"),
                                        .per = table->cell(row, "per"),
                                        .factor = table->cell(row, "factor"),
                                        .special = table->cell(row, "special")});
        });
    }
}

} // namespace auditgate::mapping
