#include "tests/bench/hand_written_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <string_view>
#include <unordered_map>

namespace auditgate::test {
namespace {

constexpr char vertical_tab = '\x0b';
constexpr std::string_view frame_end = "\x1c\r";

std::string now_as_text() {
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME, &now);
    tm parts{};
    ::gmtime_r(&now.tv_sec, &parts);
    std::array<char, 40> text{};
    const int size = std::snprintf(text.data(), text.size(), "%04d%02d%02d%02d%02d%02d.%03ld+0000",
                                   parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour,
                                   parts.tm_min, parts.tm_sec, now.tv_nsec / 1'000'000);
    return {text.data(), static_cast<std::size_t>(size)};
}

std::string_view part(std::string_view whole, char mark, std::size_t number) {
    for (; number > 0; --number) {
        const std::size_t end = whole.find(mark);
        if (end == std::string_view::npos)
            return {};
        whole.remove_prefix(end + 1);
    }
    return whole.substr(0, whole.find(mark));
}

// The framed answer to a message; empty when it has no MSH.
std::string answer_to(std::string_view message, std::uint64_t control_id) {
    const std::string_view header = message.substr(0, message.find('\r'));
    if (!header.starts_with("MSH") || header.size() < 8)
        return {};
    const char field = header[3];
    std::array<std::string_view, 12> fields{}; // fields[n]: MSH-(n + 1), from MSH-2 on
    std::string_view rest = header.substr(4);
    for (std::size_t i = 1; i < fields.size(); ++i) {
        const std::size_t end = rest.find(field);
        fields.at(i) = rest.substr(0, end);
        rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    }
    std::string text;
    text.reserve(256);
    text += vertical_tab;
    text += "MSH";
    const auto add = [&](std::string_view value) {
        text += field;
        text += value;
    };
    add(fields[1]);
    add(fields[4]);
    add(fields[5]);
    add(fields[2]);
    add(fields[3]);
    add(now_as_text());
    add("");
    const char component = fields[1].empty() ? '^' : fields[1][0];
    add("ACK");
    text += component;
    text += part(fields[8], component, 1);
    text += component;
    text += "ACK";
    add(std::to_string(control_id));
    add(fields[10]);
    add(fields[11]);
    text += "\rMSA";
    add("AA");
    add(fields[9]);
    text += '\r';
    text += frame_end;
    return text;
}

void answer_all(int connection, std::string& received, std::uint64_t& answers) {
    std::size_t done = 0;
    while (true) {
        const std::size_t begin = received.find(vertical_tab, done);
        const std::size_t end = received.find(frame_end, done);
        if (begin == std::string::npos || end == std::string::npos)
            break;
        const std::string answer =
            answer_to(std::string_view(received).substr(begin + 1, end - begin - 1), ++answers);
        if (::send(connection, answer.data(), answer.size(), MSG_NOSIGNAL) < 0)
            break;
        done = end + frame_end.size();
    }
    received.erase(0, done);
}

int listen_somewhere(std::uint16_t& port) {
    const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const as_any = reinterpret_cast<sockaddr*>(&address);
    if (::bind(listener, as_any, size) != 0 || ::listen(listener, 256) != 0 ||
        ::getsockname(listener, as_any, &size) != 0)
        std::_Exit(1);
    port = ntohs(address.sin_port);
    return listener;
}

void watch(int epoll, int socket) {
    epoll_event wanted{};
    wanted.events = EPOLLIN;
    wanted.data.fd = socket;
    ::epoll_ctl(epoll, EPOLL_CTL_ADD, socket, &wanted);
}

} // namespace

void serve_by_hand(const std::function<void(std::uint16_t)>& ready) {
    std::uint16_t port = 0;
    const int listener = listen_somewhere(port);
    const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
    watch(epoll, listener);
    ready(port);
    std::unordered_map<int, std::string> received; // by connection, not answered yet
    std::uint64_t answers = 0;
    std::array<epoll_event, 64> events{};
    std::array<char, 16 * 1024> buffer{};
    while (true) {
        const int count = ::epoll_wait(epoll, events.data(), static_cast<int>(events.size()), -1);
        for (int i = 0; i < count; ++i) {
            const int socket = events[static_cast<std::size_t>(i)].data.fd;
            if (socket == listener) {
                const int connection = ::accept(listener, nullptr, nullptr);
                const int at_once = 1;
                ::setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once);
                watch(epoll, connection);
                continue;
            }
            const ssize_t size = ::recv(socket, buffer.data(), buffer.size(), 0);
            if (size <= 0) {
                received.erase(socket);
                ::close(socket);
                continue;
            }
            std::string& of_connection = received[socket];
            of_connection.append(buffer.data(), static_cast<std::size_t>(size));
            answer_all(socket, of_connection, answers);
        }
    }
}

} // namespace auditgate::test
