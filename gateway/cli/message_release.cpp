#include "gateway/cli/message_release.hpp"

#include "gateway/cli/message_list.hpp"
#include "gateway/intake/source_choice.hpp"
#include "gateway/store/names.hpp"
#include "hl7v2/header.hpp"
#include "mapping/yaml/document.hpp"

#include <algorithm>
#include <iostream>
#include <map>
#include <optional>
#include <set>
#include <span>

namespace auditgate::gateway::cli {
namespace {

using store::message_state;
using store::stored_message;

bool is_configured(const gateway_config& config, const std::string& source) {
    return std::any_of(config.sources.begin(), config.sources.end(),
                       [&](const source_config& one) { return one.name == source; });
}

std::string not_configured(const gateway_config& config, const std::string& source) {
    std::vector<std::string_view> names;
    for (const source_config& one : config.sources)
        names.push_back(one.name);
    return "the configuration has no source `" + source + "`" + mapping::yaml::suggestion(source, names);
}

// The source that a message of an unknown sender is of, as the configuration is now. Which listener it came by is not known
// any more: all of them must give the same.
std::string source_by_header(const gateway_config& config, const stored_message& one) {
    if (!one.format.starts_with("hl7v2")) // with or without the charset that the transport gave
        return {};
    std::vector<std::string> listeners{""};
    if (one.transport == "mllp" || one.transport == "http") {
        listeners.clear();
        for (const listener_config& each : config.listeners)
            listeners.push_back(each.name);
    }
    const hl7v2::message_header header = hl7v2::read_header(one.bytes);
    std::set<std::string> found;
    for (const std::string& listener : listeners) {
        const source_config* source = intake::choose_source(
            config.sources, {listener, header.component(header.sending_application, 1),
                             header.component(header.sending_facility, 1), one.message_type});
        found.insert(source == nullptr ? "" : source->name);
    }
    return found.size() == 1 ? *found.begin() : "";
}

class releasing {
public:
    releasing(store::store& in, const gateway_config& config, const message_release& which)
        : store_(in), config_(config), which_(which) {}

    exit_code by_id() {
        for (const store::message_id id : which_.ids) {
            const auto found = store_.message(id);
            if (!found)
                return failed(found.error());
            if (!*found)
                leave(absence_of(store_, id));
            else if (const auto given = give(**found); !given)
                return failed(given.error());
        }
        return conclude(exit_usage);
    }

    exit_code by_reason(message_state state) {
        store::message_filter filter;
        filter.states = {state};
        filter.reason = which_.reason;
        if (!which_.of_source.empty())
            filter.source = which_.of_source;
        while (true) {
            const auto some = store_.messages(filter);
            if (!some)
                return failed(some.error());
            if (some->empty())
                break;
            for (const stored_message& one : *some)
                if (const auto given = give(one); !given)
                    return failed(given.error());
            filter.id_below = some->back().id;
        }
        if (total_ == 0 && left_ == 0) {
            std::cerr << "no message is " << name_of(state) << " for this reason"
                      << (which_.of_source.empty() ? "" : " and of this source") << '\n';
            return exit_usage;
        }
        return conclude(exit_findings);
    }

private:
    static constexpr std::size_t shown_max = 20; // of a dry run, and of those that are left

    static exit_code failed(const error& why) {
        std::cerr << why.message << '\n';
        return exit_code_of(why.code);
    }

    void leave(const std::string& why) {
        if (++left_ <= shown_max)
            std::cerr << why << '\n';
    }

    result<void> give(const stored_message& one) {
        const std::string number = "message " + std::to_string(one.id);
        if (one.state == message_state::refused) {
            leave(number + " was refused: its sender must send it again");
            return {};
        }
        std::string as = which_.source.empty() ? one.source : which_.source;
        if (as.empty())
            as = source_by_header(config_, one);
        if (as.empty()) {
            leave(number +
                  " fits no source, or several by their listeners: add one to gateway.yaml, or say with "
                  "--source whose it is");
            return {};
        }
        if (!is_configured(config_, as)) {
            leave(number + ": " + not_configured(config_, as) + "; say with --source whose it is");
            return {};
        }
        if (which_.dry_run) {
            if (total_ < shown_max)
                std::cout << to_table(std::span(&one, 1));
        } else if (auto replayed = store_.replay(one.id, as); !replayed) {
            return replayed;
        }
        ++total_;
        ++given_[as];
        return {};
    }

    exit_code conclude(exit_code when_none) {
        if (left_ > shown_max)
            std::cerr << "... and " << left_ - shown_max << " more\n";
        if (total_ == 0)
            return when_none;
        if (which_.dry_run && total_ > shown_max)
            std::cout << "... and " << total_ - shown_max << " more\n";
        std::cout << total_ << (total_ == 1 ? " message " : " messages ")
                  << (which_.dry_run
                          ? "would be given to mapping again:"
                          : (total_ == 1 ? "waits for mapping again:" : "wait for mapping again:"));
        for (const auto& [source, count] : given_)
            std::cout << ' ' << count << " as of " << source;
        std::cout << (which_.dry_run ? "; nothing was changed\n"
                                     : "\nWhat cannot be applied now is held again: auditgate holds\n");
        return left_ == 0 ? exit_done : exit_findings;
    }

    store::store& store_;
    const gateway_config& config_;
    const message_release& which_;
    std::map<std::string, std::size_t> given_; // by source
    std::size_t total_ = 0;
    std::size_t left_ = 0;
};

} // namespace

exit_code release_messages(store::store& in, const gateway_config& config, message_state state,
                           const message_release& which) {
    if (!which.source.empty() && !is_configured(config, which.source)) {
        std::cerr << not_configured(config, which.source) << '\n';
        return exit_usage;
    }
    releasing work(in, config, which);
    return which.ids.empty() ? work.by_reason(state) : work.by_id();
}

} // namespace auditgate::gateway::cli
