#include "gateway/registry/export_records.hpp"

#include "fhir/json.hpp"
#include "mapping/feed/places.hpp"
#include "mapping/feed/slot.hpp"

#include <algorithm>
#include <map>

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

result<row_ids> all_rows(registry_store& records, const feed::layout& places) {
    row_ids ids;
    record_pages pages(records, places.dataset);
    while (true) {
        const auto page = pages.next();
        if (!page) {
            return page.error();
        }
        for (const current_record& one : *page) {
            if (const auto record = json::parse(one.content).document) {
                collect_rows(*record, places, ids);
            }
        }
        if (page->empty()) {
            return ids;
        }
    }
}

} // namespace

body_source export_ndjson(registry_store& records, std::string dataset) {
    return [pages = record_pages(records, std::move(dataset))]() mutable -> result<std::string> {
        const auto page = pages.next();
        if (!page) {
            return page.error();
        }
        std::string lines;
        for (const current_record& one : *page) {
            lines += one.content;
            lines += '\n';
        }
        return lines;
    };
}

result<body_source> export_csv(registry_store& records, const feed::layout& places) {
    auto ids = all_rows(records, places);
    if (!ids) {
        return ids.error();
    }
    for (const feed::resource_template& of : places.resources) {
        ids->try_emplace(of.rows);
    }
    body_source source = [pages = record_pages(records, places.dataset), columns = columns_of(places, *ids),
                          &places, begun = false]() mutable -> result<std::string> {
        const auto page = pages.next();
        if (!page) {
            return page.error();
        }
        std::string lines = begun ? "" : line_of(columns, [](const column& one) { return one.name; });
        begun = true;
        for (const current_record& one : *page) {
            if (const auto record = json::parse(one.content).document) {
                lines += line_of(columns, [&](const column& of) { return cell_of(*record, of, places); });
            }
        }
        return lines;
    };
    return source;
}

} // namespace auditgate::gateway::registry
