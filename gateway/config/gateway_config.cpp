#include "gateway/config/gateway_config.hpp"

#include "hl7v2/finding.hpp"

#include <boost/url/ipv4_address.hpp>
#include <boost/url/ipv6_address.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include <algorithm>
#include <charconv>
#include <limits>

namespace auditgate::gateway {
namespace {

namespace yaml = mapping::yaml;
using namespace std::chrono_literals;

constexpr std::size_t name_bytes_max = 40;
constexpr std::uint16_t http_port_usual = 8443;

bool is_name(std::string_view text) {
    const auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
    return !text.empty() && text.size() <= name_bytes_max && text.front() != '-' &&
           std::all_of(text.begin(), text.end(), allowed);
}

// Names become labels of metrics, parts of health and values of columns: plain words only.
template <class Named>
std::string read_name(yaml::map_reader& from, const std::vector<Named>& earlier) {
    std::string name = from.text("name");
    if (!name.empty() && !is_name(name))
        from.problem_at("name",
                        "`name` must be small letters, digits and hyphens, at most 40, not `" + name + "`");
    if (std::any_of(earlier.begin(), earlier.end(), [&](const Named& one) { return one.name == name; }))
        from.problem_at("name", "`" + name + "` is the name of another one already");
    return name;
}

bool is_this_machine(const boost::urls::url_view& url) {
    switch (url.host_type()) {
    case boost::urls::host_type::ipv4:
        return url.host_ipv4_address().is_loopback();
    case boost::urls::host_type::ipv6:
        return url.host_ipv6_address().is_loopback();
    default:
        return url.host() == "localhost";
    }
}

bool is_loopback(const std::string& address) {
    const auto v4 = boost::urls::parse_ipv4_address(address);
    const auto v6 = boost::urls::parse_ipv6_address(address);
    return (v4 && v4->is_loopback()) || (v6 && v6->is_loopback());
}

bool is_port(std::string_view text) {
    std::uint16_t number = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
    return failed == std::errc{} && end == text.data() + text.size() && number > 0;
}

// What is wrong with the URL of a destination; "" when nothing is.
std::string url_mistake(const std::string& text) {
    const auto url = boost::urls::parse_uri(text);
    if (!url || (url->scheme() != "https" && url->scheme() != "http") || url->host().empty() ||
        url->has_userinfo() || url->has_query() || url->has_fragment())
        return "`url` must be https://HOST[:PORT]/PATH (http:// only to a proxy on this machine)";
    if (url->has_port() && !is_port(url->port()))
        return "the port in `url` must be from 1 to 65535";
    if (url->scheme() == "http" && !is_this_machine(*url))
        return "http:// would send the token and the records in clear: use https://, or http:// to a proxy "
               "on this machine (127.0.0.1, [::1] or localhost)";
    return {};
}

class config_reader {
public:
    config_reader(const std::filesystem::path& file, yaml::problem_sink& problems)
        : folder_(file.parent_path()), problems_(problems) {
        config_.file = file;
    }

    gateway_config read(const yaml::node& root) {
        yaml::map_reader top(root, "the file", problems_);
        config_.data_folder = path(top.text("data"));
        config_.log_least = top.choice_or<observe::log_level>("log",
                                                              {{"debug", observe::log_level::debug},
                                                               {"info", observe::log_level::info},
                                                               {"warning", observe::log_level::warning},
                                                               {"error", observe::log_level::error}},
                                                              observe::log_level::info);
        config_.io_threads = static_cast<int>(top.integer_or("io_threads", config_.io_threads, 1, 64));
        if (const yaml::node* operations = top.child("operations"))
            read_operations(*operations);
        for (const yaml::node& one : top.list("listeners"))
            read_listener(one);
        for (const yaml::node& one : top.list("sources"))
            read_source(one);
        for (const yaml::node& one : top.list("directories"))
            read_directory(one);
        for (const yaml::node& one : top.list("destinations"))
            read_destination(one);
        if (config_.listeners.empty() && config_.directories.empty())
            top.problem_at("listeners", "the file needs at least one listener, or a directory");
        if (const yaml::node* retention = top.child("retention"))
            read_retention(*retention);
        check_retention(top);
        if (const yaml::node* mapping = top.required_child("mapping"))
            read_mapping(*mapping);
        top.finish();
        return std::move(config_);
    }

private:
    [[nodiscard]] std::filesystem::path path(const std::string& written) const {
        return written.empty() ? std::filesystem::path() : (folder_ / written).lexically_normal();
    }

    [[nodiscard]] std::optional<std::filesystem::path> optional_path(yaml::map_reader& from,
                                                                     std::string_view key) const {
        const std::optional<std::string> written = from.optional_text(key);
        return written ? std::optional(path(*written)) : std::nullopt;
    }

    // load_configuration() looks whether it is there.
    void need(yaml::map_reader& from, std::string_view key, const std::optional<std::filesystem::path>& file,
              needed_file::content holds) {
        const yaml::node* named = from.child(key);
        if (named != nullptr && file)
            config_.needed_files.push_back({*file, holds, std::string(key), named->where});
    }

    std::vector<std::filesystem::path> needed_paths(yaml::map_reader& from, std::string_view key) {
        std::vector<std::filesystem::path> all;
        for (const yaml::node& one : from.list(key)) {
            if (const auto written = yaml::read_text(one, key, problems_)) {
                all.push_back(path(*written));
                config_.needed_files.push_back(
                    {all.back(), needed_file::content::any, std::string(key), one.where});
            }
        }
        return all;
    }

    // Of the value of `key`, else of the map.
    static yaml::position place_of(yaml::map_reader& from, std::string_view key) {
        const yaml::node* value = from.child(key);
        return value == nullptr ? from.where() : value->where;
    }

    static std::uint16_t read_port(yaml::map_reader& from, std::uint16_t otherwise) {
        return static_cast<std::uint16_t>(from.integer_or("port", otherwise, 0, 65535));
    }

    void read_operations(const yaml::node& node) {
        yaml::map_reader from(node, "`operations`", problems_);
        config_.operations.address = from.text_or("address", config_.operations.address);
        config_.operations.port = read_port(from, config_.operations.port);
        from.finish();
    }

    // Whole days, from 1 day to 10 years.
    static std::chrono::days read_days(yaml::map_reader& from, std::string_view key,
                                       std::chrono::days otherwise) {
        constexpr std::chrono::days days_max{3653};
        const std::chrono::milliseconds read = from.duration_or(key, otherwise);
        const auto whole = std::chrono::floor<std::chrono::days>(read);
        if (whole == read && whole >= std::chrono::days(1) && whole <= days_max)
            return whole;
        from.problem_at(key, "`" + std::string(key) + "` must be whole days from 1d to 3653d, such as " +
                                 std::to_string(otherwise.count()) + "d");
        return otherwise;
    }

    void read_retention(const yaml::node& node) {
        yaml::map_reader from(node, "`retention`", problems_);
        config_.retention.journal = read_days(from, "journal", config_.retention.journal);
        config_.retention.unsettled = read_days(from, "unsettled", config_.retention.unsettled);
        if (config_.retention.unsettled < config_.retention.journal)
            from.problem_at("unsettled",
                            "`unsettled` must not be shorter than `journal`: what waits for somebody "
                            "would go before what is done with");
        from.finish();
    }

    void check_retention(yaml::map_reader& top) {
        for (const source_config& source : config_.sources)
            if (source.duplicate_horizon > config_.retention.journal)
                top.problem_at(
                    "retention",
                    "`journal` keeps messages for " + std::to_string(config_.retention.journal.count()) +
                        "d, which is shorter than the `duplicate_horizon` of source `" + source.name +
                        "`: a repeated message could not be answered as "
                        "before");
    }

    void read_listener(const yaml::node& node) {
        yaml::map_reader from(node, "a listener", problems_);
        listener_config listener;
        listener.name = read_name(from, config_.listeners);
        listener.where = node.where;
        listener.protocol = from.choice_or<listener_protocol>(
            "protocol", {{"mllp", listener_protocol::mllp}, {"http", listener_protocol::http}},
            listener.protocol);
        const bool is_http = listener.protocol == listener_protocol::http;
        listener.address = from.text_or("address", listener.address);
        listener.port = read_port(from, is_http ? http_port_usual : listener.port);
        if (const yaml::node* limits = from.child("limits"); limits != nullptr && is_http)
            listener.http = read_http_limits(*limits);
        else if (limits != nullptr)
            listener.limits = read_limits(*limits);
        if (const yaml::node* tls = from.child("tls"))
            listener.tls = read_tls(*tls);
        if (is_http)
            read_clients(from, listener);
        from.finish();
        config_.listeners.push_back(std::move(listener));
    }

    mllp_limits read_limits(const yaml::node& node) {
        yaml::map_reader from(node, "`limits`", problems_);
        mllp_limits limits;
        limits.frame_bytes_max = from.size_or("frame", limits.frame_bytes_max);
        limits.buffered_bytes_max = from.size_or("buffered", limits.buffered_bytes_max);
        limits.connections_max =
            static_cast<int>(from.integer_or("connections", limits.connections_max, 1, 10'000));
        limits.pipelined_max = static_cast<int>(from.integer_or("pipelined", limits.pipelined_max, 1, 1000));
        limits.idle_timeout = read_timeout(from, "idle", limits.idle_timeout);
        limits.frame_timeout = read_timeout(from, "slow_frame", limits.frame_timeout);
        limits.store_timeout = read_timeout(from, "store", limits.store_timeout);
        limits.write_timeout = read_timeout(from, "slow_answer", limits.write_timeout);
        constexpr std::size_t frame_bytes_least = 1000;
        constexpr std::size_t frame_bytes_most = 1'000'000'000;
        if (limits.frame_bytes_max < frame_bytes_least || limits.frame_bytes_max > frame_bytes_most)
            from.problem_at("frame", "`frame` must be from 1kB to 1GB");
        check_buffered(from, limits.buffered_bytes_max);
        from.finish();
        return limits;
    }

    static void check_buffered(yaml::map_reader& from, std::size_t bytes) {
        constexpr std::size_t least = 1'000'000;
        constexpr std::size_t most = 100'000'000'000;
        if (bytes < least || bytes > most)
            from.problem_at("buffered", "`buffered` must be from 1MB to 100GB");
    }

    static std::chrono::milliseconds read_timeout(yaml::map_reader& from, std::string_view key,
                                                  std::chrono::milliseconds otherwise) {
        const std::chrono::milliseconds value = from.duration_or(key, otherwise);
        if (value < 1ms || value > 30 * 24h)
            from.problem_at(key, "`" + std::string(key) + "` must be from 1ms to 30d");
        return value;
    }

    network::http_limits read_http_limits(const yaml::node& node) {
        yaml::map_reader from(node, "`limits`", problems_);
        network::http_limits limits = http_intake_limits();
        limits.body_bytes_max = from.size_or("body", limits.body_bytes_max);
        limits.buffered_bytes_max = from.size_or("buffered", limits.buffered_bytes_max);
        limits.connections_max =
            static_cast<int>(from.integer_or("connections", limits.connections_max, 1, 10'000));
        limits.idle_timeout = read_timeout(from, "idle", limits.idle_timeout);
        limits.request_timeout = read_timeout(from, "slow_request", limits.request_timeout);
        limits.answer_timeout = read_timeout(from, "store", limits.answer_timeout);
        constexpr std::size_t body_bytes_least = 1000;
        constexpr std::size_t body_bytes_most = 1'000'000'000;
        if (limits.body_bytes_max < body_bytes_least || limits.body_bytes_max > body_bytes_most)
            from.problem_at("body", "`body` must be from 1kB to 1GB");
        check_buffered(from, limits.buffered_bytes_max);
        from.finish();
        return limits;
    }

    void read_clients(yaml::map_reader& from, listener_config& listener) {
        for (const yaml::node& one : from.list("clients")) {
            yaml::map_reader client(one, "a client", problems_);
            http_client_config read;
            read.name = read_name(client, listener.clients);
            read.token_file = path(client.text("token_file"));
            need(client, "token_file", read.token_file, needed_file::content::token);
            client.finish();
            listener.clients.push_back(std::move(read));
        }
        if (is_loopback(listener.address))
            return;
        if (!listener.tls)
            from.problem_at("address",
                            "an HTTP listener that others reach needs `tls`: messages and tokens would "
                            "come in clear; or listen at 127.0.0.1, behind a proxy that does it");
        else if (listener.clients.empty() && !listener.tls->client_authorities_file)
            from.problem_at("clients",
                            "say who may send to an HTTP listener that others reach: `clients` with a "
                            "token each, or `client_authorities` in `tls`");
    }

    network::tls_settings read_tls(const yaml::node& node) {
        yaml::map_reader from(node, "`tls`", problems_);
        network::tls_settings tls;
        tls.certificate_file = path(from.text("certificate"));
        tls.key_file = path(from.text("key"));
        tls.client_authorities_file = optional_path(from, "client_authorities");
        tls.client_names = from.texts("client_names");
        if (!tls.client_names.empty() && !tls.client_authorities_file)
            from.problem_at("client_names", "`client_names` needs `client_authorities`: a name says nothing "
                                            "unless somebody has signed for it");
        need(from, "certificate", tls.certificate_file, needed_file::content::pem);
        need(from, "key", tls.key_file, needed_file::content::pem);
        need(from, "client_authorities", tls.client_authorities_file, needed_file::content::pem);
        from.finish();
        return tls;
    }

    void read_source(const yaml::node& node) {
        yaml::map_reader from(node, "a source", problems_);
        source_config source;
        source.name = read_name(from, config_.sources);
        if (const yaml::node* match = from.child("match"))
            read_match(*match, source);
        source.profile = optional_path(from, "profile");
        need(from, "profile", source.profile, needed_file::content::any);
        using hl7v2::acknowledgement_mode;
        source.acknowledgement =
            from.choice_or<acknowledgement_mode>("acknowledgement",
                                                 {{"by-message", acknowledgement_mode::by_message},
                                                  {"original", acknowledgement_mode::original},
                                                  {"enhanced", acknowledgement_mode::enhanced}},
                                                 source.acknowledgement);
        source.duplicate_horizon = std::chrono::duration_cast<std::chrono::seconds>(
            from.duration_or("duplicate_horizon", source.duplicate_horizon));
        source.strict = read_strict(from);
        from.finish();
        config_.sources.push_back(std::move(source));
    }

    static std::vector<std::string> read_strict(yaml::map_reader& from) {
        std::vector<std::string> codes = from.texts("strict");
        std::vector<std::string_view> known;
        for (const hl7v2::finding_kind& kind : hl7v2::finding_kinds())
            if (kind.scope == hl7v2::finding_scope::message)
                known.push_back(kind.code);
        for (const std::string& code : codes)
            if (std::find(known.begin(), known.end(), code) == known.end())
                from.problem_at("strict", "no finding of a message has the code `" + code + "`" +
                                              yaml::suggestion(code, known) + "; docs/hl7v2.md lists them");
        std::sort(codes.begin(), codes.end());
        return codes;
    }

    void read_directory(const yaml::node& node) {
        yaml::map_reader from(node, "a directory", problems_);
        directory_config directory;
        directory.name = read_name(from, config_.directories);
        directory.where = node.where;
        directory.path = path(from.text("path"));
        directory.source = from.optional_text("source");
        const auto named = [&](const source_config& one) { return one.name == directory.source; };
        if (directory.source && std::none_of(config_.sources.begin(), config_.sources.end(), named)) {
            std::vector<std::string_view> names;
            for (const source_config& one : config_.sources)
                names.push_back(one.name);
            from.problem_at("source", "there is no source `" + *directory.source + "`" +
                                          yaml::suggestion(*directory.source, names));
        }
        const auto shared = [&](const directory_config& one) { return one.path == directory.path; };
        if (std::any_of(config_.directories.begin(), config_.directories.end(), shared))
            from.problem_at("path", "another directory has this path already");
        directory.pattern = from.text_or("pattern", directory.pattern);
        directory.settle = from.duration_or("settle", directory.settle);
        directory.poll = read_timeout(from, "poll", directory.poll);
        directory.file_bytes_max = from.size_or("file", directory.file_bytes_max);
        constexpr std::size_t file_bytes_least = 1000;
        constexpr std::size_t file_bytes_most = 1'000'000'000;
        if (directory.file_bytes_max < file_bytes_least || directory.file_bytes_max > file_bytes_most)
            from.problem_at("file", "`file` must be from 1kB to 1GB");
        from.finish();
        for (source_config& source : config_.sources)
            if (source.name == directory.source && !source.listener && source.sending_applications.empty() &&
                source.sending_facilities.empty() && source.message_types.empty())
                source.only_files = true;
        config_.directories.push_back(std::move(directory));
    }

    void read_match(const yaml::node& node, source_config& source) {
        yaml::map_reader from(node, "`match`", problems_);
        source.listener = from.optional_text("listener");
        source.sending_applications = from.texts("sending_application");
        source.sending_facilities = from.texts("sending_facility");
        source.message_types = from.texts("message_type");
        const auto named = [&](const listener_config& one) { return one.name == source.listener; };
        if (source.listener && std::none_of(config_.listeners.begin(), config_.listeners.end(), named)) {
            std::vector<std::string_view> names;
            for (const listener_config& one : config_.listeners)
                names.push_back(one.name);
            from.problem_at("listener", "there is no listener `" + *source.listener + "`" +
                                            yaml::suggestion(*source.listener, names));
        }
        from.finish();
    }

    void read_destination(const yaml::node& node) {
        yaml::map_reader from(node, "a destination", problems_);
        destination_config destination;
        destination.name = read_name(from, config_.destinations);
        destination.where = node.where;
        destination.url = from.text("url");
        if (std::string mistake = url_mistake(destination.url); !destination.url.empty() && !mistake.empty())
            from.problem_at("url", std::move(mistake));
        destination.authorities_file = optional_path(from, "authorities");
        need(from, "authorities", destination.authorities_file, needed_file::content::pem);
        destination.token_file = optional_path(from, "token_file");
        need(from, "token_file", destination.token_file, needed_file::content::token);
        destination.dataset = from.text_or("dataset", "");
        destination.dataset_at = place_of(from, "dataset");
        destination.key_file = optional_path(from, "key_file");
        need(from, "key_file", destination.key_file, needed_file::content::any);
        constexpr int connections_max = 64;
        destination.connections =
            static_cast<int>(from.integer_or("connections", destination.connections, 1, connections_max));
        destination.settings = mapping::read_destination(from);
        read_opt_out_files(from, destination);
        from.finish();
        config_.destinations.push_back(std::move(destination));
    }

    void read_opt_out_files(yaml::map_reader& from, destination_config& destination) {
        opt_out_config& files = destination.opt_out_files;
        if (const yaml::node* named = from.child("opt_out_files")) {
            yaml::map_reader lists(*named, "`opt_out_files`", problems_);
            files.where = named->where;
            files.request = optional_path(lists, "request");
            files.response = optional_path(lists, "response");
            files.dissent = optional_path(lists, "dissent");
            lists.finish();
        }
        const bool applies =
            destination.settings.basis == mapping::legal_basis::s251 && !destination.settings.opt_out_exempt;
        if (applies && (!files.request || !files.response))
            from.problem_at("opt_out_files", "`opt_out: apply` needs `opt_out_files` with `request` and "
                                             "`response`: without them every record is held");
    }

    void read_mapping(const yaml::node& node) {
        yaml::map_reader from(node, "`mapping`", problems_);
        config_.mapping_threads =
            static_cast<int>(from.integer_or("threads", config_.mapping_threads, 1, 64));
        config_.terminology_folder = path(from.text("terminology"));
        need(from, "terminology", config_.terminology_folder / "terminology.yaml", needed_file::content::any);
        config_.datasets = needed_paths(from, "datasets");
        if (config_.datasets.empty())
            from.problem_at("datasets", "`mapping` needs at least one file in `datasets`");
        config_.feeds_at = place_of(from, "feeds");
        config_.feeds = needed_paths(from, "feeds");
        config_.ome_table = from.text_or("ome_table", config_.ome_table);
        config_.ome_table_at = place_of(from, "ome_table");
        config_.time_zone = from.text_or("time_zone", config_.time_zone);
        config_.time_zone_at = place_of(from, "time_zone");
        config_.allow_test_numbers = from.boolean_or("allow_test_numbers", config_.allow_test_numbers);
        from.finish();
    }

    std::filesystem::path folder_;
    yaml::problem_sink& problems_;
    gateway_config config_;
};

gateway_config_load read_root(const std::optional<yaml::node>& root, const std::filesystem::path& file,
                              yaml::problem_sink& sink, std::vector<yaml::problem>& problems) {
    gateway_config_load result;
    if (root) {
        gateway_config read = config_reader(file, sink).read(*root);
        if (problems.empty())
            result.loaded = std::move(read);
    }
    result.problems = std::move(problems);
    return result;
}

} // namespace

gateway_config_load load_gateway_config(const std::filesystem::path& file) {
    std::vector<yaml::problem> problems;
    yaml::problem_sink sink(file.string(), problems);
    const std::optional<yaml::node> root = yaml::load(file, sink);
    return read_root(root, file, sink, problems);
}

gateway_config_load parse_gateway_config(std::string_view text, const std::filesystem::path& file) {
    std::vector<yaml::problem> problems;
    yaml::problem_sink sink(file.string(), problems);
    const std::optional<yaml::node> root = yaml::parse(text, sink);
    return read_root(root, file, sink, problems);
}

} // namespace auditgate::gateway
