// One MLLP connection on a stream that behaves as badly as a test wants.
#include "gateway/intake/mllp_connection.hpp"
#include "gateway/network/coroutine.hpp"
#include "gateway/network/task_group.hpp"
#include "tests/support/io_threads.hpp"
#include "tests/support/memory_store.hpp"
#include "tests/support/recording_logger.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/strand.hpp>
#include <gtest/gtest.h>

#include <future>
#include <stdexcept>
#include <thread>

using namespace auditgate::gateway;
using namespace auditgate::gateway::intake;
using namespace std::chrono_literals;
namespace asio = boost::asio;

namespace {

struct silent_signal final : work_signal {
    void work_arrived() override {}
};

// Where it fails in an unexpected way: the first takes nothing at once otherwise.
enum class breaks_in { write, write_at_once };

// Gives one whole frame, then nothing more; fails when it is to write the answer.
class breaking_stream final : public byte_stream {
public:
    breaking_stream(const asio::any_io_executor& strand, breaks_in where, std::promise<void>& closed)
        : where_(where), nothing_more_(strand, steady_time::max()), closed_(closed) {}

    asio::awaitable<boost::system::error_code> handshake() override { co_return boost::system::error_code(); }
    asio::awaitable<io_outcome> read_some(asio::mutable_buffer into) override {
        if (frame_.empty()) {
            (void)co_await nothing_more_.async_wait(network::as_result);
            co_return io_outcome{asio::error::operation_aborted, 0};
        }
        const std::string frame = std::exchange(frame_, "");
        co_return io_outcome{{}, asio::buffer_copy(into, asio::buffer(frame))};
    }
    asio::awaitable<io_outcome> write(asio::const_buffer) override {
        throw std::runtime_error("CANARY");
        co_return io_outcome{};
    }
    std::size_t write_at_once(asio::const_buffer) override {
        if (where_ == breaks_in::write_at_once)
            throw std::runtime_error("CANARY");
        return 0;
    }
    void close() override {
        nothing_more_.cancel();
        closed_.set_value();
    }

private:
    breaks_in where_;
    std::string frame_ = "\x0bMSH|^~\\&|PAS|RXX|EPR|RXX|20260504||ADT^A08|C1|P|2.5\r\x1c\r";
    asio::steady_timer nothing_more_;
    std::promise<void>& closed_;
};

class BreakingConnection : public testing::TestWithParam<breaks_in> {};
INSTANTIATE_TEST_SUITE_P(Mllp, BreakingConnection,
                         testing::Values(breaks_in::write, breaks_in::write_at_once));

TEST_P(BreakingConnection, IsClosed) {
    auditgate::test::recording_logger log;
    observe::metrics metrics;
    observe::health health;
    silent_signal mapping;
    auditgate::test::memory_store store;
    store::journal journal(store);
    journal_gate gate(journal, mapping, health, metrics, log);
    const std::vector<source_config> sources;
    const message_intake messages(sources, observe::system_now, [] { return std::string("ID"); });
    listener_config listener;
    listener.name = "main";
    const mllp_event_counts events = mllp_event_counters(metrics, listener.name);
    auditgate::test::io_threads threads;
    const mllp_services services{listener,
                                 messages,
                                 gate,
                                 events,
                                 std::make_shared<buffer_budget>(listener.limits.buffered_bytes_max),
                                 std::make_shared<answer_relay>(threads.executor()),
                                 log};
    std::promise<void> closed;
    network::task_group tasks(log);
    {
        const asio::any_io_executor strand = asio::make_strand(threads.executor());
        auto connection = mllp_connection::create(
            strand, std::make_unique<breaking_stream>(strand, GetParam(), closed), "10.0.0.1:4711", services);
        tasks.spawn("watch", strand, connection->watch(connection));
        tasks.spawn("write", strand, connection->write(connection));
        tasks.spawn("read", strand, connection->read(connection));
    }
    EXPECT_EQ(closed.get_future().wait_for(10s), std::future_status::ready);
    tasks.stop(10s);
    journal.stop();
    EXPECT_EQ(store.appended().size(), 1u);
    EXPECT_EQ(events.at("defect").value(), 1);
    ASSERT_TRUE(log.has("task-failed"));
    for (const std::string& line : log.lines())
        EXPECT_EQ(line.find("CANARY"), std::string::npos) << line;
    EXPECT_NE(log.lines().back().find("std::runtime_error"), std::string::npos) << log.lines().back();
}

} // namespace
