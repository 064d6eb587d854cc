#include "gateway/cli/opt_out.hpp"

#include "gateway/security/durable_file.hpp"
#include "mapping/release/gate.hpp"

#include <algorithm>
#include <iostream>
#include <set>

namespace auditgate::gateway::cli {
namespace {

bool asks_opt_out(const destination_config& one) {
    return one.settings.basis == mapping::legal_basis::s251 && !one.settings.opt_out_exempt;
}

error unknown_destination(std::span<const destination_config> destinations, std::string_view name) {
    std::vector<std::string_view> names;
    for (const destination_config& one : destinations)
        names.push_back(one.name);
    return {errc::usage,
            "there is no destination `" + std::string(name) + '`' + mapping::yaml::suggestion(name, names)};
}

// The request files that are wanted. Every destination that needs one has one, or the configuration is refused.
std::set<std::filesystem::path> wanted_files(std::span<const destination_config> destinations,
                                             std::string_view only) {
    std::set<std::filesystem::path> files;
    for (const destination_config& one : destinations) {
        if (asks_opt_out(one) && (only.empty() || one.name == only))
            files.insert(one.opt_out_files.request.value());
    }
    return files;
}

result<void> add_numbers(store::store& from, const std::string& destination, mapping::nhs_number_set& to) {
    const auto all = from.gate_facts(destination);
    if (!all)
        return all.error();
    for (const std::string& bytes : *all) {
        const auto facts = mapping::gate_facts_from_bytes(bytes);
        if (!facts)
            return error{errc::store_corrupt, "the gate facts of a record for destination `" + destination +
                                                  "` cannot be decoded"};
        if (!facts->nhs_number.empty())
            to.insert(facts->nhs_number);
    }
    return {};
}

// The response to a request that has not changed still answers it, so the file keeps its time.
result<bool> write_if_changed(const opt_out_request& request) {
    const std::string content = mapping::write_opt_out_request(request.numbers);
    if (const auto before = security::read_whole(request.file); before && *before == content)
        return false;
    if (const auto written = security::replace_file(request.file, content); !written)
        return written.error();
    return true;
}

int tell(const error& failure) {
    std::cerr << failure.message << '\n';
    return exit_code_of(failure.code);
}

} // namespace

result<std::vector<opt_out_request>>
collect_opt_out_requests(store::store& from, std::span<const destination_config> destinations,
                         std::string_view only) {
    if (!only.empty()) {
        const auto named = std::ranges::find(destinations, only, &destination_config::name);
        if (named == destinations.end())
            return unknown_destination(destinations, only);
        if (!asks_opt_out(*named))
            return error{errc::usage, "the national data opt-out does not apply to destination `" +
                                          named->name + "`: it is exempt, or asks for consent"};
    }
    std::vector<opt_out_request> requests;
    for (const std::filesystem::path& file : wanted_files(destinations, only)) {
        opt_out_request& request = requests.emplace_back(opt_out_request{file, {}});
        for (const destination_config& one : destinations) {
            if (!asks_opt_out(one) || one.opt_out_files.request != file)
                continue;
            if (const auto added = add_numbers(from, one.name, request.numbers); !added)
                return added.error();
        }
    }
    return requests;
}

int run_opt_out_request(const opt_out_request_options& options) {
    const opened_installation opened = open_installation(options.config);
    if (!opened.value)
        return opened.exit;
    const auto requests = collect_opt_out_requests(*opened.value->store, opened.value->config.destinations,
                                                   options.destination);
    if (!requests)
        return tell(requests.error());
    if (requests->empty())
        std::cout << "the national data opt-out applies to no destination\n";
    for (const opt_out_request& request : *requests) {
        const auto changed = write_if_changed(request);
        if (!changed)
            return tell(changed.error());
        std::cout << request.file.string() << ": " << request.numbers.size() << " NHS number(s)"
                  << (*changed ? "" : ", as before") << '\n';
    }
    return exit_done;
}

} // namespace auditgate::gateway::cli
