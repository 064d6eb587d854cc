#include "gateway/registry/export_records.hpp"

#include "fhir/json.hpp"
#include "mapping/feed/places.hpp"
#include "mapping/feed/slot.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>

namespace auditgate::gateway::registry {

namespace json = fhir::json;
namespace feed = mapping::feed;

namespace {

constexpr int page_records = 200;

// The records of a dataset, a page at a time.
class record_pages {
public:
    record_pages(registry_store& records, std::string dataset)
        : records_(&records), dataset_(std::move(dataset)) {}

    // Empty at the end.
    result<std::vector<current_record>> next() {
        auto page = records_->current(dataset_, after_, page_records);
        if (page && !page->empty()) {
            after_ = page->back().record_key;
        }
        return page;
    }

private:
    registry_store* records_;
    std::string dataset_;
    std::string after_;
};

struct column {
    std::string name;
    const feed::item_place* item = nullptr; // none: a whole list as JSON
    std::string rows;                       // of a column for one row
    std::string row;
};

// The ids of the rows of a list, in order of their first appearance.
using row_ids = std::map<std::string, std::vector<std::string>>;

const feed::resource_template& template_of(const feed::layout& places, const std::string& rows) {
    return *std::ranges::find(places.resources, rows, &feed::resource_template::rows);
}

bool has_one_key(const feed::layout& places, const std::string& rows) {
    return template_of(places, rows).key.size() == 1;
}

void collect_rows(const json::value& record, const feed::layout& places, row_ids& ids) {
    for (const feed::resource_template& of : places.resources) {
        if (of.key.size() != 1) {
            continue;
        }
        std::vector<std::string>& known = ids[of.rows];
        for (const json::value& row : feed::at_path(record, of.rows).items()) {
            const std::string id = feed::row_id(row, of);
            if (std::ranges::find(known, id) == known.end()) {
                known.push_back(id);
            }
        }
    }
}

std::vector<column> columns_of(const feed::layout& places, const row_ids& ids) {
    std::vector<column> columns;
    std::string rows_done;
    for (const feed::item_place& item : places.items) {
        if (item.rows.empty()) {
            columns.push_back({item.path, &item, "", ""});
        } else if (item.rows != rows_done) {
            rows_done = item.rows;
            if (!has_one_key(places, item.rows)) {
                columns.push_back({item.rows, nullptr, item.rows, ""});
                continue;
            }
            for (const std::string& row : ids.at(item.rows)) {
                for (const feed::item_place& cell : places.items) {
                    if (cell.rows == item.rows && cell.local != template_of(places, item.rows).key.front()) {
                        columns.push_back({item.rows + "." + row + "." + cell.local, &cell, item.rows, row});
                    }
                }
            }
        }
    }
    return columns;
}

std::string text_of(const json::value& value) {
    if (const auto flag = value.as_bool()) {
        return *flag ? "true" : "false";
    }
    if (!value.is_array()) {
        return std::string{value.text()};
    }
    std::string joined;
    for (const json::value& one : value.items()) {
        joined += joined.empty() ? "" : ";";
        joined += text_of(one);
    }
    return joined;
}

const json::value& row_of(const json::value& record, const column& of, const feed::layout& places) {
    static const json::value none;
    for (const json::value& row : feed::at_path(record, of.rows).items()) {
        if (feed::row_id(row, template_of(places, of.rows)) == of.row) {
            return row;
        }
    }
    return none;
}

std::string cell_of(const json::value& record, const column& of, const feed::layout& places) {
    if (of.item == nullptr) {
        return json::write(feed::at_path(record, of.rows));
    }
    const json::value& from = of.rows.empty() ? record : row_of(record, of, places);
    const json::value& value = feed::at_path(from, of.item->local);
    std::string text = text_of(value);
    const bool formula =
        !text.empty() && std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos;
    return formula && !value.is_number() ? "'" + text : text;
}

void append_cell(std::string& line, std::string_view cell) {
    if (cell.find_first_of(",\"\r\n") == std::string_view::npos) {
        line += cell;
        return;
    }
    line += '"';
    for (const char one : cell) {
        line += one == '"' ? "\"\"" : std::string(1, one);
    }
    line += '"';
}

template <class Cell>
std::string line_of(const std::vector<column>& columns, const Cell& cell) {
    std::string line;
    for (const column& one : columns) {
        line += &one == columns.data() ? "" : ",";
        append_cell(line, cell(one));
    }
    return line + "\r\n";
}

// Goes through the records twice: first for the rows that need columns, then to write them.
class csv_writer {
public:
    csv_writer(registry_store& records, const feed::layout& places, left_out_function left_out)
        : records_(&records), places_(&places), pages_(records, places.dataset),
          left_out_(std::move(left_out)) {
        for (const feed::resource_template& of : places.resources) {
            rows_.try_emplace(of.rows);
        }
    }

    result<std::optional<std::string>> next() {
        const auto page = pages_.next();
        if (!page) {
            return page.error();
        }
        return columns_.empty() ? look_for_rows(*page) : write(*page);
    }

private:
    std::optional<std::string> look_for_rows(const std::vector<current_record>& page) {
        for (const current_record& one : page) {
            if (const auto record = json::parse(one.content.value_or("")).document) {
                collect_rows(*record, *places_, rows_);
            }
        }
        if (!page.empty()) {
            return "";
        }
        columns_ = columns_of(*places_, rows_);
        pages_ = record_pages(*records_, places_->dataset);
        return line_of(columns_, [](const column& one) { return one.name; });
    }

    std::optional<std::string> write(const std::vector<current_record>& page) {
        if (page.empty()) {
            return std::nullopt;
        }
        std::string lines;
        for (const current_record& one : page) {
            if (!one.content) {
                left_out_(one.record_key);
            } else if (const auto record = json::parse(*one.content).document) {
                lines += line_of(columns_, [&](const column& of) { return cell_of(*record, of, *places_); });
            }
        }
        return lines;
    }

    registry_store* records_;
    const feed::layout* places_;
    record_pages pages_;
    row_ids rows_;
    left_out_function left_out_;
    std::vector<column> columns_; // empty: still looking for rows
};

} // namespace

body_source export_ndjson(registry_store& records, std::string dataset, left_out_function left_out) {
    const auto pages = std::make_shared<record_pages>(records, std::move(dataset));
    return [pages, left_out = std::move(left_out)]() -> result<std::optional<std::string>> {
        const auto page = pages->next();
        if (!page) {
            return page.error();
        }
        if (page->empty()) {
            return std::optional<std::string>();
        }
        std::string lines;
        for (const current_record& one : *page) {
            if (!one.content) {
                left_out(one.record_key);
                continue;
            }
            lines += *one.content;
            lines += '\n';
        }
        return std::optional(std::move(lines));
    };
}

body_source export_csv(registry_store& records, const feed::layout& places, left_out_function left_out) {
    const auto writer = std::make_shared<csv_writer>(records, places, std::move(left_out));
    return [writer] { return writer->next(); };
}

} // namespace auditgate::gateway::registry
