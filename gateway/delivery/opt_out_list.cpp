#include "gateway/delivery/opt_out_list.hpp"

#include <fstream>
#include <sstream>

namespace auditgate::gateway::delivery {

namespace fs = std::filesystem;

namespace {

std::string state_of(const std::optional<fs::path>& file) {
    if (!file) {
        return "-;";
    }
    std::error_code failed;
    const auto size = fs::file_size(*file, failed);
    if (failed) {
        return "missing;";
    }
    const auto changed = fs::last_write_time(*file, failed);
    // Rights may be mended, which changes neither size nor time.
    const bool may_be_read = std::ifstream(*file).is_open();
    return std::to_string(size) + "@" + std::to_string(changed.time_since_epoch().count()) +
           (may_be_read ? ";" : "!;");
}

} // namespace

opt_out_list::opt_out_list(opt_out_files files, local_day_function local_day, observe::logger& log)
    : files_(std::move(files)), local_day_(std::move(local_day)), log_(log) {}

std::shared_ptr<const mapping::opt_out_state> opt_out_list::current() {
    const std::lock_guard lock(mutex_);
    refresh();
    return state_;
}

std::uint64_t opt_out_list::revision() {
    const std::lock_guard lock(mutex_);
    refresh();
    return revision_;
}

std::string opt_out_list::fingerprint() const {
    return state_of(files_.request) + state_of(files_.response) + state_of(files_.dissent);
}

void opt_out_list::refresh() {
    std::string now = fingerprint();
    if (state_ && now == fingerprint_) {
        return;
    }
    fingerprint_ = std::move(now);
    ++revision_;
    state_ = std::make_shared<const mapping::opt_out_state>(read());
}

std::optional<mapping::nhs_number_set> opt_out_list::read_file(const fs::path& file) const {
    std::ifstream in(file, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    std::vector<mapping::yaml::problem> problems;
    if (in) {
        mapping::yaml::problem_sink sink(file.string(), problems);
        if (auto numbers = mapping::read_nhs_numbers(text.str(), sink)) {
            return numbers;
        }
    }
    log_.error("opt-out-list-unreadable",
               problems.empty() ? "the file cannot be read" : to_string(problems.front()),
               {{"file", file.string()}});
    return std::nullopt;
}

mapping::opt_out_state opt_out_list::read() const {
    mapping::opt_out_state state;
    if (files_.dissent) {
        auto dissent = read_file(*files_.dissent);
        state.dissent_unreadable = !dissent;
        state.dissent = std::move(dissent).value_or(mapping::nhs_number_set{});
    }
    if (!files_.request || !files_.response) {
        return state;
    }
    auto requested = read_file(*files_.request);
    auto cleared = read_file(*files_.response);
    std::error_code no_request;
    std::error_code no_response;
    const auto asked = fs::last_write_time(*files_.request, no_request);
    const auto answered_at = fs::last_write_time(*files_.response, no_response);
    if (!requested || !cleared || no_request || no_response) {
        return state;
    }
    if (asked > answered_at) {
        // The response is to an earlier request, of which only the numbers that came back are still known. Whoever else
        // stands in the new one has not opted out: there is no answer yet.
        requested = cleared;
    }
    const auto at =
        std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::file_clock::to_sys(answered_at));
    std::vector<mapping::yaml::problem> problems;
    mapping::yaml::problem_sink sink(files_.response->string(), problems);
    auto answered =
        mapping::answered_opt_out(*std::move(requested), *std::move(cleared), local_day_(at), sink);
    if (!answered) {
        log_.error("opt-out-list-unreadable", to_string(problems.front()),
                   {{"file", files_.response->string()}});
        return state;
    }
    answered->dissent = std::move(state.dissent);
    answered->dissent_unreadable = state.dissent_unreadable;
    return *std::move(answered);
}

} // namespace auditgate::gateway::delivery
