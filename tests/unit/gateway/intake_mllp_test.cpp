#include "gateway/cli/blocking_connection.hpp"
#include "gateway/intake/mllp_listener.hpp"
#include "hl7v2/mllp_framer.hpp"
#include "tests/support/io_threads.hpp"
#include "tests/support/memory_store.hpp"
#include "tests/support/recording_logger.hpp"

#include <gtest/gtest.h>

#include <boost/asio/ip/tcp.hpp>

#include <poll.h>

#include <algorithm>
#include <atomic>
#include <thread>

using namespace auditgate::gateway;
using namespace auditgate::gateway::intake;
using namespace std::chrono_literals;
namespace asio = boost::asio;
using auditgate::gateway::cli::blocking_connection;
using boost::asio::ip::tcp;

namespace {

struct counting_signal final : work_signal {
    std::atomic<int> count = 0;
    void work_arrived() override { ++count; }
};

std::string message_with_id(const std::string& control_id) {
    return "MSH|^~\\&|PAS|RXX|EPR|RXX|20260504||ADT^A08|" + control_id + "|P|2.5\rPID|1\r";
}

std::string framed(const std::string& content) {
    return "\x0b" + content + "\x1c\r";
}

std::vector<source_config> one_source() {
    source_config pas;
    pas.name = "pas";
    pas.sending_applications = {"PAS"};
    return {pas};
}

// The listener with everything behind it, on a port of its own.
class MllpListener : public testing::Test {
protected:
    MllpListener() {
        listener_.name = "main";
        listener_.address = "127.0.0.1";
        listener_.port = 0;
    }
    void TearDown() override {
        if (running_)
            running_->stop(1s);
        journal_.stop();
    }

    void start() {
        auto started =
            start_mllp_listener(threads_.executor(), listener_, messages_, gate_, health_, metrics_, log_);
        ASSERT_TRUE(started) << started.error().message;
        running_ = std::move(*started);
    }

    blocking_connection connect() {
        auto connected = blocking_connection::connect("127.0.0.1", running_->port(), 5s);
        EXPECT_TRUE(connected) << connected.error().message;
        return std::move(*connected);
    }

    // The contents of the next `count` answers.
    static std::vector<std::string> read_answers(blocking_connection& from, std::size_t count) {
        auditgate::hl7v2::mllp_framer framer;
        std::vector<std::string> answers;
        while (answers.size() < count) {
            const result<std::string> bytes = from.read(5s);
            if (!bytes) {
                ADD_FAILURE() << bytes.error().message;
                return answers;
            }
            framer.feed(*bytes);
            while (auto event = framer.next())
                answers.push_back(std::move(event->bytes));
        }
        return answers;
    }

    // What the store has as soon as there is so much.
    std::vector<store::incoming_message> wait_for_appended(std::size_t count) {
        const auto deadline = std::chrono::steady_clock::now() + 10s;
        while (store_.appended().size() < count && std::chrono::steady_clock::now() < deadline)
            std::this_thread::yield();
        return store_.appended();
    }

    static bool is_closed(blocking_connection& by_peer) { return !by_peer.read(5s); }

    std::vector<source_config> sources_ = one_source();
    listener_config listener_;
    auditgate::test::recording_logger log_;
    observe::metrics metrics_;
    observe::health health_;
    counting_signal mapping_;
    auditgate::test::memory_store store_;
    std::atomic<int> ids_ = 0;
    message_intake messages_{sources_, observe::system_now, [this] { return std::to_string(++ids_); }};
    store::journal journal_{store_, {.probe_interval = 10ms}};
    journal_gate gate_{journal_, mapping_, health_, metrics_, log_};
    auditgate::test::io_threads threads_;
    std::unique_ptr<mllp_listener> running_;
};

TEST_F(MllpListener, AnswersAfterTheMessageIsJournaled) {
    start();
    blocking_connection sender = connect();
    ASSERT_TRUE(sender.write(framed(message_with_id("A1")), 5s));
    const std::vector<std::string> answers = read_answers(sender, 1);
    EXPECT_NE(answers.at(0).find("MSA|AA|A1"), std::string::npos);
    ASSERT_EQ(store_.appended().size(), 1u);
    EXPECT_EQ(store_.appended()[0].bytes, message_with_id("A1"));
    EXPECT_EQ(store_.appended()[0].source, "pas");
    EXPECT_EQ(mapping_.count, 1);
}

TEST_F(MllpListener, AnswersPipelinedMessagesInOrder) {
    listener_.limits.pipelined_max = 3;
    start();
    blocking_connection sender = connect();
    std::string all;
    constexpr std::size_t count = 200;
    for (std::size_t i = 0; i < count; ++i)
        all += framed(message_with_id("P" + std::to_string(i)));
    ASSERT_TRUE(sender.write(all, 5s));
    const std::vector<std::string> answers = read_answers(sender, count);
    ASSERT_EQ(answers.size(), count);
    for (std::size_t i = 0; i < count; ++i)
        EXPECT_NE(answers[i].find("MSA|AA|P" + std::to_string(i) + "\r"), std::string::npos) << i;
}

TEST_F(MllpListener, TakesAFrameByteByByte) {
    start();
    blocking_connection sender = connect();
    for (const char byte : framed(message_with_id("B1")))
        ASSERT_TRUE(sender.write(std::string(1, byte), 5s));
    EXPECT_NE(read_answers(sender, 1).at(0).find("MSA|AA|B1"), std::string::npos);
}

TEST_F(MllpListener, EndsAFrameWithoutCarriageReturn) {
    start();
    blocking_connection sender = connect();
    ASSERT_TRUE(sender.write("\x0b" + message_with_id("N1") + "\x1c", 5s));
    EXPECT_NE(read_answers(sender, 1).at(0).find("MSA|AA|N1"), std::string::npos);
}

TEST_F(MllpListener, AnswersEveryMessageOfABatchInItsPlace) {
    listener_.limits.pipelined_max = 2;
    start();
    blocking_connection sender = connect();
    std::string run;
    std::string batch = "BHS|^~\\&|PAS|RXX|EPR|RXX|2026||||B1\r";
    constexpr std::size_t count = 50;
    for (std::size_t i = 0; i < count; ++i) {
        run += message_with_id("R" + std::to_string(i));
        batch += message_with_id("B" + std::to_string(i));
    }
    batch += "BTS|" + std::to_string(count + 1) + "\r";
    ASSERT_TRUE(sender.write(framed(message_with_id("first")) + framed(run) + framed(batch) +
                                 framed("BHS|^~\\&|PAS|RXX|||2026||||B2\rBTS|0\r") +
                                 framed(message_with_id("last")),
                             5s));
    const std::vector<std::string> answers = read_answers(sender, count + 4);
    ASSERT_EQ(answers.size(), count + 4);
    EXPECT_NE(answers.front().find("MSA|AA|first\r"), std::string::npos);
    for (std::size_t i = 0; i < count; ++i)
        EXPECT_NE(answers[1 + i].find("MSA|AA|R" + std::to_string(i) + "\r"), std::string::npos) << i;
    const std::string& whole = answers[count + 1];
    EXPECT_TRUE(whole.starts_with("BHS|^~\\&|EPR|RXX|PAS|RXX|")) << whole;
    EXPECT_LT(whole.find("MSA|AA|B0\r"), whole.find("MSA|AA|B49\r"));
    EXPECT_NE(whole.find("\rBTS|50|BTS-1 differs"), std::string::npos) << whole;
    EXPECT_NE(answers[count + 2].find("|B2\rBTS|0\r"), std::string::npos);
    EXPECT_NE(answers.back().find("MSA|AA|last\r"), std::string::npos);
    EXPECT_EQ(store_.appended().size(), 2 * count + 2);
    EXPECT_TRUE(log_.has("batch-finding"));
    ASSERT_TRUE(sender.write(framed(batch), 5s)); // again: the same messages, answered as before
    EXPECT_NE(read_answers(sender, 1).at(0).find("MSA|AA|B49\r"), std::string::npos);
    EXPECT_EQ(metrics_
                  .counter("auditgate_messages_received_total", "Messages received and journaled",
                           {{"source", "pas"}, {"state", "duplicate"}})
                  .value(),
              static_cast<double>(count));
}

TEST_F(MllpListener, AnswersADuplicateAsBefore) {
    start();
    blocking_connection first = connect();
    ASSERT_TRUE(first.write(framed(message_with_id("D1")), 5s));
    const std::string before = read_answers(first, 1).at(0);
    blocking_connection second = connect();
    ASSERT_TRUE(second.write(framed(message_with_id("D1")), 5s));
    EXPECT_EQ(read_answers(second, 1).at(0), before);
    EXPECT_EQ(store_.appended().size(), 1u);
}

TEST_F(MllpListener, AlarmsOnceWhenAControlIdIsUsedAgain) {
    start();
    blocking_connection sender = connect();
    for (const std::string more : {"", "PV1|1\r", "PV1|2\r"}) {
        ASSERT_TRUE(sender.write(framed(message_with_id("R1") + more), 5s));
        EXPECT_NE(read_answers(sender, 1).at(0).find("MSA|AA|R1"), std::string::npos);
    }
    const std::vector<std::string> lines = log_.lines();
    EXPECT_EQ(
        std::count_if(lines.begin(), lines.end(),
                      [](const std::string& line) { return line.find("control-id-reused") != line.npos; }),
        1);
    EXPECT_EQ(metrics_.counter("auditgate_control_id_reused_total", "", {{"source", "pas"}}).value(), 2);
}

TEST_F(MllpListener, RefusesAFrameOverTheLimitAndGoesOn) {
    listener_.limits.frame_bytes_max = 1000;
    start();
    blocking_connection sender = connect();
    const std::string head = message_with_id("L1");
    ASSERT_TRUE(sender.write(framed(head + std::string(1000 - head.size(), 'x')), 5s));
    EXPECT_NE(read_answers(sender, 1).at(0).find("MSA|AA|L1"), std::string::npos);
    ASSERT_TRUE(sender.write(framed(head + std::string(1001 - head.size(), 'x')), 5s));
    EXPECT_NE(read_answers(sender, 1).at(0).find("MSA|AR|L1"), std::string::npos);
    ASSERT_TRUE(sender.write(framed(message_with_id("L2")), 5s));
    EXPECT_NE(read_answers(sender, 1).at(0).find("MSA|AA|L2"), std::string::npos);
    EXPECT_EQ(store_.appended().at(1).reason, "frame-too-large");
}

TEST_F(MllpListener, NeverProcessesAFrameThatIsCutOff) {
    start();
    {
        blocking_connection sender = connect();
        ASSERT_TRUE(sender.write("\x0b" + message_with_id("C1"), 5s));
    }
    blocking_connection sender = connect();
    ASSERT_TRUE(sender.write(framed(message_with_id("C2")), 5s));
    (void)read_answers(sender, 1);
    const auto stored = wait_for_appended(2);
    ASSERT_EQ(stored.size(), 2u);
    for (const store::incoming_message& one : stored) {
        const bool is_whole = one.control_id == "C2";
        EXPECT_EQ(one.state, is_whole ? store::message_state::waiting : store::message_state::refused);
        EXPECT_EQ(one.reason, is_whole ? "" : "frame-cut"); // kept to be looked at
        EXPECT_EQ(one.bytes, message_with_id(is_whole ? "C2" : "C1"));
    }
}

TEST_F(MllpListener, KeepsWhatIsInNoFrame) {
    start();
    blocking_connection sender = connect();
    ASSERT_TRUE(sender.write(message_with_id("J1") + "\r\n" + framed(message_with_id("J2")) + "\r\n" +
                                 framed(message_with_id("J3")),
                             5s));
    ASSERT_EQ(read_answers(sender, 2).size(), 2u);
    const auto stored = wait_for_appended(3);
    ASSERT_EQ(stored.size(), 3u) << "line ends are nothing";
    EXPECT_EQ(std::count_if(stored.begin(), stored.end(),
                            [](const store::incoming_message& one) { return one.reason == "no-frame"; }),
              1);
    EXPECT_TRUE(log_.has("mllp-no-frame"));
    for (const std::string& line : log_.lines())
        EXPECT_EQ(line.find("J1"), std::string::npos) << line;
}

TEST_F(MllpListener, KeepsAFrameThatAnotherOneBeganInside) {
    start();
    blocking_connection sender = connect();
    ASSERT_TRUE(sender.write("\x0b" + message_with_id("R1") + framed(message_with_id("R2")), 5s));
    EXPECT_NE(read_answers(sender, 1).at(0).find("MSA|AA|R2"), std::string::npos);
    const auto stored = wait_for_appended(2);
    ASSERT_EQ(stored.size(), 2u);
    EXPECT_EQ(stored[0].reason, "frame-restarted");
}

TEST_F(MllpListener, TellsOfBytesThatWaitForTheEndOfTheirFrame) {
    listener_.limits.frame_timeout = 600ms;
    start();
    blocking_connection sender = connect();
    ASSERT_TRUE(sender.write("\x0b" + message_with_id("W1"), 5s));
    EXPECT_TRUE(is_closed(sender));
    const auto lines = log_.lines();
    const auto told = std::find_if(lines.begin(), lines.end(), [](const std::string& line) {
        return line.find("mllp-waiting") != std::string::npos;
    });
    ASSERT_NE(told, lines.end());
    EXPECT_NE(told->find("\"peer\":\"127.0.0.1:"), std::string::npos) << *told;
    EXPECT_NE(told->find("\"bytes\":" + std::to_string(message_with_id("W1").size())), std::string::npos)
        << *told;
    EXPECT_EQ(told->find("W1"), std::string::npos) << *told;
    const auto stored = wait_for_appended(1);
    ASSERT_EQ(stored.size(), 1u) << "what a sender that hangs has sent can be looked at";
    EXPECT_EQ(stored[0].reason, "frame-cut");
}

TEST_F(MllpListener, WithholdsTheAnswerWhenTheStoreIsDown) {
    listener_.limits.store_timeout = 50ms;
    store_.set_down(true);
    start();
    blocking_connection sender = connect();
    ASSERT_TRUE(sender.write(framed(message_with_id("S1")), 5s));
    EXPECT_TRUE(is_closed(sender)) << "closed without a byte";
    EXPECT_FALSE(health_.ready());
    EXPECT_TRUE(log_.has("store-down"));
    store_.set_down(false);
    blocking_connection again = connect();
    ASSERT_TRUE(again.write(framed(message_with_id("S1")), 5s));
    EXPECT_NE(read_answers(again, 1).at(0).find("MSA|AA|S1"), std::string::npos);
    EXPECT_TRUE(health_.ready());
}

TEST_F(MllpListener, IsReadyAgainWithoutAnyMessageWhenTheStoreIs) {
    listener_.limits.store_timeout = 50ms;
    store_.set_down(true);
    start();
    blocking_connection sender = connect();
    ASSERT_TRUE(sender.write(framed(message_with_id("S1")), 5s));
    EXPECT_TRUE(is_closed(sender));
    EXPECT_FALSE(health_.ready());
    store_.set_down(false);
    const auto deadline = std::chrono::steady_clock::now() + 10s;
    while (!health_.ready() && std::chrono::steady_clock::now() < deadline)
        std::this_thread::yield();
    EXPECT_TRUE(health_.ready());
    EXPECT_TRUE(log_.has("store-back"));
}

TEST_F(MllpListener, ClosesSlowAndIdleSenders) {
    listener_.limits.idle_timeout = 60ms;
    listener_.limits.frame_timeout = 60ms;
    start();
    blocking_connection idle = connect();
    blocking_connection slow = connect();
    ASSERT_TRUE(slow.write("\x0bMSH|", 5s));
    EXPECT_TRUE(is_closed(idle));
    EXPECT_TRUE(is_closed(slow));
}

TEST_F(MllpListener, GivesEveryFrameItsOwnTime) {
    listener_.limits.frame_timeout = 500ms;
    start();
    blocking_connection sender = connect();
    const std::string frame = framed(message_with_id("T1"));
    const std::size_t half = frame.size() / 2;
    ASSERT_TRUE(sender.write(frame.substr(0, half), 5s));
    const auto begun = std::chrono::steady_clock::now();
    while (std::chrono::steady_clock::now() - begun < 2 * listener_.limits.frame_timeout) {
        ASSERT_TRUE(sender.write(frame.substr(half) + frame.substr(0, half), 5s));
        ASSERT_EQ(read_answers(sender, 1).size(), 1u)
            << "the connection is always inside of a frame, but none is slow";
    }
}

TEST_F(MllpListener, ClosesConnectionsOverTheLimit) {
    listener_.limits.connections_max = 1;
    start();
    blocking_connection first = connect();
    ASSERT_TRUE(first.write(framed(message_with_id("M1")), 5s));
    (void)read_answers(first, 1);
    blocking_connection second = connect();
    EXPECT_TRUE(is_closed(second));
    ASSERT_TRUE(first.write(framed(message_with_id("M2")), 5s));
    EXPECT_EQ(read_answers(first, 1).size(), 1u);
}

TEST_F(MllpListener, CountsConnectionsAsSoonAsItAcceptsThem) {
    listener_.limits.connections_max = 4;
    start();
    constexpr std::size_t burst = 64;
    std::vector<blocking_connection> senders;
    for (std::size_t i = 0; i < burst; ++i)
        senders.push_back(connect());
    const auto refused = metrics_.counter("auditgate_connections_refused_total", "", {{"listener", "main"}});
    const auto deadline = std::chrono::steady_clock::now() + 10s;
    while (refused.value() + static_cast<double>(running_->connections()) < burst &&
           std::chrono::steady_clock::now() < deadline)
        std::this_thread::yield();
    EXPECT_EQ(running_->connections(), 4u);
    EXPECT_EQ(refused.value(), burst - 4);
}

TEST_F(MllpListener, TakesLargeMessagesOneAfterTheOtherWhenMemoryIsUsedUp) {
    listener_.limits.buffered_bytes_max = 200'000;
    start();
    constexpr std::size_t large = 150'000;
    constexpr int senders = 6;
    std::vector<std::thread> threads;
    std::atomic<int> good = 0;
    for (int s = 0; s < senders; ++s)
        threads.emplace_back([&, s] {
            blocking_connection sender = connect();
            const std::string frame = framed(message_with_id(std::to_string(s)) + std::string(large, 'x'));
            if (sender.write(frame.substr(0, large), 5s) && sender.write(frame.substr(large), 5s) &&
                read_answers(sender, 1).at(0).find("MSA|AA|") != std::string::npos)
                ++good;
        });
    for (std::thread& thread : threads)
        thread.join();
    EXPECT_EQ(good, senders);
}

TEST_F(MllpListener, TakesSmallMessagesWhileLargeOnesHaveUsedMemoryUp) {
    listener_.limits.buffered_bytes_max = 100'000;
    listener_.limits.frame_timeout = 200ms;
    start();
    blocking_connection goes_on = connect();
    blocking_connection waits = connect();
    const std::string unfinished = "\x0b" + message_with_id("U") + std::string(90'000, 'x');
    ASSERT_TRUE(goes_on.write(unfinished, 5s));
    ASSERT_TRUE(waits.write(unfinished, 5s));
    blocking_connection small = connect();
    ASSERT_TRUE(small.write(framed(message_with_id("S")), 5s));
    EXPECT_NE(read_answers(small, 1).at(0).find("MSA|AA|S"), std::string::npos);
    EXPECT_TRUE(is_closed(goes_on)) << "slow";
    EXPECT_TRUE(is_closed(waits)) << "as slow: it must not keep its memory by waiting";
}

TEST_F(MllpListener, ClosesItsPortBeforeItWaitsForConnections) {
    start();
    blocking_connection sender = connect();
    ASSERT_TRUE(sender.write(framed(message_with_id("Z1")), 5s));
    (void)read_answers(sender, 1);
    const std::uint16_t port = running_->port();
    running_->begin_stop();
    EXPECT_FALSE(blocking_connection::connect("127.0.0.1", port, 5s));
    EXPECT_TRUE(is_closed(sender));
}

TEST_F(MllpListener, StopsGracefullyWithOpenConnections) {
    start();
    std::vector<blocking_connection> senders;
    for (int i = 0; i < 8; ++i) {
        senders.push_back(connect());
        ASSERT_TRUE(senders.back().write(framed(message_with_id("G" + std::to_string(i))), 5s));
        EXPECT_EQ(read_answers(senders.back(), 1).size(), 1u);
    }
    running_->stop(5s);
    EXPECT_EQ(running_->connections(), 0u);
    for (blocking_connection& sender : senders)
        EXPECT_TRUE(is_closed(sender));
    EXPECT_FALSE(log_.has("task-failed"));
}

TEST_F(MllpListener, ServesManySendersAtOnce) {
    start();
    constexpr int senders = 16;
    constexpr int each = 50;
    std::atomic<int> good = 0;
    std::vector<std::thread> threads;
    for (int s = 0; s < senders; ++s)
        threads.emplace_back([&, s] {
            blocking_connection sender = connect();
            for (int i = 0; i < each; ++i) {
                const std::string id = std::to_string(s) + "-" + std::to_string(i);
                if (sender.write(framed(message_with_id(id)), 5s) &&
                    read_answers(sender, 1).at(0).find("MSA|AA|" + id + "\r") != std::string::npos)
                    ++good;
            }
        });
    for (std::thread& thread : threads)
        thread.join();
    EXPECT_EQ(good, senders * each);
    EXPECT_EQ(store_.appended().size(), static_cast<std::size_t>(senders * each));
}

TEST_F(MllpListener, KeepsTheAnswersThatItsPeerDoesNotTakeAtOnce) {
    start();
    asio::io_context context;
    tcp::socket sender(context);
    sender.connect({asio::ip::make_address("127.0.0.1"), running_->port()});
    sender.non_blocking(true);
    constexpr int messages = 1500;
    const std::string long_id(8000, 'i'); // it stands in the answer: together more than sockets buffer
    std::string unsent;
    for (int i = 0; i < messages; ++i)
        unsent += framed(message_with_id(std::to_string(i) + long_id));
    const auto is_ready = [&](short events, std::chrono::milliseconds within) {
        pollfd one{sender.native_handle(), events, 0};
        return ::poll(&one, 1, static_cast<int>(within.count())) > 0 && (one.revents & events) != 0;
    };
    const auto send = [&] {
        boost::system::error_code full;
        unsent.erase(0, sender.write_some(asio::buffer(unsent), full));
    };
    while (!unsent.empty() && is_ready(POLLOUT, 500ms))
        send();
    ASSERT_FALSE(unsent.empty()) << "answers have not piled up";

    auditgate::hl7v2::mllp_framer framer;
    std::vector<char> buffer(1 << 20);
    int answered = 0;
    while (answered < messages && is_ready(POLLIN, 20s)) {
        boost::system::error_code failure;
        framer.feed(std::string_view(buffer.data(), sender.read_some(asio::buffer(buffer), failure)));
        ASSERT_FALSE(failure) << failure.message();
        while (const auto event = framer.next()) {
            const std::string expected = "MSA|AA|" + std::to_string(answered++) + long_id + "\r";
            EXPECT_NE(event->bytes.find(expected), std::string::npos);
        }
        if (!unsent.empty() && is_ready(POLLOUT, 0ms))
            send();
    }
    EXPECT_EQ(answered, messages);
}

TEST_F(MllpListener, SaysWhenItsCertificateCannotBeUsed) {
    listener_.tls = network::tls_settings{"/nowhere/c.pem", "/nowhere/k.pem", std::nullopt, {}};
    const auto started =
        start_mllp_listener(threads_.executor(), listener_, messages_, gate_, health_, metrics_, log_);
    ASSERT_FALSE(started);
    EXPECT_EQ(started.error().code, errc::configuration);
    EXPECT_NE(started.error().message.find("/nowhere/c.pem"), std::string::npos);
}

} // namespace
