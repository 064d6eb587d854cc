// Certificates for tests of TLS.
#pragma once

#include <filesystem>
#include <string>

namespace auditgate::test {

// Makes a key and a certificate for `host` that it signs itself, in <folder>/<name>.key and <folder>/<name>.pem.
void write_self_signed_certificate(const std::filesystem::path& folder, const std::string& name,
                                   const std::string& host);

} // namespace auditgate::test
