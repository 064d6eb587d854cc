#include "mapping/feed/feed.hpp"
#include "mapping/feed/places.hpp"
#include "mapping/feed/slot.hpp"

#include <algorithm>
#include <map>

namespace auditgate::mapping::feed {

namespace json = fhir::json;

namespace {

json::value reference_to(std::string_view urn) {
    return json::make_object({{"reference", json::value(urn)}});
}

json::value one_coding(std::string_view system, std::string_view code) {
    return json::make_object(
        {{"coding", json::make_array({json::make_object(
                        {{"system", json::value(system)}, {"code", json::value(code)}})})}});
}

class bundle_writer {
public:
    bundle_writer(const json::value& record, const layout& places)
        : record_(record), places_(places), record_id_(record["record_id"].text()),
          retract_(record["record_action"].text() == "retract") {}

    written_bundle write(std::span<const std::string> slots_out) {
        check_values();
        if (!retract_) {
            write_resources();
        }
        json::value entries = json::make_array({head_entry()});
        for (json::value& entry : entries_) {
            entries.push_back(std::move(entry));
        }
        for (const std::string& slot : slots_out) {
            add_deletion(slot, entries);
        }
        made_.bundle = json::make_object({{"resourceType", json::value("Bundle")},
                                          {"type", json::value("transaction")},
                                          {"entry", std::move(entries)}});
        check_comes_back();
        if (!made_.findings.empty()) {
            made_.bundle.reset();
        }
        return std::move(made_);
    }

private:
    void error(std::string code, std::string path, std::string text) {
        made_.findings.push_back(
            {std::move(code), fhir::severity::error, std::move(path), 0, std::move(text)});
    }

    void check_values() {
        if (record_id_.empty()) {
            error("no-record-id", "record_id", "a record needs an id");
        }
        for (const item_place& item : places_.items) {
            if (item.rows.empty()) {
                check_value(record_, item);
                continue;
            }
            for (const json::value& row : at_path(record_, item.rows).items()) {
                check_value(row, item);
            }
        }
    }

    void check_value(const json::value& in, const item_place& item) {
        if (!has_type(at_path(in, item.local), item)) {
            error("wrong-type", item.path,
                  "the value is not of the type that the feed layout gives this item");
        }
    }

    // The resources of one row stay together only by their slot; rows come in their order, templates in theirs.
    void write_resources() {
        for (std::size_t index = 1; index < places_.resources.size(); ++index) {
            const resource_template& of = places_.resources[index];
            if (of.rows.empty()) {
                write_resource(index, record_, "", false);
                continue;
            }
            for (const json::value& row : at_path(record_, of.rows).items()) {
                write_resource(index, row, row_id(row, of), is_first_of_rows(index));
            }
        }
    }

    // The first resource of a row is always there, so that no row is lost and their order is kept.
    bool is_first_of_rows(std::size_t index) const {
        const auto first =
            std::ranges::find(places_.resources, places_.resources[index].rows, &resource_template::rows);
        return first == places_.resources.begin() + static_cast<std::ptrdiff_t>(index);
    }

    void write_resource(std::size_t index, const json::value& values, const std::string& row, bool always) {
        if (!always && !has_content(index, values)) {
            return;
        }
        const resource_template& of = places_.resources[index];
        const std::string slot = slot_name(of, row);
        if (std::ranges::find(made_.slots, slot) != made_.slots.end()) {
            error("same-key", of.rows, "two rows have the same key and would be one resource");
            return;
        }
        const std::string identifier = slot_identifier(record_id_, slot);
        const std::string urn = slot_urn(identifier);
        json::value resource = new_resource(of, identifier);
        put_items(index, values, resource);
        add_usual_elements(of, resource);
        urns_.emplace(of.name, urn);
        if (of.type == "Patient") {
            patient_urn_ = urn;
        }
        made_.slots.push_back(slot);
        entries_.push_back(json::make_object({{"fullUrl", json::value(urn)},
                                              {"resource", std::move(resource)},
                                              {"request", put_request(of, identifier)}}));
        list_entries_.push_back(json::make_object({{"item", reference_to(urn)}}));
    }

    bool has_content(std::size_t index, const json::value& values) const {
        const resource_template& of = places_.resources[index];
        return std::ranges::any_of(places_.items, [&](const item_place& item) {
            return stands_in(item, index) && std::ranges::find(of.key, item.local) == of.key.end() &&
                   !is_left_out(at_path(values, item.local), item);
        });
    }

    static bool stands_in(const item_place& item, std::size_t index) {
        return std::ranges::find(item.resources, index) != item.resources.end();
    }

    static json::value new_resource(const resource_template& of, const std::string& identifier) {
        json::value made = json::make_object({{"resourceType", json::value(of.type)}});
        if (of.match == match_by::tag) {
            const json::value tag = json::make_object(
                {{"system", json::value(record_system)}, {"code", json::value(identifier)}});
            made.set("meta", json::make_object({{"tag", json::make_array({tag})}}));
        }
        json::value own =
            json::make_object({{"system", json::value(record_system)}, {"value", json::value(identifier)}});
        // R4 gives an AdverseEvent one identifier, everything else used here a list of them.
        made.set("identifier",
                 of.type == "AdverseEvent" ? std::move(own) : json::make_array({std::move(own)}));
        return made;
    }

    void put_items(std::size_t index, const json::value& values, json::value& resource) const {
        for (const item_place& item : places_.items) {
            if (!stands_in(item, index)) {
                continue;
            }
            const json::value& content = at_path(values, item.local);
            if (!is_left_out(content, item)) {
                put_item(resource, item, content);
            }
        }
    }

    // What R4 asks of every resource of the type, and the references that hold the record together.
    void add_usual_elements(const resource_template& of, json::value& resource) const {
        if (of.type == "Observation") {
            resource.set("status", json::value("final"));
            resource.set("code", one_coding(item_system, of.name));
            if (const auto whole = urns_.find(of.part_of); whole != urns_.end()) {
                resource.set("partOf", json::make_array({reference_to(whole->second)}));
            }
        }
        if (of.type == "AdverseEvent") {
            resource.set("actuality", json::value("actual"));
        }
        if (of.type != "Patient" && !patient_urn_.empty()) {
            resource.set("subject", reference_to(patient_urn_));
        }
    }

    static json::value put_request(const resource_template& of, std::string_view identifier) {
        return json::make_object(
            {{"method", json::value("PUT")}, {"url", json::value(slot_url(of, identifier))}});
    }

    json::value head_entry() {
        const resource_template& of = places_.resources.front();
        json::value head = new_resource(of, record_id_);
        put_items(0, record_, head);
        head.set("status", json::value(retract_ ? "entered-in-error" : "current"));
        head.set("mode", json::value("working"));
        if (!patient_urn_.empty()) {
            head.set("subject", reference_to(patient_urn_));
        }
        if (!list_entries_.empty()) {
            json::value listed = json::value::array();
            for (json::value& entry : list_entries_) {
                listed.push_back(std::move(entry));
            }
            head.set("entry", std::move(listed));
        }
        return json::make_object({{"fullUrl", json::value(slot_urn(record_id_))},
                                  {"resource", std::move(head)},
                                  {"request", put_request(of, record_id_)}});
    }

    void add_deletion(const std::string& slot, json::value& entries) {
        if (std::ranges::find(made_.slots, slot) != made_.slots.end()) {
            return;
        }
        for (const std::string& url : urls_of(slot)) {
            entries.push_back(json::make_object(
                {{"request",
                  json::make_object({{"method", json::value("DELETE")}, {"url", json::value(url)}})}}));
        }
    }

    // A resource that was sent by a layout which still had it must go all the same: under each type it may have had.
    std::vector<std::string> urls_of(const std::string& slot) const {
        const std::string identifier = slot_identifier(record_id_, slot);
        if (const resource_template* of = template_of(places_, slot)) {
            return {slot_url(*of, identifier)};
        }
        std::vector<std::string> urls;
        for (std::size_t index = 1; index < places_.resources.size(); ++index) {
            std::string url = slot_url(places_.resources[index], identifier);
            if (std::ranges::find(urls, url) == urls.end()) {
                urls.push_back(std::move(url));
            }
        }
        return urls;
    }

    // The promise of the feed, kept for every single record: what is sent can be read back to the very same record. A
    // retract has nothing to lose, and must not be kept from leaving by an older record's head.
    void check_comes_back() {
        if (retract_ || !made_.findings.empty()) {
            return;
        }
        const read_bundle_result back = read_bundle(*made_.bundle, places_);
        if (!back.record || !json::same_json(*back.record, record_)) {
            error("not-in-layout", "", "the record holds something that the feed layout has no place for");
        }
    }

    const json::value& record_;
    const layout& places_;
    std::string record_id_;
    bool retract_;
    std::string patient_urn_;
    std::map<std::string, std::string> urns_; // by name of the resource, for those written so far
    std::vector<json::value> entries_, list_entries_;
    written_bundle made_;
};

} // namespace

written_bundle write_bundle(const json::value& record, const layout& places,
                            std::span<const std::string> slots_out) {
    return bundle_writer(record, places).write(slots_out);
}

} // namespace auditgate::mapping::feed
