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
    return std::to_string(size) + "@" + std::to_string(changed.time_since_epoch().count()) + ";";
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
        if (!dissent) {
            return state; // somebody's refusal may stand in it: nothing is cleared until it can be read
        }
        state.dissent = *std::move(dissent);
    }
    if (!files_.request || !files_.response) {
        return state;
    }
    auto requested = read_file(*files_.request);
    auto cleared = read_file(*files_.response);
    std::error_code failed;
    const auto changed = fs::last_write_time(*files_.response, failed);
    if (!requested || !cleared || failed) {
        return state;
    }
    const auto at =
        std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::file_clock::to_sys(changed));
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
    return *std::move(answered);
}

} // namespace auditgate::gateway::delivery
