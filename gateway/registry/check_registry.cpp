#include "gateway/registry/check_registry.hpp"

#include "gateway/registry/registry_service.hpp"
#include "gateway/security/token_table.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <string_view>

namespace auditgate::gateway::registry {
namespace {

namespace yaml = mapping::yaml;

constexpr std::array<std::string_view, 5> registry_keys_at_top{"feed", "listen", "limits", "senders",
                                                               "readers"};
constexpr std::array<std::string_view, 7> gateway_keys_at_top{
    "operations", "listeners", "sources", "directories", "destinations", "mapping", "retention"};

template <std::size_t Size>
std::ptrdiff_t count(const yaml::node& root, const std::array<std::string_view, Size>& keys) {
    return std::count_if(keys.begin(), keys.end(),
                         [&](std::string_view key) { return root.find(key) != nullptr; });
}

class registry_checker {
public:
    registry_checker(const registry_config& config, std::vector<yaml::problem>& problems)
        : config_(config), problems_(config.file.string(), problems) {}

    void run() {
        security::token_table senders;
        for (const sender_config& one : config_.senders)
            check_token(senders, one.name, one.token_file, one.where);
        security::token_table readers;
        for (const reader_config& one : config_.readers)
            check_token(readers, one.name, one.token_file, one.where);
        if (config_.tls) {
            check_pem("certificate", config_.tls->certificate_file);
            check_pem("key", config_.tls->key_file);
        }
    }

private:
    void check_token(security::token_table& among, const std::string& name, const std::filesystem::path& file,
                     yaml::position where) {
        if (const auto added = among.add(name, file); !added)
            problems_.add(where, added.error().message);
    }

    void check_pem(const std::string& key, const std::filesystem::path& file) {
        std::ifstream in(file, std::ios::binary);
        const std::string text(std::istreambuf_iterator<char>(in), {});
        if (text.find("-----BEGIN ") == std::string::npos)
            problems_.add(config_.tls_at,
                          "`" + key + "`: " + file.string() +
                              (in.is_open() ? " holds no PEM text (-----BEGIN ...)" : " cannot be read"));
    }

    const registry_config& config_;
    yaml::problem_sink problems_;
};

} // namespace

bool is_registry_file(const std::filesystem::path& file) {
    std::vector<yaml::problem> ignored;
    yaml::problem_sink sink(file.string(), ignored);
    const auto root = yaml::load(file, sink);
    return root && count(*root, registry_keys_at_top) > count(*root, gateway_keys_at_top);
}

registry_check check_registry(const std::filesystem::path& file) {
    registry_check checked{load_registry_config(file), 0};
    if (!checked.config.loaded)
        return checked;
    std::vector<yaml::problem>& problems = checked.config.problems;
    checked.datasets = published_layouts(*checked.config.loaded, problems).size();
    registry_checker(*checked.config.loaded, problems).run();
    if (!problems.empty())
        checked.config.loaded.reset();
    return checked;
}

} // namespace auditgate::gateway::registry
