// How the rows of a table become events: the `table:` section of a source profile. config/sources/coding-extract.yaml and
// proms-export.yaml explain every key to its users.
#pragma once

#include "hl7v2/charset.hpp"
#include "mapping/read/table_date.hpp"
#include "mapping/yaml/document.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace auditgate::mapping {

struct table_format {
    char delimiter = ',';
    char quote = '"'; // NUL: none
    bool has_header = true;
    hl7v2::charset encoding;
    // The names of the columns, in order. With a header: those that it must have, in any order; empty: those that the
    // profile speaks of.
    std::vector<std::string> columns;
};

// Where a value stands: in a column, or here for every row.
struct cell_source {
    std::string column;
    std::string fixed;
    std::map<std::string, std::string>
        words; // what a cell says to what it means; other texts stay as they are

    [[nodiscard]] bool is_given() const { return !column.empty() || !fixed.empty(); }
};

struct date_source {
    std::string column;
    std::vector<date_pattern> formats; // the first that fits is taken

    [[nodiscard]] bool is_given() const { return !column.empty(); }
};

struct table_patient {
    cell_source nhs_number;
    cell_source local_number;
    cell_source local_organisation; // ODS code whose number it is
    date_source birth_date;
    cell_source sex;             // as PID-8 or FHIR gender
    cell_source ethnic_category; // as PID-22
    date_source death_date;
};

struct table_visit {
    cell_source number;
    cell_source patient_class; // as PV1-2
    date_source start;
    date_source end;
};

struct row_status {
    std::string column;
    std::vector<std::string> current; // not empty: all that a current row may say
    std::vector<std::string> corrected;
    std::vector<std::string> deleted;
    std::vector<std::string> ignored; // not handed in yet: the row says nothing
};

enum class table_event_kind { procedure, condition, observation };
enum class table_value_type { text, number, code, date };
enum class table_asker { questionnaire, clinic, ward };

// The events that one or several like columns give: one for each cell of `columns` that is not empty.
struct table_event {
    table_event_kind kind = table_event_kind::procedure;
    std::vector<std::string> columns; // of the codes; of an observation: of the values
    cell_source system;               // of the codes
    // The date of what a cell tells: none (the row's), one column for all, or a column for each of `columns`.
    std::vector<std::string> date_columns;
    std::vector<date_pattern> date_formats;
    cell_source only_where; // a row says it only where this column holds one of `only_where.words`

    cell_source body_site; // procedure
    cell_source body_site_system;

    cell_source code; // observation: what was asked; its `system` is above
    bool joined =
        false; // the cells of all columns, one behind the other, are one value; none while one is empty
    table_value_type type = table_value_type::text;
    cell_source value_system;                 // of a value of type code
    std::map<std::string, std::string> words; // what a cell says to the value that it means
    std::vector<date_pattern> value_formats;  // of a value of type date
    std::string unit;
    table_asker asked_by = table_asker::clinic;
};

enum class table_snapshot {
    by_key,  // a row replaces the row of the same key; what is left out stays
    by_file, // a file is all there is in its period: what it leaves out is void
};

// What a full extract speaks of.
enum class table_period {
    dates,     // from the earliest to the latest date of its rows
    file_name, // {from} and {to} of the file's name
    all,       // everything
};

// A code system that a profile names, and where: whether there is one is for who knows the terminology.
struct named_system {
    std::string name;
    yaml::position where;
};

struct table_profile {
    std::string name; // the feed is table-<name>
    table_format format;
    std::optional<file_name_pattern> file_name;
    table_snapshot snapshot = table_snapshot::by_key;
    table_period period = table_period::dates;
    int omitted_percent_max =
        20; // of the rows known in its period; a full extract that leaves out more is not believed
    std::vector<std::string> key; // columns that name the row for ever
    table_patient patient;
    table_visit visit;
    cell_source organisation; // who performed: ODS code
    date_source date;         // of what the row tells
    date_source recorded;     // when the row last came to say what it says
    row_status status;
    std::vector<table_event> events;
    // Columns that the profile speaks of, each once: a file without one of them cannot be read.
    std::vector<std::string> columns_used;
    std::vector<named_system> systems_used;

    [[nodiscard]] std::string feed() const { return "table-" + name; }
};

// Reads the section; every mistake goes into `problems`, and what comes back counts only when there are none.
[[nodiscard]] table_profile read_table_profile(const yaml::node& section, yaml::problem_sink& problems);

} // namespace auditgate::mapping
