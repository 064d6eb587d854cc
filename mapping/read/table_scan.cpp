#include "mapping/read/table_scan.hpp"

#include <algorithm>

namespace auditgate::mapping {

namespace {

std::string missing_columns_text(const std::vector<std::string>& missing) {
    std::string text = missing.size() == 1 ? "the table has no column " : "the table has no columns ";
    for (std::size_t i = 0; i < missing.size(); ++i)
        text += (i == 0 ? "" : ", ") + ("`" + missing[i] + "`");
    return text + ", of which the source profile speaks";
}

} // namespace

table_scan::table_scan(const source_profile& profile, civil_time zone, std::string_view file_name)
    : table_(*profile.table), zone_(zone), rows_(table_.format.delimiter, table_.format.quote),
      facts_(facts_of_file(file_name, table_, zone)) {
    if (!facts_)
        refuse("file-name-differs", "",
               "the file's name is not of the form in `file_name` of the profile, " +
                   table_.file_name->text());
    else if (!table_.format.has_header)
        (void)begin(std::nullopt);
}

void table_scan::feed(std::string_view bytes) {
    if (!is_fed_ && (bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF")))
        refuse("not-byte-text", "", "the file is UTF-16: let the export write UTF-8 (in Excel: CSV UTF-8)");
    is_fed_ = true;
    rows_.feed(bytes);
}

bool table_scan::begin(std::optional<std::string_view> header) {
    std::vector<std::string> missing;
    layout_.emplace(table_, header, missing);
    header_ = header.value_or(std::string_view());
    if (!missing.empty())
        refuse("column-missing", "row 1", missing_columns_text(missing));
    return missing.empty();
}

std::optional<table_message> table_scan::next() {
    while (!refusal_) {
        const auto row = rows_.next();
        if (!row)
            break;
        if (!layout_) {
            (void)begin(row->bytes);
            continue;
        }
        table_message result;
        result.row = row->number;
        result.broken = row->is_broken;
        if (facts_->recorded)
            result.recorded = facts_->recorded->instant;
        result.header = header_;
        result.cells = row->bytes;
        ++count_;
        if (table_.snapshot == table_snapshot::by_file)
            note(result);
        return result;
    }
    return std::nullopt;
}

void table_scan::note(const table_message& row) {
    auto named = row.broken ? std::nullopt : identify_row(row.cells, table_, *layout_, zone_);
    is_complete_ = is_complete_ && named.has_value();
    if (named)
        named_.push_back({std::move(named->key), named->date});
}

table_file_summary table_scan::summary() const {
    table_file_summary result;
    result.rows = named_;
    if (facts_ && facts_->recorded)
        result.recorded = facts_->recorded->instant;
    if (!is_complete_)
        return result;
    using namespace std::chrono;
    switch (table_.period) {
    case table_period::file_name:
        result.from = facts_->from->date();
        result.to = facts_->to->date();
        break;
    case table_period::all:
        result.from = local_days(year(1) / 1 / 1);
        result.to = local_days(year(9999) / 12 / 31);
        break;
    case table_period::dates:
        for (const table_file_summary::row& row : named_) {
            if (!row.date)
                continue;
            result.from = std::min(result.from.value_or(*row.date), *row.date);
            result.to = std::max(result.to.value_or(*row.date), *row.date);
        }
        break;
    }
    return result;
}

void table_scan::refuse(std::string code, std::string path, std::string text) {
    if (!refusal_)
        refusal_ = read_finding{std::move(code), finding_level::fatal, std::move(path), std::move(text)};
}

} // namespace auditgate::mapping
