// Real processes and real sockets, for tests that kill the gateway or look at all that it leaves behind.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace auditgate::test {

// A program that a test has started. What it writes goes to a file, behind what is there. It is killed at the
// end of the scope when it still runs.
class child_process {
public:
    // Its temporary files lie in a folder `tmp` beside the output. Throws when it cannot be started.
    child_process(const std::vector<std::string>& command, const std::filesystem::path& output);
    ~child_process();
    child_process(const child_process&) = delete;
    child_process& operator=(const child_process&) = delete;

    [[nodiscard]] pid_t id() const { return pid_; }
    [[nodiscard]] bool running();
    void send_signal(int signal);
    // Exit status as of a shell: 128 + signal when it was killed.
    int wait();

private:
    pid_t pid_ = -1;
    int status_ = 0;
    bool ended_ = false;
};

// A TCP port of this machine that nobody listens on.
[[nodiscard]] std::uint16_t free_port();

// Status code of a GET on 127.0.0.1, 0 when nobody answers; the body in `body` when it is asked for.
[[nodiscard]] int http_get(std::uint16_t port, const std::string& path, std::string* body = nullptr);

// A TCP connection to this machine, for tests of what stands on the wire.
class tcp_connection {
public:
    explicit tcp_connection(std::uint16_t port);
    ~tcp_connection();
    tcp_connection(const tcp_connection&) = delete;
    tcp_connection& operator=(const tcp_connection&) = delete;

    // False when the peer has closed or reset the connection.
    [[nodiscard]] bool send(std::string_view bytes);
    // What comes until the peer closes, at least `enough` bytes have come, or nothing comes for long.
    [[nodiscard]] std::string receive(std::size_t enough);

private:
    int socket_ = -1;
};

// One connection of an MLLP sender that waits for each answer.
class mllp_connection {
public:
    explicit mllp_connection(std::uint16_t port);
    ~mllp_connection();
    mllp_connection(const mllp_connection&) = delete;
    mllp_connection& operator=(const mllp_connection&) = delete;

    // The whole answer, without framing; empty when the connection was refused or broke before its end.
    [[nodiscard]] std::string exchange(std::string_view message);

private:
    int socket_ = -1;
};

// A gateway and a registry of the demo (deploy/demo), each a process of its own, that keep everything in one
// folder.
class demo_services {
public:
    // Writes the configuration and creates the keys. Throws when that fails.
    explicit demo_services(std::filesystem::path folder);

    // The gateway will send its records to this port instead of the registry's. Before it is started.
    void send_records_by_way_of(std::uint16_t port);
    // Both return when the process is ready, and throw when it does not become so.
    void start_registry();
    void start_gateway();
    // SIGKILL: nothing is finished, nothing is flushed.
    void kill_gateway();
    void signal_gateway(int signal) { gateway_->send_signal(signal); }
    // SIGTERM to the gateway alone, and waits; returns whether it ended with exit code 0.
    bool stop_gateway();
    // SIGTERM to both, and waits; returns whether both ended with exit code 0.
    bool stop();

    // Process id of the gateway that runs.
    [[nodiscard]] pid_t gateway_id() const { return gateway_->id(); }
    [[nodiscard]] std::uint16_t mllp_port() const { return mllp_port_; }
    [[nodiscard]] std::uint16_t operations_port() const { return operations_port_; }
    [[nodiscard]] std::uint16_t registry_port() const { return registry_port_; }
    [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
    // What `auditgate COMMAND...` with this configuration writes to standard output. Throws when its exit
    // code is above `exit_code_max`.
    std::string run(std::string_view role, std::vector<std::string> command, int exit_code_max = 0);

private:
    std::unique_ptr<child_process> start(const std::string& role, std::uint16_t health_port);
    static bool end(std::unique_ptr<child_process>& service);

    std::filesystem::path folder_;
    std::uint16_t mllp_port_ = 0, operations_port_ = 0, registry_port_ = 0;
    std::unique_ptr<child_process> registry_, gateway_;
};

} // namespace auditgate::test
