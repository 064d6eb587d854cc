#include "gateway/config/gateway_config.hpp"

#include "gateway/config/config_parts.hpp"
#include "gateway/config/listener_reader.hpp"
#include "hl7v2/finding.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include <algorithm>
#include <charconv>
#include <limits>

namespace auditgate::gateway {
namespace {

namespace yaml = mapping::yaml;
using namespace std::chrono_literals;

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

class config_reader : private config_parts {
public:
    config_reader(const std::filesystem::path& file, yaml::problem_sink& problems)
        : config_parts(file.parent_path(), problems) {
        config_.file = file;
    }

    gateway_config read(const yaml::node& root) {
        yaml::map_reader top(root, "the file", problems());
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
            config_.listeners.push_back(read_listener(one, config_.listeners, *this));
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
        config_.needed_files = take_needed_files();
        return std::move(config_);
    }

private:
    void read_operations(const yaml::node& node) {
        yaml::map_reader from(node, "`operations`", problems());
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
        yaml::map_reader from(node, "`retention`", problems());
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

    void read_source(const yaml::node& node) {
        yaml::map_reader from(node, "a source", problems());
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
        yaml::map_reader from(node, "a directory", problems());
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
        yaml::map_reader from(node, "`match`", problems());
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
        yaml::map_reader from(node, "a destination", problems());
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
            yaml::map_reader lists(*named, "`opt_out_files`", problems());
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
        yaml::map_reader from(node, "`mapping`", problems());
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
