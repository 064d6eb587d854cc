// Senders whose connections break at any moment, and who send again what was not acknowledged: nothing is lost, nothing
// counts twice, and each sender's messages stay in order. Half of the connections are TLS. AUDITGATE_CUTS sets how many
// connections are cut (default 200).
#include "gateway/intake/mllp_listener.hpp"
#include "gateway/security/key_file.hpp"
#include "gateway/store/sqlite_store.hpp"
#include "tests/support/certificate.hpp"
#include "tests/support/io_threads.hpp"
#include "tests/support/recording_logger.hpp"
#include "tests/support/support.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <iostream>
#include <map>
#include <random>
#include <thread>

namespace auditgate::gateway::intake {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using namespace std::chrono_literals;

std::vector<source_config> one_source() {
    std::vector<source_config> sources(1);
    sources.front().name = "pas";
    return sources;
}

struct silent_signal final : work_signal {
    void work_arrived() override {}
};

// One sender: sends its messages in order, the next one when this one is acknowledged.
class cut_off_sender {
public:
    cut_off_sender(int number, std::uint16_t plain_port, std::uint16_t tls_port, std::atomic<int>& cuts_left)
        : number_(number), plain_port_(plain_port), tls_port_(tls_port), cuts_left_(cuts_left),
          random_(static_cast<unsigned>(number)) {}

    // How many messages were acknowledged when no more cuts are left.
    int run() {
        int sent = 0;
        while (cuts_left_ > 0 && sent < 100'000) {
            const std::string frame = "\x0bMSH|^~\\&|PAS|S" + std::to_string(number_) +
                                      "|EPR|RXX|20260504||ADT^A08|" + std::to_string(number_) + "-" +
                                      std::to_string(sent) + "|P|2.5\rPID|1\rNTE|1||" +
                                      std::string(below(3000), 'x') + "\r\x1c\r";
            while (!exchange(frame)) {
            }
            ++sent;
        }
        return sent;
    }

private:
    std::size_t below(std::size_t limit) {
        return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random_);
    }

    // True when the acknowledgement was read whole.
    bool exchange(const std::string& frame) {
        asio::io_context context;
        tcp::socket socket(context);
        boost::system::error_code failure;
        const bool with_tls = below(2) == 0;
        socket.connect({asio::ip::address_v4::loopback(), with_tls ? tls_port_ : plain_port_}, failure);
        if (failure)
            return false;
        if (below(2) == 0) // the connection ends with a reset, not with an end
            socket.set_option(asio::socket_base::linger(true, 0), failure);
        if (!with_tls)
            return talk(socket, frame);
        asio::ssl::context tls(asio::ssl::context::tls_client);
        asio::ssl::stream<tcp::socket&> stream(socket, tls);
        if (is_cut())
            return false;
        stream.handshake(asio::ssl::stream_base::client, failure);
        return !failure && talk(stream, frame);
    }

    template <class Stream>
    bool talk(Stream& stream, const std::string& frame) {
        boost::system::error_code failure;
        if (is_cut()) {
            asio::write(stream, asio::buffer(frame, below(frame.size())), failure);
            return false;
        }
        asio::write(stream, asio::buffer(frame), failure);
        if (failure || is_cut())
            return false; // it may be stored all the same
        std::string answer;
        asio::read_until(stream, asio::dynamic_buffer(answer), "\x1c\r", failure);
        return !failure && answer.find("MSA|AA|") != std::string::npos;
    }

    bool is_cut() { return below(4) == 0 && cuts_left_-- > 0; }

    int number_;
    std::uint16_t plain_port_, tls_port_;
    std::atomic<int>& cuts_left_;
    std::mt19937 random_;
};

class Reconnect : public testing::Test {
protected:
    Reconnect() {
        test::write_self_signed_certificate(folder_.path(), "gateway", "localhost");
        const auto keys_folder = store::keys_folder(folder_.path());
        EXPECT_TRUE(security::key_ring::create(keys_folder, std::chrono::sys_seconds(0s)));
        keys_ = *security::key_ring::open(keys_folder);
        store_ = *store::create_sqlite_store(store::database_path(folder_.path()), *keys_);
        journal_ = std::make_unique<store::journal>(*store_);
        gate_ = std::make_unique<journal_gate>(*journal_, mapping_, health_, metrics_, log_);
        for (listener_config* one : {&plain_, &tls_}) {
            one->address = "127.0.0.1";
            one->port = 0;
        }
        plain_.name = "plain";
        tls_.name = "tls";
        tls_.tls.emplace();
        tls_.tls->certificate_file = folder_.path() / "gateway.pem";
        tls_.tls->key_file = folder_.path() / "gateway.key";
    }

    std::unique_ptr<mllp_listener> open(const listener_config& listener) {
        auto started =
            start_mllp_listener(threads_.executor(), listener, messages_, *gate_, health_, metrics_, log_);
        EXPECT_TRUE(started) << started.error().message;
        return std::move(*started);
    }

    test::temporary_folder folder_;
    std::vector<source_config> sources_ = one_source();
    listener_config plain_, tls_;
    test::recording_logger log_;
    observe::metrics metrics_;
    observe::health health_;
    silent_signal mapping_;
    std::unique_ptr<security::key_ring> keys_;
    std::unique_ptr<store::store> store_;
    std::unique_ptr<store::journal> journal_;
    std::unique_ptr<journal_gate> gate_;
    message_intake messages_{sources_, observe::system_now, [] { return std::string("ID"); }};
    test::io_threads threads_;
};

TEST_F(Reconnect, LosesNothingAndCountsNothingTwice) {
    constexpr int senders = 8;
    const char* wanted = std::getenv("AUDITGATE_CUTS");
    std::atomic<int> cuts_left = wanted == nullptr ? 200 : std::stoi(wanted);
    const auto plain = open(plain_);
    const auto tls = open(tls_);
    std::array<int, senders> acknowledged{};
    std::vector<std::thread> threads;
    for (int i = 0; i < senders; ++i)
        threads.emplace_back([&, i] {
            acknowledged.at(static_cast<std::size_t>(i)) =
                cut_off_sender(i, plain->port(), tls->port(), cuts_left).run();
        });
    for (std::thread& one : threads)
        one.join();
    plain->stop(5s);
    tls->stop(5s);
    journal_->stop();

    store::message_filter filter;
    filter.states = {store::message_state::waiting};
    filter.limit = 1'000'000;
    const auto waiting = store_->messages(filter);
    ASSERT_TRUE(waiting) << waiting.error().message;
    std::map<std::string, int> last; // sender to the number of its message, newest first
    for (const store::stored_message& one : *waiting) {
        const std::size_t hyphen = one.control_id.find('-');
        const std::string sender = one.control_id.substr(0, hyphen);
        const int number = std::stoi(one.control_id.substr(hyphen + 1));
        if (last.contains(sender)) {
            EXPECT_EQ(number, last[sender] - 1) << "sender " << sender << ": lost, doubled or out of order";
        }
        last[sender] = number;
    }
    int expected = 0;
    for (const int one : acknowledged)
        expected += one;
    EXPECT_EQ(waiting->size(), static_cast<std::size_t>(expected));
    EXPECT_GT(expected, senders);
    const auto counts = store_->message_counts();
    ASSERT_TRUE(counts);
    std::int64_t duplicates = 0;
    for (const store::message_count& one : *counts) {
        EXPECT_TRUE(one.adds_up());
        if (const auto found = one.states.find(store::message_state::duplicate); found != one.states.end())
            duplicates += found->second;
    }
    EXPECT_GT(duplicates, 0) << "no connection was cut between commit and answer: the test shows nothing";
    RecordProperty("messages", expected);
    RecordProperty("duplicates", static_cast<int>(duplicates));
    std::cout << expected << " messages, " << duplicates << " sent again after their commit\n";
}

} // namespace
} // namespace auditgate::gateway::intake
