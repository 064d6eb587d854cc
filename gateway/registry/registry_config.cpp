#include "gateway/registry/registry_config.hpp"

#include <algorithm>

namespace auditgate::gateway::registry {

namespace yaml = mapping::yaml;
using namespace std::chrono_literals;

namespace {

class config_reader {
public:
    config_reader(const std::filesystem::path& file, yaml::problem_sink& problems)
        : folder_(file.parent_path()), problems_(problems) {
        config_.file = file;
    }

    registry_config read(const yaml::node& root) {
        yaml::map_reader top(root, "the file", problems_);
        config_.data_folder = path(top.text("data"));
        config_.feed_folder = path(top.text_or("feed", "feed"));
        config_.datasets = top.texts("datasets");
        if (const yaml::node* datasets = top.child("datasets")) {
            config_.datasets_at = datasets->where;
        }
        config_.log_least = top.choice_or<observe::log_level>("log",
                                                              {{"debug", observe::log_level::debug},
                                                               {"info", observe::log_level::info},
                                                               {"warning", observe::log_level::warning},
                                                               {"error", observe::log_level::error}},
                                                              observe::log_level::info);
        if (const yaml::node* listen = top.child("listen")) {
            read_listen(*listen);
        }
        if (const yaml::node* limits = top.child("limits")) {
            read_limits(*limits);
        }
        for (const yaml::node& one : top.list("senders")) {
            read_sender(one);
        }
        for (const yaml::node& one : top.list("readers")) {
            yaml::map_reader from(one, "a reader", problems_);
            config_.readers.push_back({from.text("name"), path(from.text("token_file")), one.where});
            from.finish();
        }
        if (config_.senders.empty()) {
            top.problem_at("senders", "the file needs at least one sender");
        }
        top.finish();
        return std::move(config_);
    }

private:
    [[nodiscard]] std::filesystem::path path(const std::string& written) const {
        return written.empty() ? std::filesystem::path() : (folder_ / written).lexically_normal();
    }

    void read_listen(const yaml::node& node) {
        yaml::map_reader from(node, "`listen`", problems_);
        config_.address = from.text_or("address", config_.address);
        config_.port = static_cast<std::uint16_t>(from.integer_or("port", config_.port, 0, 65535));
        if (const yaml::node* tls = from.child("tls")) {
            yaml::map_reader files(*tls, "`tls`", problems_);
            network::tls_settings& settings = config_.tls.emplace();
            settings.certificate_file = path(files.text("certificate"));
            settings.key_file = path(files.text("key"));
            config_.tls_at = tls->where;
            files.finish();
        }
        from.finish();
    }

    void read_limits(const yaml::node& node) {
        yaml::map_reader from(node, "`limits`", problems_);
        network::http_limits& limits = config_.limits;
        limits.body_bytes_max = from.size_or("body", limits.body_bytes_max);
        limits.connections_max =
            static_cast<int>(from.integer_or("connections", limits.connections_max, 1, 10'000));
        limits.idle_timeout = read_timeout(from, "idle", limits.idle_timeout);
        limits.request_timeout = read_timeout(from, "slow_request", limits.request_timeout);
        if (limits.body_bytes_max < 10'000 || limits.body_bytes_max > 100'000'000) {
            from.problem_at("body", "`body` must be from 10kB to 100MB");
        }
        from.finish();
    }

    static std::chrono::milliseconds read_timeout(yaml::map_reader& from, std::string_view key,
                                                  std::chrono::milliseconds otherwise) {
        const std::chrono::milliseconds value = from.duration_or(key, otherwise);
        if (value < 1ms || value > 24h) {
            from.problem_at(key, "`" + std::string(key) + "` must be from 1ms to 24h");
        }
        return value;
    }

    void read_sender(const yaml::node& node) {
        yaml::map_reader from(node, "a sender", problems_);
        sender_config sender{from.text("name"), path(from.text("token_file")), from.texts("provider_orgs"),
                             node.where};
        const bool doubled = std::ranges::any_of(
            config_.senders, [&](const sender_config& one) { return one.name == sender.name; });
        if (doubled) {
            from.problem_at("name", "`" + sender.name + "` is the name of another sender already");
        }
        if (sender.provider_orgs.empty()) {
            from.problem_at("provider_orgs", "name the organisations whose records this sender may write");
        }
        from.finish();
        config_.senders.push_back(std::move(sender));
    }

    std::filesystem::path folder_;
    yaml::problem_sink& problems_;
    registry_config config_;
};

registry_config_load finish(const std::optional<yaml::node>& root, const std::filesystem::path& file,
                            yaml::problem_sink& sink, std::vector<yaml::problem>& problems) {
    registry_config_load made;
    if (root) {
        registry_config read = config_reader(file, sink).read(*root);
        if (problems.empty()) {
            made.loaded = std::move(read);
        }
    }
    made.problems = std::move(problems);
    return made;
}

} // namespace

registry_config_load load_registry_config(const std::filesystem::path& file) {
    std::vector<yaml::problem> problems;
    yaml::problem_sink sink(file.string(), problems);
    const std::optional<yaml::node> root = yaml::load(file, sink);
    return finish(root, file, sink, problems);
}

registry_config_load parse_registry_config(std::string_view text, const std::filesystem::path& file) {
    std::vector<yaml::problem> problems;
    yaml::problem_sink sink(file.string(), problems);
    const std::optional<yaml::node> root = yaml::parse(text, sink);
    return finish(root, file, sink, problems);
}

std::vector<mapping::feed::layout> published_layouts(const registry_config& config,
                                                     std::vector<yaml::problem>& problems) {
    std::vector<mapping::feed::layout> all = mapping::feed::load_layouts(config.feed_folder, problems);
    if (config.datasets.empty()) {
        return all;
    }
    std::vector<std::string_view> known;
    for (const mapping::feed::layout& one : all) {
        known.emplace_back(one.dataset);
    }
    for (const std::string& name : config.datasets) {
        if (std::ranges::find(known, name) == known.end()) {
            yaml::problem_sink(config.file.string(), problems)
                .add(config.datasets_at, "no file in `feed` is a layout of dataset `" + name + "`" +
                                             yaml::suggestion(name, known));
        }
    }
    std::erase_if(all, [&](const mapping::feed::layout& one) {
        return std::ranges::find(config.datasets, one.dataset) == config.datasets.end();
    });
    return all;
}

} // namespace auditgate::gateway::registry
