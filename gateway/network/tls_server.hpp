// The server's side of TLS: which certificate a port shows, and whom it lets in.
#pragma once

#include "gateway/observe/log.hpp"
#include "gateway/result.hpp"

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace boost::asio::ssl {
class context;
}

namespace auditgate::gateway::network {

// Asking clients for certificates is switched on by naming who may have signed them.
struct tls_settings {
    std::filesystem::path certificate_file; // PEM, the chain from the port's own certificate on
    std::filesystem::path key_file;         // PEM
    std::optional<std::filesystem::path> client_authorities_file; // PEM
    // Who of those signed for is let in: a DNS name of the certificate's subjectAltName, or its common name (RFC 6125,
    // without wildcards). Empty: all of them.
    std::vector<std::string> client_names;

    bool operator==(const tls_settings&) const = default;
};

// TLS 1.2 and later. Certificates are renewed while the service runs: connections that are there stay, new ones get what
// the files hold by then. Files that do not fit together, such as a certificate whose key is not written yet, change
// nothing, and are looked at again.
class tls_server {
public:
    using clock_function = std::function<std::chrono::steady_clock::time_point()>;
    static constexpr std::chrono::seconds look_interval{5};

    // Reads the files now: configuration when one of them is not what it should be. `name` of the port is for the log,
    // which must outlive the server.
    [[nodiscard]] static result<std::shared_ptr<tls_server>>
    open(const tls_settings& settings, const std::string& name, observe::logger& log,
         clock_function now = std::chrono::steady_clock::now);

    // For the next connection, which must hold it. Any thread.
    [[nodiscard]] std::shared_ptr<boost::asio::ssl::context> current();
    // Of the certificate that is shown.
    [[nodiscard]] std::chrono::sys_seconds expires_at() const;

    // How the files stand on the disk: when they were written, and how long they are.
    using file_marks = std::vector<std::pair<std::filesystem::file_time_type, std::uintmax_t>>;

private:
    struct loaded {
        std::shared_ptr<boost::asio::ssl::context> context;
        std::chrono::sys_seconds expires_at{};
    };

    tls_server(tls_settings settings, std::string name, observe::logger& log, clock_function now);
    [[nodiscard]] static result<loaded> load(const tls_settings& settings);
    void look_at_files();
    void warn_of_expiry() const;

    const tls_settings settings_;
    const std::string name_;
    observe::logger& log_;
    const clock_function now_;
    mutable std::mutex mutex_;
    loaded loaded_;
    file_marks marks_; // of what was loaded, or could not be
    std::chrono::steady_clock::time_point looked_at_{};
};

} // namespace auditgate::gateway::network
