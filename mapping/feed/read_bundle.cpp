#include "mapping/feed/feed.hpp"
#include "mapping/feed/places.hpp"
#include "mapping/feed/slot.hpp"

#include <algorithm>
#include <map>

namespace auditgate::mapping::feed {

namespace json = fhir::json;

namespace {

std::string entry_path(std::size_t index) {
    return "Bundle.entry[" + std::to_string(index) + "]";
}

// The identifier by which a resource of the feed is found.
std::string_view own_identifier(const json::value& resource) {
    const json::value& identifiers = resource["identifier"];
    if (identifiers["system"].text() == record_system) {
        return identifiers["value"].text();
    }
    for (const json::value& one : identifiers.items()) {
        if (one["system"].text() == record_system) {
            return one["value"].text();
        }
    }
    return {};
}

const json::value* head_of(const json::value& bundle) {
    for (const json::value& entry : bundle["entry"].items()) {
        if (entry["resource"]["resourceType"].text() == "List") {
            return entry.find("resource");
        }
    }
    return nullptr;
}

std::string_view head_extension(const json::value& head, std::string_view item) {
    for (const json::value& one : head["extension"].items()) {
        const std::string_view url = one["url"].text();
        if (url.starts_with(extension_prefix) && url.substr(extension_prefix.size()) == item) {
            return one["valueCode"].text();
        }
    }
    return {};
}

std::string_view section_of(std::string_view path) {
    return path.substr(0, path.find('.'));
}

class bundle_reader {
public:
    bundle_reader(const json::value& bundle, const layout& places) : bundle_(bundle), places_(places) {}

    read_bundle_result read() {
        find_entries();
        if (read_.findings.empty()) {
            build_record();
        }
        if (!read_.findings.empty()) {
            read_.record.reset();
        }
        return std::move(read_);
    }

private:
    struct found_resource {
        const json::value* resource = nullptr;
        std::string path;
    };

    void error(std::string code, std::string path, std::string text) {
        read_.findings.push_back(
            {std::move(code), fhir::severity::error, std::move(path), 0, std::move(text)});
    }

    void find_entries() {
        if (bundle_["resourceType"].text() != "Bundle" || bundle_["type"].text() != "transaction") {
            error("not-a-transaction", "Bundle.type", "a feed Bundle is a transaction");
            return;
        }
        const json::value* head = head_of(bundle_);
        if (head == nullptr || own_identifier(*head).empty()) {
            error("no-head", "Bundle", "a feed Bundle has a List whose identifier is the record id");
            return;
        }
        record_id_ = own_identifier(*head);
        for (std::size_t index = 0; index < bundle_["entry"].size(); ++index) {
            read_entry(bundle_["entry"][index], entry_path(index));
        }
    }

    void read_entry(const json::value& entry, const std::string& path) {
        const std::string_view method = entry["request"]["method"].text();
        const std::string_view url = entry["request"]["url"].text();
        const std::size_t bar = url.rfind('|');
        const auto slot = bar == std::string_view::npos ? std::nullopt
                                                        : slot_of_identifier(record_id_, url.substr(bar + 1));
        const resource_template* of = slot ? template_of(places_, *slot) : nullptr;
        if (slot && of == nullptr && method == "DELETE") {
            note_deleted(*slot); // of an earlier layout: nothing is there, or it goes
            return;
        }
        if (of == nullptr || url != slot_url(*of, slot_identifier(record_id_, *slot))) {
            error("unknown-slot", path + ".request.url",
                  "this is no conditional URL of a resource of the record");
            return;
        }
        if (!seen_.emplace(*slot, path).second) {
            error("same-slot", path + ".request.url", "another entry has the same resource");
            return;
        }
        if (method == "DELETE" && !slot->empty()) {
            note_deleted(*slot);
        } else if (method == "PUT") {
            read_put(entry["resource"], *of, *slot, path + ".resource");
        } else {
            error("wrong-method", path + ".request.method", "only PUT and DELETE are part of the feed");
        }
    }

    void note_deleted(const std::string& slot) {
        if (std::ranges::find(read_.deleted_slots, slot) == read_.deleted_slots.end()) {
            read_.deleted_slots.push_back(slot);
        }
    }

    void read_put(const json::value& resource, const resource_template& of, const std::string& slot,
                  const std::string& path) {
        if (resource["resourceType"].text() != of.type) {
            error("wrong-resource", path + ".resourceType", "the resource is not of the type of its slot");
            return;
        }
        if (own_identifier(resource) != slot_identifier(record_id_, slot)) {
            error("wrong-identifier", path + ".identifier", "the identifier is not the one of the request");
            return;
        }
        const auto index = static_cast<std::size_t>(&of - places_.resources.data());
        const std::size_t dot = slot.find('.');
        const std::string row = dot == std::string::npos ? std::string{} : slot.substr(dot + 1);
        if (!of.rows.empty()) {
            std::vector<std::string>& order = rows_[of.rows];
            if (std::ranges::find(order, row) == order.end()) {
                order.push_back(row);
            }
        }
        found_[{index, row}] = {&resource, path};
    }

    void build_record() {
        json::value record = json::value::object();
        const bool retract = read_value(action_item(), "").text() == "retract";
        for (const item_place& item : places_.items) {
            const bool in_section = !item.rows.empty() || item.path.find('.') != std::string::npos;
            if (retract && in_section) {
                record.set(std::string{section_of(item.path)}, json::value{});
            } else if (item.rows.empty()) {
                set_path(record, item.path, read_value(item, ""));
            } else if (at_path(record, item.rows).is_null()) {
                set_path(record, item.rows, read_rows(item.rows));
            }
        }
        if (retract && found_.size() > 1) {
            error("not-empty", "Bundle", "a retracted record has no resource but its List");
        }
        read_.record = std::move(record);
    }

    const item_place& action_item() {
        const auto found = std::ranges::find(places_.items, "record_action", &item_place::path);
        return found == places_.items.end() ? places_.items.front() : *found;
    }

    json::value read_rows(const std::string& rows) {
        json::value all = json::value::array();
        for (const std::string& row : rows_[rows]) {
            json::value made = json::value::object();
            for (const item_place& item : places_.items) {
                if (item.rows == rows) {
                    set_path(made, item.local, read_value(item, row));
                }
            }
            check_row_id(made, rows, row);
            all.push_back(std::move(made));
        }
        return all;
    }

    // The slot of a row says what its key items say.
    void check_row_id(const json::value& row, const std::string& rows, const std::string& id) {
        for (std::size_t index = 0; index < places_.resources.size(); ++index) {
            const resource_template& of = places_.resources[index];
            if (const auto at = found_.find({index, id});
                of.rows == rows && at != found_.end() && row_id(row, of) != id) {
                error("wrong-key", at->second.path, "the identifier does not agree with the content");
            }
        }
    }

    json::value read_value(const item_place& item, const std::string& row) {
        for (const std::size_t index : item.resources) {
            const auto at = found_.find({index, row});
            if (at == found_.end()) {
                continue;
            }
            auto value = get_item(*at->second.resource, item);
            if (!value) {
                error("wrong-value", at->second.path, "what stands for " + item.path + " is not of its type");
                return {};
            }
            return *std::move(value);
        }
        return item.list ? json::value::array()
                         : (item.absent.empty() ? json::value{} : json::value(item.absent));
    }

    const json::value& bundle_;
    const layout& places_;
    std::string record_id_;
    std::map<std::string, std::string> seen_;
    std::map<std::pair<std::size_t, std::string>, found_resource> found_; // by template and row
    std::map<std::string, std::vector<std::string>> rows_;                // ids in order, by path of the list
    read_bundle_result read_;
};

} // namespace

bundle_dataset dataset_of(const json::value& bundle) {
    const json::value* head = head_of(bundle);
    if (head == nullptr) {
        return {};
    }
    return {std::string{head_extension(*head, "dataset")},
            std::string{head_extension(*head, "dataset_version")}};
}

read_bundle_result read_bundle(const json::value& bundle, const layout& places) {
    return bundle_reader(bundle, places).read();
}

} // namespace auditgate::mapping::feed
