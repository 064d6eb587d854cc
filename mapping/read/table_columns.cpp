#include "mapping/read/table_columns.hpp"

#include "mapping/terminology/text.hpp"

#include <algorithm>

namespace auditgate::mapping {

namespace {

constexpr std::size_t like_columns_max = 200;

// `OPCS_{01..24}` as OPCS_01 to OPCS_24; a name without braces as itself. Empty: the braces hold no range.
std::vector<std::string> like_columns(const std::string& pattern) {
    const std::size_t open = pattern.find('{');
    if (open == std::string::npos)
        return {pattern};
    const std::size_t close = pattern.find('}', open);
    const std::size_t dots = pattern.find("..", open);
    if (close == std::string::npos || dots == std::string::npos || dots > close)
        return {};
    const std::string first = pattern.substr(open + 1, dots - open - 1);
    const std::string last = pattern.substr(dots + 2, close - dots - 2);
    const auto from = whole_number(first);
    const auto to = whole_number(last);
    if (!from || !to || *from > *to || *to - *from >= static_cast<std::int64_t>(like_columns_max))
        return {};
    std::vector<std::string> result;
    for (std::int64_t number = *from; number <= *to; ++number) {
        std::string digits = std::to_string(number);
        if (digits.size() < first.size())
            digits.insert(0, first.size() - digits.size(), '0');
        result.push_back(pattern.substr(0, open) + digits + pattern.substr(close + 1));
    }
    return result;
}

} // namespace

void column_names::use(std::string column, const yaml::node& where) {
    if (column.empty())
        return;
    if (!known_.empty() && std::find(known_.begin(), known_.end(), column) == known_.end()) {
        const std::vector<std::string_view> names(known_.begin(), known_.end());
        problems_.add(where.where,
                      "`format: columns` has no column `" + column + "`" + yaml::suggestion(column, names));
    }
    if (std::find(used_.begin(), used_.end(), column) == used_.end())
        used_.push_back(std::move(column));
}

std::string column_names::name(const yaml::node& node, std::string_view key) {
    std::string column = yaml::read_text(node, key, problems_).value_or("");
    use(column, node);
    return column;
}

void column_names::add(const yaml::node& node, std::string_view key, std::vector<std::string>& to) {
    const std::string pattern = yaml::read_text(node, key, problems_).value_or("");
    if (pattern.empty())
        return;
    const std::vector<std::string> columns = like_columns(pattern);
    if (columns.empty())
        problems_.add(node.where, "like columns are written NAME_{01..24}, at most 200 of them");
    for (const std::string& column : columns) {
        use(column, node);
        to.push_back(column);
    }
}

cell_source column_names::cell(const yaml::node* node, std::string_view key) {
    cell_source result;
    if (node == nullptr)
        return result;
    if (node->kind != yaml::node_kind::map) {
        result.column = name(*node, key);
        return result;
    }
    yaml::map_reader from(*node, "`" + std::string(key) + "`", problems_);
    if (const yaml::node* column = from.child("column"))
        result.column = name(*column, "column");
    result.fixed = from.text_or("value", "");
    result.words = words(from, "words");
    if (result.column.empty() == result.fixed.empty())
        problems_.add(node->where,
                      "`" + std::string(key) + "` needs `column`, or `value` that holds for every row");
    from.finish();
    return result;
}

cell_source column_names::system(const yaml::node* node, std::string_view key) {
    cell_source result;
    if (node == nullptr)
        return result;
    if (node->kind == yaml::node_kind::map)
        result = cell(node, key);
    else
        result.fixed = yaml::read_text(*node, key, problems_).value_or("");
    if (!result.fixed.empty())
        systems_.push_back({result.fixed, node->where});
    for (const auto& [word, system] : result.words)
        systems_.push_back({system, node->where});
    return result;
}

cell_source column_names::code(const yaml::node* node, cell_source& to) {
    cell_source result;
    if (node == nullptr)
        return result;
    if (node->kind != yaml::node_kind::map) {
        const std::string text = yaml::read_text(*node, "code", problems_).value_or("");
        const std::size_t bar = text.find('|');
        if (bar == std::string::npos || bar == 0 || bar + 1 == text.size())
            problems_.add(node->where,
                          "`code` is written SYSTEM|CODE, as L|BPI-WORST, or {column: NAME, system: L}");
        else
            to.fixed = text.substr(0, bar);
        if (!to.fixed.empty())
            systems_.push_back({to.fixed, node->where});
        result.fixed = text.substr(bar == std::string::npos ? 0 : bar + 1);
        return result;
    }
    yaml::map_reader from(*node, "`code`", problems_);
    if (const yaml::node* column = from.required_child("column"))
        result.column = name(*column, "column");
    result.words = words(from, "words");
    to = system(from.required_child("system"), "system");
    from.finish();
    return result;
}

date_source column_names::date(const yaml::node* node, std::string_view key) {
    date_source result;
    if (node == nullptr)
        return result;
    std::vector<std::string> columns;
    result = dates(*node, key, columns);
    if (columns.size() > 1)
        problems_.add(node->where, "`" + std::string(key) + "` is one column");
    return result;
}

date_source column_names::dates(const yaml::node& node, std::string_view key,
                                std::vector<std::string>& columns) {
    date_source result;
    if (node.kind != yaml::node_kind::map) {
        add(node, key, columns);
        result.formats = default_date_patterns();
    } else {
        yaml::map_reader from(node, "`" + std::string(key) + "`", problems_);
        if (const yaml::node* column = from.required_child("column"))
            add(*column, "column", columns);
        result.formats = formats(from, "format");
        from.finish();
    }
    if (!columns.empty())
        result.column = columns.front();
    return result;
}

std::vector<date_pattern> column_names::formats(yaml::map_reader& from, std::string_view key) {
    std::vector<date_pattern> result;
    for (const yaml::node& one : from.list(key)) {
        const std::string pattern = yaml::read_text(one, key, problems_).value_or("");
        std::string mistake;
        if (auto read = date_pattern::parse(pattern, mistake))
            result.push_back(std::move(*read));
        else
            problems_.add(one.where, "`" + pattern + "`: " + mistake);
    }
    return result.empty() ? default_date_patterns() : result;
}

std::map<std::string, std::string> column_names::words(yaml::map_reader& from, std::string_view key) {
    std::map<std::string, std::string> result;
    for (const yaml::entry& one : from.map(key))
        result.emplace(one.key, yaml::read_text(one.value, one.key, problems_).value_or(""));
    return result;
}

} // namespace auditgate::mapping
