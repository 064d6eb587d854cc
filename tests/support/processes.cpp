#include "tests/support/processes.hpp"

#include "tests/support/support.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <stdexcept>
#include <utility>

namespace auditgate::test {
namespace {

constexpr int socket_timeout_s = 20;
constexpr std::chrono::seconds ready_timeout(30);

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

// A connected socket with timeouts, or -1.
int connect_to(std::uint16_t port) {
    const int connection = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const timeval timeout{socket_timeout_s, 0};
    ::setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
    ::setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
    const sockaddr_in address = loopback(port);
    if (::connect(connection, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
        return connection;
    ::close(connection);
    return -1;
}

bool send_all(int connection, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t sent = ::send(connection, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

// Reads until `end` is the last that came, or the peer has closed; returns whether `end` came.
bool receive_until(int connection, std::string_view end, std::string& received) {
    char buffer[16384];
    for (;;) {
        if (!end.empty() && received.ends_with(end))
            return true;
        const ssize_t count = ::recv(connection, buffer, sizeof buffer, 0);
        if (count <= 0)
            return false;
        received.append(buffer, static_cast<std::size_t>(count));
    }
}

std::string replaced(std::string text, std::string_view what, std::string_view by) {
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
        text.replace(at, what.size(), by);
    return text;
}

void make_keys(const std::filesystem::path& data_folder) {
    std::filesystem::create_directories(data_folder);
    const std::filesystem::path output = data_folder.parent_path() / "keys-init.log";
    child_process process({AUDITGATE_BINARY, "keys", "init", "--data", data_folder}, output);
    if (process.wait() != 0)
        throw std::runtime_error("no keys: " + read_file(output));
}

} // namespace

child_process::child_process(const std::vector<std::string>& command, const std::filesystem::path& output) {
    std::vector<char*> arguments;
    for (const std::string& word : command)
        arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    const std::filesystem::path temporary = output.parent_path() / "tmp";
    std::filesystem::create_directories(temporary);
    std::string temporary_folder = "TMPDIR=" + temporary.string();
    std::vector<char*> environment{temporary_folder.data()};
    for (char** variable = environ; *variable != nullptr; ++variable) {
        if (!std::string_view(*variable).starts_with("TMPDIR="))
            environment.push_back(*variable);
    }
    environment.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_addopen(&actions, 1, output.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    ::posix_spawn_file_actions_adddup2(&actions, 1, 2);
    const int failure =
        ::posix_spawn(&pid_, arguments[0], &actions, nullptr, arguments.data(), environment.data());
    ::posix_spawn_file_actions_destroy(&actions);
    if (failure != 0)
        throw std::runtime_error("cannot start " + command.front());
}

child_process::~child_process() {
    if (running()) {
        send_signal(SIGKILL);
        wait();
    }
}

bool child_process::running() {
    if (!ended_ && ::waitpid(pid_, &status_, WNOHANG) == pid_)
        ended_ = true;
    return !ended_;
}

void child_process::send_signal(int signal) {
    if (!ended_)
        ::kill(pid_, signal);
}

int child_process::wait() {
    while (!ended_ && ::waitpid(pid_, &status_, 0) != pid_ && errno == EINTR)
        continue;
    ended_ = true;
    return WIFSIGNALED(status_) ? 128 + WTERMSIG(status_) : WEXITSTATUS(status_);
}

std::uint16_t free_port() {
    const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    const bool bound = ::bind(listener, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                       ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) == 0;
    ::close(listener);
    if (!bound)
        throw std::runtime_error("no free port");
    return ntohs(address.sin_port);
}

int http_get(std::uint16_t port, const std::string& path, std::string* body) {
    const int connection = connect_to(port);
    if (connection < 0)
        return 0;
    std::string answer;
    if (send_all(connection, "GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"))
        receive_until(connection, "", answer);
    ::close(connection);
    if (!answer.starts_with("HTTP/1.1 "))
        return 0;
    const std::size_t head_end = answer.find("\r\n\r\n");
    if (body != nullptr && head_end != std::string::npos)
        *body = answer.substr(head_end + 4);
    return std::stoi(answer.substr(9, 3));
}

tcp_connection::tcp_connection(std::uint16_t port) : socket_(connect_to(port)) {}

tcp_connection::~tcp_connection() {
    ::close(socket_);
}

bool tcp_connection::send(std::string_view bytes) {
    return send_all(socket_, bytes);
}

std::string tcp_connection::receive(std::size_t enough) {
    std::string received;
    char buffer[16384];
    while (received.size() < enough) {
        const ssize_t count = ::recv(socket_, buffer, sizeof buffer, 0);
        if (count <= 0)
            break;
        received.append(buffer, static_cast<std::size_t>(count));
    }
    return received;
}

mllp_connection::mllp_connection(std::uint16_t port) : socket_(connect_to(port)) {}

mllp_connection::~mllp_connection() {
    if (socket_ >= 0)
        ::close(socket_);
}

std::string mllp_connection::exchange(std::string_view message) {
    std::string answer;
    if (socket_ < 0 || !send_all(socket_, "\v" + std::string(message) + "\x1c\r") ||
        !receive_until(socket_, "\x1c\r", answer))
        return {};
    return answer.substr(1, answer.size() - 3);
}

demo_services::demo_services(std::filesystem::path folder)
    : folder_(std::move(folder)), mllp_port_(free_port()), operations_port_(free_port()),
      registry_port_(free_port()) {
    std::filesystem::create_directories(folder_);
    for (const char* role : {"gateway", "registry"}) {
        const std::string file = std::string(role) + ".yaml";
        std::string text = read_file(source_folder() / "deploy/demo" / file);
        text = replaced(text, "../../data/", "");
        text = replaced(text, "../../config", (source_folder() / "config").string());
        text = replaced(text, "2575", std::to_string(mllp_port_));
        text = replaced(text, "9275", std::to_string(operations_port_));
        text = replaced(text, "8480", std::to_string(registry_port_));
        write_file(folder_ / file, text);
    }
    for (const char* role : {"gateway", "registry"})
        make_keys(folder_ / role);
    std::filesystem::create_directories(folder_ / "tokens");
    write_file(folder_ / "tokens/demo-hospital", "a-word-for-tests");
    write_file(folder_ / "tokens/analysts", "another-word-for-tests");
}

void demo_services::send_records_by_way_of(std::uint16_t port) {
    const std::filesystem::path file = folder_ / "gateway.yaml";
    write_file(file, replaced(read_file(file), ':' + std::to_string(registry_port_) + "/fhir",
                              ':' + std::to_string(port) + "/fhir"));
}

void demo_services::start_registry() {
    registry_ = start("registry", registry_port_);
}

void demo_services::start_gateway() {
    gateway_ = start("gateway", operations_port_);
}

std::unique_ptr<child_process> demo_services::start(const std::string& role, std::uint16_t health_port) {
    const std::filesystem::path log = folder_ / (role + ".log");
    const std::vector<std::string> command{AUDITGATE_BINARY, role, "--config", folder_ / (role + ".yaml")};
    auto process = std::make_unique<child_process>(command, log);
    const auto deadline = std::chrono::steady_clock::now() + ready_timeout;
    while (http_get(health_port, "/health/ready") != 200) {
        if (!process->running() || std::chrono::steady_clock::now() > deadline)
            throw std::runtime_error(role + " does not become ready: " + read_file(log));
        ::poll(nullptr, 0, 20);
    }
    return process;
}

void demo_services::kill_gateway() {
    gateway_->send_signal(SIGKILL);
    gateway_->wait();
}

bool demo_services::stop_gateway() {
    return end(gateway_);
}

bool demo_services::stop() {
    const bool gateway_clean = end(gateway_);
    return end(registry_) && gateway_clean;
}

bool demo_services::end(std::unique_ptr<child_process>& service) {
    if (!service)
        return true;
    service->send_signal(SIGTERM);
    const bool clean = service->wait() == 0;
    service.reset();
    return clean;
}

std::string demo_services::run(std::string_view role, std::vector<std::string> command, int exit_code_max) {
    command.insert(command.begin(), AUDITGATE_BINARY);
    command.push_back("--config");
    command.push_back(folder_ / (std::string(role) + ".yaml"));
    const std::filesystem::path output = folder_ / "command.out";
    std::filesystem::remove(output);
    child_process process(command, output);
    if (const int status = process.wait(); status > exit_code_max)
        throw std::runtime_error(command[1] + " ended with " + std::to_string(status) + ": " +
                                 read_file(output));
    return read_file(output);
}

} // namespace auditgate::test
