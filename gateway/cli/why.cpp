#include "gateway/cli/why.hpp"

#include "gateway/cli/exit_code.hpp"
#include "gateway/cli/installation.hpp"
#include "gateway/cli/message_list.hpp"
#include "gateway/config/configuration.hpp"
#include "gateway/observe/log.hpp"
#include "mapping/cases/cases.hpp"
#include "mapping/release/record.hpp"

#include <algorithm>
#include <charconv>
#include <iostream>
#include <optional>
#include <set>
#include <vector>

namespace auditgate::gateway::cli {

namespace {

namespace json = fhir::json;

int fail(const error& failure) {
    std::cerr << "auditgate why: " << failure.message << '\n';
    return exit_code_of(failure.code);
}

// The case that a record of some destination shows.
struct found_case {
    mapping::case_result result;
    const pipeline::destination* to = nullptr;
    const mapping::compiled_definition* definition = nullptr;
};

std::optional<found_case> find_case(std::span<const mapping::event> events, const pipeline::setup& with,
                                    std::chrono::local_days today, const std::string& record_id) {
    for (const auto& definition : with.definitions) {
        mapping::cases_result computed = mapping::cases(events, *definition, today);
        for (mapping::case_result& one : computed.cases)
            for (const pipeline::destination& to : with.destinations)
                if (mapping::record_id(to.keys.record_key, definition->dataset, one.patient_key,
                                       one.procedure_date) == record_id)
                    return found_case{std::move(one), &to, definition.get()};
    }
    return std::nullopt;
}

result<std::vector<mapping::event>> events_of(const store::cluster_snapshot& snapshot) {
    std::vector<mapping::event> all;
    for (const store::message_events& of_message : snapshot.events) {
        auto events = mapping::events_from_bytes(of_message.events);
        if (!events)
            return error{errc::store_corrupt, "the events of message " + std::to_string(of_message.message) +
                                                  " cannot be decoded"};
        std::move(events->begin(), events->end(), std::back_inserter(all));
    }
    return all;
}

// Whether a trace speaks of the item asked for: the item itself, what it is part of, or a part of it.
bool speaks_of(std::string_view path, std::string_view item) {
    const auto begins = [](std::string_view text, std::string_view with) {
        return text.starts_with(with) && (text.size() == with.size() || text[with.size()] == '.');
    };
    return item.empty() || begins(path, item) || begins(item, path);
}

// The value at a dotted path; elements of lists are found by their `timepoint`.
const json::value* value_at(const json::value& content, std::string_view path) {
    const json::value* at = &content;
    while (!path.empty() && at != nullptr) {
        const std::string_view name = path.substr(0, path.find('.'));
        path.remove_prefix(std::min(path.size(), name.size() + 1));
        if (at->is_array()) {
            const auto rows = at->items();
            const auto row = std::find_if(rows.begin(), rows.end(), [&](const json::value& one) {
                return one["timepoint"].text() == name;
            });
            at = row == rows.end() ? nullptr : &*row;
        } else {
            at = at->find(name);
        }
    }
    return at;
}

json::value list_of(const std::vector<std::string>& texts) {
    json::value list = json::value::array();
    for (const std::string& text : texts)
        list.push_back(json::value(text));
    return list;
}

json::value answer_of(const found_case& found, const std::string& item) {
    json::value answer = json::value::object();
    answer.set("destination", json::value(found.to->name));
    answer.set("dataset", json::value(found.definition->dataset));
    answer.set("state", json::value(found.result.state == mapping::case_state::record ? "record"
                                    : found.result.state == mapping::case_state::held ? "held"
                                                                                      : "excluded"));
    answer.set("reason", json::value(found.result.reason));
    json::value items = json::value::array();
    for (const mapping::trace_entry& entry : found.result.trace) {
        if (!speaks_of(entry.path, item))
            continue;
        json::value one = json::value::object();
        one.set("item", json::value(entry.path));
        const json::value* value = value_at(found.result.content, entry.path);
        one.set("value", value == nullptr ? json::value() : *value);
        one.set("rule", json::value(entry.rule));
        one.set("messages", list_of(entry.used));
        one.set("beaten", list_of(entry.beaten));
        items.push_back(std::move(one));
    }
    if (items.size() == 0 && !item.empty() && found.result.state == mapping::case_state::record) {
        const json::value record =
            mapping::record_content(found.result, *found.definition, found.to->settings, found.to->keys);
        if (auto untraced = untraced_item(record, item))
            items.push_back(std::move(*untraced));
    }
    answer.set("items", std::move(items));
    return answer;
}

// The messages of the answer whose bytes have been erased, each with what is to be said of it.
json::value erased_messages(store::store& from, const json::value& items) {
    std::set<std::string> named;
    for (const json::value& item : items.items())
        for (const char* const list : {"messages", "beaten"})
            for (const json::value& one : item[list].items())
                named.emplace(one.text());
    json::value erased = json::value::object();
    for (const std::string& name : named) {
        store::message_id id = 0;
        std::from_chars(name.data(), name.data() + name.size(), id);
        const auto found = from.erased_message(id);
        if (found && *found)
            erased.set(name, json::make_object({{"received_on", json::value(day_text((*found)->received_on))},
                                                {"erased_on", json::value(day_text((*found)->erased_on))}}));
    }
    return erased;
}

// What is left to say of a record whose case is closed.
void tell_of_closed(const std::vector<store::closed_record>& closed) {
    for (const store::closed_record& one : closed)
        std::cerr << "auditgate why: the case was closed on " << day_text(one.closed_on)
                  << (one.erased ? " and what it was made of has been erased" : "") << ". Version "
                  << one.last_version << (one.may_be_there ? " stays at " : " is no longer at ")
                  << one.destination << (one.may_be_there ? "; `auditgate retract` takes it back\n" : "\n");
}

void print_list(std::string_view title, const json::value& list) {
    if (list.size() == 0)
        return;
    std::cout << "    " << title;
    for (const json::value& one : list.items())
        std::cout << ' ' << one.text();
    std::cout << '\n';
}

void print(const json::value& answer) {
    std::cout << answer["dataset"].text() << " for " << answer["destination"].text() << ": "
              << answer["state"].text();
    if (!answer["reason"].text().empty())
        std::cout << " (" << answer["reason"].text() << ')';
    std::cout << '\n';
    for (const json::value& item : answer["items"].items()) {
        std::cout << item["item"].text() << " = " << json::write(item["value"]) << "\n    "
                  << (item["rule"].is_null()
                          ? "how it was found is not kept for this item; `auditgate describe` tells the rule"
                          : item["rule"].text())
                  << '\n';
        print_list("from messages:", item["messages"]);
        print_list("beaten:       ", item["beaten"]);
    }
    for (const auto& [message, when] : answer["erased_messages"].members())
        std::cout << "message " << message << ": received on " << when["received_on"].text()
                  << ", its bytes were erased by " << when["erased_on"].text() << '\n';
}

// What is asked, with the id of the record. With a patient's number there is no word for a record: the first word is the item.
result<why_options> with_record_id(const why_options& asked, const pipeline::setup& with) {
    why_options options = asked;
    if (asked.nhs_number.empty())
        return options;
    options.item = asked.record_id;
    auto made = id_of_patient_record(std::cin, asked.patient, with);
    if (!made)
        return made.error();
    options.record_id = std::move(*made);
    return options;
}

result<void> check(const why_options& asked) {
    if (asked.nhs_number.empty() && asked.record_id.empty())
        return error{errc::usage,
                     "name the record, or the patient by --nhs-number - and --procedure-on DATE"};
    if (!asked.nhs_number.empty() && asked.nhs_number != "-")
        return error{errc::usage,
                     "a number on the command line could be seen by others: --nhs-number - reads it "
                     "from standard input"};
    if (!asked.nhs_number.empty() && !asked.item.empty())
        return error{errc::usage, "with --nhs-number no record id is given, but the item alone"};
    return {};
}

int fail_without_cluster(const why_options& options) {
    std::cerr << "auditgate why: there is no record " << options.record_id
              << (options.nhs_number.empty()
                      ? "; a record id is the one that this gateway sends, as `auditgate holds` shows it for "
                        "records that are held. `auditgate registry` gives records another id: that one "
                        "cannot be looked up here\n"
                      : ", which this patient, day and destination would have: see whether the procedure was "
                        "on that day, and `auditgate holds`\n");
    return exit_findings;
}

} // namespace

std::optional<json::value> untraced_item(const json::value& record, std::string_view item) {
    const json::value* value = value_at(record, item);
    if (value == nullptr)
        return std::nullopt;
    return json::make_object({{"item", json::value(std::string(item))},
                              {"value", *value},
                              {"rule", json::value()},
                              {"messages", json::value::array()},
                              {"beaten", json::value::array()}});
}

int run_why(const why_options& asked) {
    if (const auto right = check(asked); !right)
        return fail(right.error());
    const opened_installation opened = open_installation(asked.config);
    if (!opened.value)
        return opened.exit;
    const auto configured = load_whole_configuration(*opened.value);
    if (!configured)
        return exit_configuration;
    const pipeline::setup& with = *configured->mapping;
    const auto complete = with_record_id(asked, with);
    if (!complete)
        return fail(complete.error());
    const why_options& options = *complete;

    const auto closed = opened.value->store->closed_records(options.record_id);
    if (!closed)
        return fail(closed.error());
    if (!closed->empty()) {
        tell_of_closed(*closed);
        return exit_findings;
    }
    const auto snapshot = opened.value->store->cluster_of_record(options.record_id);
    if (!snapshot)
        return fail(snapshot.error());
    if (!*snapshot)
        return fail_without_cluster(options);
    const auto events = events_of(**snapshot);
    if (!events)
        return fail(events.error());
    const auto found = find_case(*events, with, with.local_date(observe::system_now()), options.record_id);
    if (!found) {
        std::cerr
            << "auditgate why: nothing stored says this operation any more (corrected, cancelled or merged); "
               "the record is taken back\n";
        return exit_findings;
    }
    json::value answer = answer_of(*found, options.item);
    answer.set("erased_messages", erased_messages(*opened.value->store, answer["items"]));
    if (options.json)
        std::cout << json::write(answer, json::layout::pretty) << '\n';
    else
        print(answer);
    if (answer["items"].size() > 0)
        return exit_done;
    std::cerr << "auditgate why: the record has no item " << options.item << '\n';
    return exit_findings;
}

} // namespace auditgate::gateway::cli
