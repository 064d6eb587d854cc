// Bearer tokens (RFC 6750): who calls.
#pragma once

#include "gateway/result.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace auditgate::gateway::security {

// Tokens of those who may call, by the SHA-256 of the token. add() first, then find() from any thread.
class token_table {
public:
    // configuration: a token file cannot be read, is empty, or holds the token of somebody else.
    [[nodiscard]] result<void> add(const std::string& name, const std::filesystem::path& token_file);

    // Whom an Authorization header belongs to; none when it is no Bearer token of ours.
    [[nodiscard]] std::optional<std::string> find(std::string_view authorization) const;

private:
    std::map<std::string, std::string> names_; // by SHA-256
};

} // namespace auditgate::gateway::security
