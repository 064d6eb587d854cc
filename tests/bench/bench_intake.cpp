// How much of what SQLite can do is left for durable acknowledgements: the messages of the sample journey, sent over 64
// MLLP connections, journaled with encryption and duplicate detection; against raw inserts of the very same rows at 64
// messages a transaction, with the same durability. Sender, gateway and disk share the machine, as in production the
// gateway shares it with nobody.
//
// Two kinds of senders: those that keep four messages in flight on each connection, and those that wait for each answer.
// Of the second, 64 cannot have 64 messages in every transaction, and on two cores what is measured is mostly how
// quickly the kernel moves between sender and gateway, message by message.
//
// Prints each round and the median ratios: mapping paused with either sender, mapping running with the second. Exit code
// 1 when the ratio with mapping paused and messages in flight is below 0.45.
#include "gateway/config/configuration.hpp"
#include "gateway/intake/mllp_listener.hpp"
#include "gateway/pipeline/pipeline.hpp"
#include "gateway/security/key_file.hpp"
#include "gateway/store/journal.hpp"
#include "gateway/store/sqlite.hpp"
#include "gateway/store/sqlite_schema.hpp"
#include "gateway/store/sqlite_store.hpp"
#include "hl7v2/mllp_framer.hpp"
#include "tests/support/io_threads.hpp"
#include "tests/support/recording_logger.hpp"
#include "tests/support/sample_journey.hpp"
#include "tests/support/shipped_configuration.hpp"
#include "tests/support/support.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace auditgate::test {
namespace {

namespace fs = std::filesystem;
namespace intake = gateway::intake;
namespace store = gateway::store;
namespace sqlite = store::sqlite;
using steady = std::chrono::steady_clock;

constexpr int rounds = 5;
constexpr int patients = 1600; // of 25 messages each
constexpr std::size_t connections = 64;
constexpr std::size_t messages_per_transaction = 64;
constexpr std::size_t messages_in_flight = 4; // of a connection
constexpr double ratio_least = 0.45;

[[noreturn]] void fail(const char* what) {
    std::fprintf(stderr, "bench_intake: %s\n", what);
    std::exit(1);
}

// Messages for each second of the clock, and of the processors that this program used: the second says more on a machine
// that others use too.
struct rate {
    double per_second;
    double per_cpu_second;
};

class stopwatch {
public:
    [[nodiscard]] rate stop(std::size_t messages) const {
        const double seconds = std::chrono::duration<double>(steady::now() - begin_).count();
        const double cpu_seconds = static_cast<double>(std::clock() - cpu_begin_) / CLOCKS_PER_SEC;
        return {static_cast<double>(messages) / seconds, static_cast<double>(messages) / cpu_seconds};
    }

private:
    steady::time_point begin_ = steady::now();
    std::clock_t cpu_begin_ = std::clock();
};

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

// The first is for warming up: until the log of the store has its size, every commit makes the file larger, too.
template <class T>
std::pair<std::span<const T>, std::span<const T>> halves(std::span<const T> all) {
    return {all.first(all.size() / 2), all.subspan(all.size() / 2)};
}

std::vector<std::string> framed_messages() {
    const std::chrono::sys_days day_zero{std::chrono::year{2026} / 3 / 2};
    std::vector<std::string> frames;
    for (int patient = 0; patient < patients; ++patient) {
        for (const std::string& message : sample_journey(patient, day_zero))
            frames.push_back(hl7v2::encode_frame(message).value());
    }
    return frames;
}

// Sends frames, on each connection the next one for every answer; all connections in one thread.
class senders {
public:
    senders(std::uint16_t port, std::size_t in_flight) : in_flight_(in_flight) {
        for (int& connection : connections_) {
            connection = connect_to(port);
            epoll_event wanted{};
            wanted.events = EPOLLIN;
            wanted.data.fd = connection;
            if (::epoll_ctl(answered_, EPOLL_CTL_ADD, connection, &wanted) != 0)
                fail("no epoll");
        }
    }
    ~senders() {
        for (const int connection : connections_)
            ::close(connection);
        ::close(answered_);
    }
    senders(const senders&) = delete;
    senders& operator=(const senders&) = delete;

    // Every frame once.
    void run(std::span<const std::string> frames) {
        frames_ = frames;
        std::size_t answered = 0;
        for (const int connection : connections_)
            send_next(connection, in_flight_);
        std::array<char, 4096> buffer{};
        std::array<epoll_event, connections> ready{};
        while (answered < frames.size()) {
            const int count = ::epoll_wait(answered_, ready.data(), static_cast<int>(ready.size()), 60'000);
            if (count <= 0)
                fail("no answer within a minute");
            for (int i = 0; i < count; ++i) {
                const int connection = ready[static_cast<std::size_t>(i)].data.fd;
                const ssize_t size = ::recv(connection, buffer.data(), buffer.size(), 0);
                if (size < 2 || buffer[static_cast<std::size_t>(size) - 1] != '\r')
                    fail("a connection broke, or an answer came in pieces");
                const std::size_t answers =
                    count_positive(std::string_view(buffer.data(), static_cast<std::size_t>(size)));
                answered += answers;
                send_next(connection, answers);
            }
        }
    }

private:
    static int connect_to(std::uint16_t port) {
        const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        const int at_once = 1;
        ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once);
        if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
            fail("no connection to the listener");
        return socket;
    }

    static std::size_t count_positive(std::string_view answers) {
        std::size_t count = 0;
        for (std::size_t end = 0; (end = answers.find('\x1c')) != std::string_view::npos; ++count) {
            if (answers.substr(0, end).find("\rMSA|AA|") == std::string_view::npos)
                fail("an answer other than AA");
            answers.remove_prefix(end + 1);
        }
        return count;
    }

    void send_next(int socket, std::size_t count) {
        next_.clear();
        for (; count > 0 && !frames_.empty(); --count) {
            next_ += frames_.front();
            frames_ = frames_.subspan(1);
        }
        if (::send(socket, next_.data(), next_.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(next_.size()))
            fail("messages could not be sent at once");
    }

    const std::size_t in_flight_;
    std::string next_;
    std::span<const std::string> frames_; // not sent yet
    const int answered_ = ::epoll_create1(EPOLL_CLOEXEC);
    std::array<int, connections> connections_{};
};

struct paused_mapping final : intake::work_signal {
    void work_arrived() override {}
};

// The gateway without its main(): listener, journal, store and, when wanted, mapping.
rate acknowledged(const fs::path& folder, std::span<const std::string> frames,
                  const gateway::configuration& configuration, std::size_t in_flight, bool with_mapping) {
    fs::create_directories(folder);
    const auto keys = store::keys_folder(folder);
    if (!gateway::security::key_ring::create(keys, {}))
        fail("no keys");
    const auto ring = gateway::security::key_ring::open(keys).value();
    const auto target = store::create_sqlite_store(store::database_path(folder), *ring).value();
    recording_logger log;
    gateway::observe::metrics metrics;
    gateway::observe::health health;
    gateway::pipeline::pipeline mapping(*target, configuration.mapping, {}, gateway::observe::system_now, log,
                                        metrics, [] {});
    paused_mapping paused;
    store::journal journal(*target);
    intake::journal_gate gate(journal, with_mapping ? static_cast<intake::work_signal&>(mapping) : paused,
                              health, metrics, log);
    std::atomic<std::uint64_t> answers = 0;
    const intake::message_intake messages(configuration.settings.sources, gateway::observe::system_now,
                                          [&answers] { return std::to_string(++answers); });
    io_threads threads(1); // the senders take the place of the other one
    gateway::listener_config listener = configuration.settings.listeners.front();
    listener.port = 0;
    const auto running =
        intake::start_mllp_listener(threads.executor(), listener, messages, gate, health, metrics, log);
    if (!running || (with_mapping && !mapping.start()))
        fail("the listener or the mapping did not start");
    senders all((*running)->port(), in_flight);
    const auto [before, measured] = halves(frames);
    all.run(before);
    const stopwatch watch;
    all.run(measured);
    const rate result = watch.stop(measured.size());
    (*running)->stop(std::chrono::seconds(1));
    journal.stop();
    mapping.stop();
    return result;
}

// What the gateway has written for each message.
struct rows_of_message {
    std::int64_t id, received_at, key_id, keep_until;
    std::string source, transport, peer, format, type, content, name, digest;
};

std::vector<rows_of_message> rows_written(const fs::path& folder) {
    sqlite::connection db(store::database_path(folder), {});
    std::vector<rows_of_message> all;
    auto rows = db.prepare("SELECT id, j.received_at, key_id, keep_until, source, transport, peer, format, "
                           "message_type, content, "
                           "name, digest FROM journal j JOIN seen s ON s.message = j.id ORDER BY id");
    while (rows.step())
        all.push_back({rows.number(0), rows.number(1), rows.number(2), rows.number(3), rows.text(4),
                       rows.text(5), rows.text(6), rows.text(7), rows.text(8), rows.text(9), rows.text(10),
                       rows.text(11)});
    return all;
}

void insert_raw(sqlite::connection& db, std::span<const rows_of_message> rows) {
    for (std::size_t first = 0; first < rows.size(); first += messages_per_transaction) {
        sqlite::transaction changes(db, sqlite::transaction::kind::write);
        for (std::size_t i = first; i < std::min(first + messages_per_transaction, rows.size()); ++i) {
            const rows_of_message& row = rows[i];
            db.use("INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")
                .bind(row.id, row.source, row.transport, row.peer, row.format, row.type, row.received_at,
                      row.key_id, sqlite::blob{row.content})
                .run();
            db.use("INSERT INTO seen VALUES (?, ?, ?, ?, ?)")
                .bind(row.id, sqlite::blob{row.name}, sqlite::blob{row.digest}, row.received_at,
                      row.keep_until)
                .run();
            db.use("INSERT INTO work VALUES (?, ?)").bind(row.id, row.id).run();
        }
        changes.commit();
    }
}

rate inserted_raw(const fs::path& folder, const std::vector<rows_of_message>& rows) {
    sqlite::connection db(folder / "raw", {});
    db.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
    sqlite::migrate(db, sqlite::migrations());
    const auto [before, measured] = halves(std::span<const rows_of_message>(rows));
    insert_raw(db, before);
    const stopwatch watch;
    insert_raw(db, measured);
    return watch.stop(measured.size());
}

struct ratios {
    std::vector<double> in_flight, one_by_one, mapping;
};

void run_round(const fs::path& folder, const std::vector<std::string>& frames,
               const gateway::configuration& configuration, ratios& sum) {
    const rate in_flight =
        acknowledged(folder / "in-flight", frames, configuration, messages_in_flight, false);
    const auto rows = rows_written(folder / "in-flight");
    if (rows.size() != frames.size())
        fail("the journal does not hold what was acknowledged");
    const rate raw = inserted_raw(folder, rows);
    const rate one_by_one = acknowledged(folder / "one-by-one", frames, configuration, 1, false);
    const rate mapping = acknowledged(folder / "mapping", frames, configuration, 1, true);
    sum.in_flight.push_back(in_flight.per_second / raw.per_second);
    sum.one_by_one.push_back(one_by_one.per_second / raw.per_second);
    sum.mapping.push_back(mapping.per_second / raw.per_second);
    std::printf(
        "raw inserts %.0f/s (%.0f a CPU second); acknowledged, mapping paused: %zu in flight %.0f/s (%.0f), "
        "ratio %.2f; one by one %.0f/s (%.0f), ratio %.2f; mapping running %.0f/s, ratio %.2f\n",
        raw.per_second, raw.per_cpu_second, messages_in_flight, in_flight.per_second,
        in_flight.per_cpu_second, sum.in_flight.back(), one_by_one.per_second, one_by_one.per_cpu_second,
        sum.one_by_one.back(), mapping.per_second, sum.mapping.back());
    std::fflush(stdout);
}

} // namespace
} // namespace auditgate::test

int main() {
    using namespace auditgate::test;
    const temporary_folder folder;
    const auto frames = framed_messages();
    const auto configuration = shipped_configuration();
    ratios sum;
    for (int round = 0; round < rounds; ++round) {
        const fs::path of_round = folder.path() / std::to_string(round);
        run_round(of_round, frames, configuration, sum);
        fs::remove_all(of_round);
    }
    const double ratio = median(sum.in_flight);
    std::printf(
        "median ratios: mapping paused, %zu in flight %.2f (at least %.2f), one by one %.2f; mapping running "
        "%.2f\n",
        messages_in_flight, ratio, ratio_least, median(sum.one_by_one), median(sum.mapping));
    return ratio >= ratio_least ? 0 : 1;
}
