#include "gateway/acceptance/profile_rules.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace auditgate::gateway::acceptance {

namespace yaml = mapping::yaml;
using mapping::event;
using mapping::source_profile;

namespace {

// A value of the tree, by its place in each list or map on the way.
using node_path = std::vector<std::size_t>;

yaml::node without(const yaml::node& from, std::span<const std::size_t> path) {
    yaml::node copy = from;
    const auto place = static_cast<std::ptrdiff_t>(path.front());
    const bool is_last = path.size() == 1;
    if (copy.kind == yaml::node_kind::map && is_last) {
        copy.entries.erase(copy.entries.begin() + place);
    } else if (copy.kind == yaml::node_kind::map) {
        yaml::node& below = copy.entries[path.front()].value;
        below = without(below, path.subspan(1));
    } else if (is_last) {
        copy.items.erase(copy.items.begin() + place);
    } else {
        copy.items[path.front()] = without(copy.items[path.front()], path.subspan(1));
    }
    return copy;
}

// Settings of a file as a whole: left out they are as built in, which may be what they say.
bool is_the_same_reading(const source_profile& left, const source_profile& right) {
    return left.sender == right.sender && left.time_zone == right.time_zone && left.wire == right.wire &&
           left.sets == right.sets && left.known_by == right.known_by && left.dispenses == right.dispenses;
}

class rule_finder {
public:
    rule_finder(std::filesystem::path file, yaml::node root, std::span<const observed_case::message> messages,
                std::span<const source_profile> bases)
        : file_(std::move(file)), root_(std::move(root)), messages_(messages), bases_(bases) {
        for (std::size_t i = 0; i < messages_.size(); ++i) {
            read_.push_back(read(root_, i).value_or(std::vector<event>{}));
        }
    }

    std::vector<covered_part> all() {
        for (std::size_t i = 0; i < root_.entries.size(); ++i) {
            const yaml::entry& one = root_.entries[i];
            if (one.key == "table") {
                look_at_table(one.value, {i});
            } else if (one.value.kind == yaml::node_kind::scalar) {
                look_at_setting(one, i);
            } else {
                look_below(one.value, {i}, one.key); // a list or map left out is as built in
            }
        }
        return std::move(found_);
    }

private:
    [[nodiscard]] std::optional<std::vector<event>> read(const yaml::node& root, std::size_t message) const {
        const auto load = mapping::read_source_profile(root, file_, bases_[message]);
        if (!load.profile) {
            return std::nullopt;
        }
        const observed_case::message& one = messages_[message];
        dry_run_settings settings;
        settings.profile = *load.profile;
        if (one.is_table) {
            settings.tables.emplace(one.reference, *load.profile);
        } else {
            settings.profile.time_zone = bases_[message].time_zone; // the case's
        }
        return dry_run(std::move(settings)).read(one.reference, one.bytes, one.received_at).read.events;
    }

    enum class effect { none, some, cannot_be_left_out };

    [[nodiscard]] effect effect_of_leaving_out(const node_path& path) const {
        const yaml::node changed = without(root_, path);
        for (std::size_t i = 0; i < messages_.size(); ++i) {
            const auto events = read(changed, i);
            if (!events) {
                return effect::cannot_be_left_out;
            }
            if (*events != read_[i]) {
                return effect::some;
            }
        }
        return effect::none;
    }

    void look_at_setting(const yaml::entry& one, std::size_t place) {
        const auto with = mapping::read_source_profile(root_, file_, {});
        const auto changed = mapping::read_source_profile(without(root_, node_path{place}), file_, {});
        if (with.profile && changed.profile && !is_the_same_reading(*with.profile, *changed.profile)) {
            add(one.key, one.where, {place});
        }
    }

    // How the file is written and named is no rule of what its rows mean.
    void look_at_table(const yaml::node& table, const node_path& path) {
        constexpr std::array<std::string_view, 5> of_the_file{"name", "format", "file_name", "snapshot",
                                                              "key"};
        for (std::size_t i = 0; i < table.entries.size(); ++i) {
            const yaml::entry& one = table.entries[i];
            if (std::ranges::find(of_the_file, one.key) == of_the_file.end()) {
                look_at(one.value, one.where, below(path, i), "table." + one.key);
            }
        }
    }

    void look_below(const yaml::node& from, const node_path& path, const std::string& name) {
        for (std::size_t i = 0; i < from.items.size(); ++i) {
            const yaml::node& one = from.items[i];
            const std::string own = one.kind == yaml::node_kind::scalar
                                        ? name + ' ' + one.text
                                        : name + '[' + std::to_string(i + 1) + ']';
            look_at(one, one.where, below(path, i), own);
        }
        for (std::size_t i = 0; i < from.entries.size(); ++i) {
            const yaml::entry& one = from.entries[i];
            const std::string own = name + '.' + one.key;
            if (name == "identifiers" && one.value.kind != yaml::node_kind::scalar) {
                look_below(one.value, below(path, i), own);
            } else {
                look_at(one.value, one.where, below(path, i), own);
            }
        }
    }

    // A rule without effect is told as a whole.
    void look_at(const yaml::node& one, yaml::position where, const node_path& path,
                 const std::string& name) {
        if (one.kind == yaml::node_kind::null) {
            return;
        }
        const effect found = effect_of_leaving_out(path);
        if (found != effect::cannot_be_left_out) {
            found_.push_back({part_kind::rule, "", name, where, found == effect::some ? 1U : 0U});
        }
        if (found != effect::none) {
            look_below(one, path, name);
        }
    }

    void add(const std::string& name, yaml::position where, const node_path& path) {
        const bool has_effect = effect_of_leaving_out(path) == effect::some;
        found_.push_back({part_kind::rule, "", name, where, has_effect ? 1U : 0U});
    }

    static node_path below(node_path path, std::size_t place) {
        path.push_back(place);
        return path;
    }

    const std::filesystem::path file_;
    const yaml::node root_;
    std::span<const observed_case::message> messages_;
    std::span<const source_profile> bases_;
    std::vector<std::vector<event>> read_; // of each message, with all rules
    std::vector<covered_part> found_;
};

} // namespace

std::vector<covered_part> rules_of_profile(const std::filesystem::path& file,
                                           std::span<const observed_case::message> messages,
                                           std::span<const source_profile> bases) {
    std::vector<yaml::problem> told; // when the cases ran
    yaml::problem_sink problems(file.string(), told);
    auto root = yaml::load(file, problems);
    return root ? rule_finder(file, std::move(*root), messages, bases).all() : std::vector<covered_part>{};
}

} // namespace auditgate::gateway::acceptance
