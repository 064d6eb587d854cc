// How a source profile names the columns of a table. For the reader of profiles only.
#pragma once

#include "mapping/read/table_profile.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace auditgate::mapping {

// Takes columns out of a profile and remembers each once. A name that is not among the columns of the format, where it
// lists them, is a problem with the name that was meant.
class column_names {
public:
    explicit column_names(yaml::problem_sink& problems) : problems_(problems) {}

    // The only columns that there are; none: any.
    void know(std::vector<std::string> columns) { known_ = std::move(columns); }
    [[nodiscard]] const std::vector<std::string>& used() const { return used_; }
    // Every code system that was named.
    [[nodiscard]] const std::vector<named_system>& systems() const { return systems_; }

    [[nodiscard]] std::string name(const yaml::node& node, std::string_view key);
    // One column, or several like ones: OPCS_{01..24}.
    void add(const yaml::node& node, std::string_view key, std::vector<std::string>& to);

    // COLUMN, {column: COLUMN, words: {...}} or {value: TEXT}. nullptr: not given.
    [[nodiscard]] cell_source cell(const yaml::node* node, std::string_view key);
    // A code system: TEXT for every row, else as cell().
    [[nodiscard]] cell_source system(const yaml::node* node, std::string_view key);
    // What was asked: SYSTEM|CODE for every row, else {column: COLUMN, system: SYSTEM}. The system goes into `to`.
    [[nodiscard]] cell_source code(const yaml::node* node, cell_source& to);
    // COLUMN, or {column: COLUMN, format: [PATTERN ...]}.
    [[nodiscard]] date_source date(const yaml::node* node, std::string_view key);
    // The same where the column may be several like ones, which go into `columns`.
    [[nodiscard]] date_source dates(const yaml::node& node, std::string_view key,
                                    std::vector<std::string>& columns);
    [[nodiscard]] std::map<std::string, std::string> words(yaml::map_reader& from, std::string_view key);
    // A pattern or a list of them; not given: default_date_patterns().
    [[nodiscard]] std::vector<date_pattern> formats(yaml::map_reader& from, std::string_view key);

private:
    void use(std::string column, const yaml::node& where);

    yaml::problem_sink& problems_;
    std::vector<std::string> known_;
    std::vector<std::string> used_;
    std::vector<named_system> systems_;
};

} // namespace auditgate::mapping
