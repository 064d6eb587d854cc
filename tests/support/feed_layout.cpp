#include "tests/support/feed_layout.hpp"

#include "mapping/feed/places.hpp"
#include "tests/support/support.hpp"

#include <filesystem>
#include <set>
#include <stdexcept>
#include <string>

namespace auditgate::test {

namespace json = fhir::json;
using mapping::feed::item_place;
using mapping::feed::value_type;

namespace {

using chooser = std::function<std::size_t(std::size_t)>;

json::value one_value(const item_place& item, const chooser& choose) {
    switch (item.type) {
    case value_type::code:
        if (!item.system_of_digits.empty() && choose(2) == 0) {
            return json::value(std::to_string(10000000 + choose(1000)));
        }
        return json::value("C" + std::to_string(choose(40)) + ".x");
    case value_type::text:
        return json::value("text " + std::to_string(choose(40)));
    case value_type::integer:
        return json::value(static_cast<std::int64_t>(choose(800)) - 400);
    case value_type::decimal:
        return json::value(json::number{"-0." + std::to_string(choose(1000)) + "0"});
    case value_type::boolean:
        return json::value(choose(2) == 0);
    }
    return {};
}

json::value some_value(const item_place& item, const chooser& choose) {
    if (item.list) {
        json::value all = json::value::array();
        for (std::size_t left = choose(4); left > 0; --left) {
            all.push_back(one_value(item, choose));
        }
        return all;
    }
    if (choose(3) == 0) {
        return item.absent.empty() ? json::value{} : json::value(item.absent);
    }
    return one_value(item, choose);
}

json::value some_rows(const mapping::feed::layout& places, const std::string& rows, const chooser& choose) {
    json::value all = json::value::array();
    for (std::size_t row = 0, count = choose(5); row < count; ++row) {
        json::value made = json::value::object();
        bool first = true;
        for (const item_place& item : places.items) {
            if (item.rows == rows) {
                // The first item of a row is of its key: different in every row.
                mapping::feed::set_path(made, item.local,
                                        first ? json::value("key-" + std::to_string(row))
                                              : some_value(item, choose));
                first = false;
            }
        }
        all.push_back(std::move(made));
    }
    return all;
}

} // namespace

mapping::feed::layout load_feed_layout(std::string_view dataset) {
    std::vector<mapping::yaml::problem> problems;
    auto places = mapping::feed::load_layout(
        source_folder() / "config" / "feed" / (std::string{dataset} + ".yaml"), problems);
    if (!places) {
        throw std::runtime_error("feed layout: " + to_string(problems.at(0)));
    }
    return *std::move(places);
}

namespace {

void add_layouts(const std::filesystem::path& folder, std::vector<mapping::feed::layout>& to) {
    std::vector<mapping::yaml::problem> problems;
    for (mapping::feed::layout& one : mapping::feed::load_layouts(folder, problems)) {
        to.push_back(std::move(one));
    }
    if (!problems.empty()) {
        throw std::runtime_error("feed layout: " + to_string(problems.at(0)));
    }
}

} // namespace

std::vector<mapping::feed::layout> shipped_feed_layouts() {
    std::vector<mapping::feed::layout> all;
    add_layouts(source_folder() / "config" / "feed", all);
    return all;
}

std::vector<mapping::feed::layout> all_feed_layouts() {
    std::vector<mapping::feed::layout> all = shipped_feed_layouts();
    for (const auto& entry : std::filesystem::directory_iterator(source_folder() / "tests" / "data")) {
        if (std::filesystem::exists(entry.path() / "config" / "feed")) {
            add_layouts(entry.path() / "config" / "feed", all);
        }
    }
    return all;
}

json::value make_record(const mapping::feed::layout& places, std::string_view record_id, int version,
                        std::string_view action, const chooser& choose) {
    json::value record = json::value::object();
    std::set<std::string> rows_done;
    for (const item_place& item : places.items) {
        const std::string section = item.path.substr(0, item.path.find('.'));
        if (section == item.path) {
            record.set(item.path, some_value(item, choose));
        } else if (action == "retract") {
            record.set(section, json::value{});
        } else if (item.rows.empty()) {
            mapping::feed::set_path(record, item.path, some_value(item, choose));
        } else if (rows_done.insert(item.rows).second) {
            mapping::feed::set_path(record, item.rows, some_rows(places, item.rows, choose));
        }
    }
    record.set("dataset", json::value(places.dataset));
    record.set("dataset_version", json::value(places.dataset_versions.front()));
    record.set("record_id", json::value(record_id));
    record.set("record_version", json::value(version));
    record.set("record_action", json::value(action));
    return record;
}

} // namespace auditgate::test
