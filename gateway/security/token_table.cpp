#include "gateway/security/token_table.hpp"

#include "gateway/security/crypto.hpp"

#include <fstream>

namespace auditgate::gateway::security {
namespace {

constexpr std::string_view bearer = "Bearer ";

} // namespace

result<void> token_table::add(const std::string& name, const std::filesystem::path& token_file) {
    std::ifstream in(token_file);
    std::string token;
    if (!(in >> token)) {
        return error{errc::configuration,
                     "the token file " + token_file.string() + " of " + name +
                         " is empty or cannot be read; it holds one word, for example made by "
                         "`openssl rand -hex 32`"};
    }
    if (!names_.emplace(sha256(token), name).second) {
        return error{errc::configuration, "the token of " + name + " is somebody else's too"};
    }
    return {};
}

std::optional<std::string> token_table::find(std::string_view authorization) const {
    if (!authorization.starts_with(bearer)) {
        return std::nullopt;
    }
    const auto found = names_.find(sha256(authorization.substr(bearer.size())));
    return found == names_.end() ? std::nullopt : std::optional(found->second);
}

} // namespace auditgate::gateway::security
