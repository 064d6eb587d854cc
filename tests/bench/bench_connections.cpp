// A gateway as it ships, in a process of its own with its store on disk and its mapping running: what 10,000 idle connections
// cost in memory, and how long senders that wait for each answer wait for it at 64 and 256 connections (p50, p99), as fast as
// they can and at a fixed pace.
//
// Prints the figures. Needs 10,100 open files (ulimit -n). Exit code 1 when an idle connection takes more than 64 KB.
#include "hl7v2/mllp_framer.hpp"
#include "tests/support/processes.hpp"
#include "tests/support/sample_journey.hpp"
#include "tests/support/support.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <span>
#include <sstream>
#include <string>
#include <vector>

namespace auditgate::test {
namespace {

using steady = std::chrono::steady_clock;
using microseconds = std::chrono::duration<double, std::micro>;

constexpr std::size_t idle_connections = 10'000;
constexpr double idle_kilobytes_most = 64;
constexpr std::size_t messages_measured = 10'000;
constexpr std::size_t paced_messages = 4'000;
constexpr double paced_per_second = 500;

[[noreturn]] void fail(const char* what) {
    std::fprintf(stderr, "bench_connections: %s\n", what);
    std::exit(1);
}

class connection {
public:
    explicit connection(std::uint16_t port) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        const int at_once = 1;
        ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once);
        if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
            fail("no connection to the gateway");
    }
    ~connection() { ::close(socket_); }
    connection(const connection&) = delete;
    connection& operator=(const connection&) = delete;

    [[nodiscard]] int socket() const { return socket_; }
    void send(const std::string& frame) const {
        if (::send(socket_, frame.data(), frame.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(frame.size()))
            fail("a message could not be sent at once");
    }
    void take_answer() const {
        std::array<char, 4096> buffer{};
        const ssize_t size = ::recv(socket_, buffer.data(), buffer.size(), 0);
        const std::string_view answer(buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
        if (answer.find("\rMSA|AA|") == std::string_view::npos || answer.back() != '\r')
            fail("an answer other than AA");
    }

private:
    const int socket_ = ::socket(AF_INET, SOCK_STREAM, 0);
};

using connections = std::vector<std::unique_ptr<connection>>;

connections connect(std::uint16_t port, std::size_t count) {
    connections all;
    for (std::size_t i = 0; i < count; ++i)
        all.push_back(std::make_unique<connection>(port));
    return all;
}

// Memory that the process has resident.
double kilobytes_of(pid_t process) {
    std::istringstream lines(read_file("/proc/" + std::to_string(process) + "/status"));
    for (std::string line; std::getline(lines, line);)
        if (line.starts_with("VmRSS:"))
            return std::stod(line.substr(6));
    fail("the gateway's memory is not known");
}

// Each message with a control id of its own.
class message_source {
public:
    const std::string& next() {
        if (at_ == frames_.size()) {
            frames_.clear();
            for (const std::string& message :
                 sample_journey(patient_++, std::chrono::sys_days{std::chrono::year{2026} / 3 / 2}))
                frames_.push_back(hl7v2::encode_frame(message).value());
            at_ = 0;
        }
        return frames_[at_++];
    }

private:
    std::vector<std::string> frames_;
    std::size_t at_ = 0;
    int patient_ = 0;
};

// One message after the other, each sender waiting for its answer; a message is due every `pace`, at once when there is none.
std::vector<double> latencies(const connections& all, message_source& messages, std::size_t count,
                              std::optional<microseconds> pace) {
    const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
    std::vector<std::size_t> idle;
    std::vector<steady::time_point> due(all.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
        epoll_event wanted{};
        wanted.events = EPOLLIN;
        wanted.data.u64 = i;
        ::epoll_ctl(epoll, EPOLL_CTL_ADD, all[i]->socket(), &wanted);
        idle.push_back(i);
    }
    std::vector<double> taken;
    const auto begun = steady::now();
    std::size_t sent = 0;
    std::array<epoll_event, 64> ready{};
    while (taken.size() < count) {
        // Counted from when it was due: a sender that had to wait for a connection has waited for the gateway.
        while (sent < count && !idle.empty()) {
            const auto now = steady::now();
            const auto at = pace ? begun + std::chrono::duration_cast<steady::duration>(*pace * sent) : now;
            if (at > now)
                break;
            const std::size_t chosen = idle.front();
            idle.erase(idle.begin());
            due[chosen] = at;
            all[chosen]->send(messages.next());
            ++sent;
        }
        const int found = ::epoll_wait(epoll, ready.data(), static_cast<int>(ready.size()),
                                       pace && sent < count ? 1 : 60'000);
        if (found == 0 && !pace)
            fail("no answer within a minute");
        for (int i = 0; i < found; ++i) {
            const auto which = static_cast<std::size_t>(ready[static_cast<std::size_t>(i)].data.u64);
            all[which]->take_answer();
            taken.push_back(microseconds(steady::now() - due[which]).count() / 1000);
            idle.push_back(which);
        }
    }
    ::close(epoll);
    std::sort(taken.begin(), taken.end());
    return taken;
}

void print(const char* how, std::size_t count, const std::vector<double>& taken, double seconds) {
    std::printf("%4zu connections, %s: %.0f answers a second, p50 %.2f ms, p99 %.2f ms\n", count, how,
                static_cast<double>(taken.size()) / seconds, taken[taken.size() / 2],
                taken[taken.size() * 99 / 100]);
    std::fflush(stdout);
}

void measure_latency(std::uint16_t port, std::size_t count, message_source& messages) {
    const connections all = connect(port, count);
    (void)latencies(all, messages, count * 4, std::nullopt);
    auto begun = steady::now();
    const auto full = latencies(all, messages, messages_measured, std::nullopt);
    print("as fast as they can", count, full, std::chrono::duration<double>(steady::now() - begun).count());
    begun = steady::now();
    const auto paced = latencies(all, messages, paced_messages, microseconds(1e6 / paced_per_second));
    print("at a pace", count, paced, std::chrono::duration<double>(steady::now() - begun).count());
}

bool measure_idle(const demo_services& services, message_source& messages) {
    const double before = kilobytes_of(services.gateway_id());
    const connections all = connect(services.mllp_port(), idle_connections);
    // The last one to be taken is the last one to be answered.
    all.back()->send(messages.next());
    all.back()->take_answer();
    const double idle = (kilobytes_of(services.gateway_id()) - before) / idle_connections;
    for (const auto& one : all) {
        one->send(messages.next());
        one->take_answer();
    }
    const double used = (kilobytes_of(services.gateway_id()) - before) / idle_connections;
    std::printf("%zu idle connections: %.1f KB each before their first message, %.1f KB each after one "
                "(of a gateway of %.0f MB)\n",
                all.size(), idle, used, before / 1024);
    std::fflush(stdout);
    return idle <= idle_kilobytes_most;
}

int run() {
    rlimit files{};
    ::getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &files);
    if (files.rlim_cur < idle_connections + 100)
        fail("too few open files are allowed: ulimit -n 10100");
    const temporary_folder folder;
    demo_services services(folder.path());
    const auto file = folder.path() / "gateway.yaml";
    std::string text = read_file(file);
    const std::string port = "port: " + std::to_string(services.mllp_port()) + "\n";
    text.insert(text.find(port) + port.size(),
                "    limits:\n      connections: " + std::to_string(idle_connections) + "\n");
    write_file(file, text);
    services.start_gateway();
    message_source messages;
    for (const std::size_t count : {std::size_t{64}, std::size_t{256}})
        measure_latency(services.mllp_port(), count, messages);
    return measure_idle(services, messages) ? 0 : 1;
}

} // namespace
} // namespace auditgate::test

int main() {
    return auditgate::test::run();
}
