// The HTTP port as it looks on the wire, whoever answers.
#include "gateway/network/http_server.hpp"
#include "tests/support/io_threads.hpp"
#include "tests/support/processes.hpp"
#include "tests/support/recording_logger.hpp"

#include <gtest/gtest.h>

#include <future>
#include <thread>

namespace auditgate::gateway::network {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t no_end = 1'000'000;

// Answers with what it was asked, or keeps the request for later.
class echo final : public http_handler {
public:
    void handle(http_request request, answer_taker answer) override {
        if (request.path() == "/defect")
            throw std::runtime_error("CANARY");
        if (request.path() == "/later") {
            later.set_value(std::move(answer));
            return;
        }
        http_answer made;
        made.content_type = "text/plain";
        made.fields = {{"X-Seen", std::string(request.field("x-request-id"))}};
        made.body = request.method + " " + request.target + " " + request.body;
        answer(std::move(made));
    }
    http_answer refuse(unsigned status) override {
        http_answer made;
        made.status = status;
        made.body = "refused";
        return made;
    }

    std::promise<answer_taker> later;
};

class HttpPort : public testing::Test {
protected:
    void start() {
        http_port wanted;
        wanted.name = "test";
        wanted.address = "127.0.0.1";
        wanted.limits = limits_;
        auto started = start_http_server(threads_.executor(), wanted, handler_, log_);
        ASSERT_TRUE(started) << started.error().message;
        server_ = std::move(*started);
    }
    void TearDown() override {
        if (server_)
            server_->stop(1s);
    }
    std::string exchange(std::string_view bytes) {
        test::tcp_connection connection(server_->port());
        EXPECT_TRUE(connection.send(bytes));
        return connection.receive(no_end);
    }

    http_limits limits_;
    echo handler_;
    test::recording_logger log_;
    test::io_threads threads_;
    std::unique_ptr<http_server> server_;
};

TEST_F(HttpPort, GivesTheHandlerWhatCameAndThePeerWhatItSays) {
    start();
    const std::string answer = exchange("POST /a?b=c HTTP/1.1\r\nHost: x\r\nX-REQUEST-ID: 42\r\n"
                                        "Content-Length: 4\r\nConnection: close\r\n\r\nbody");
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n")) << answer;
    EXPECT_NE(answer.find("X-Seen: 42\r\n"), std::string::npos) << answer;
    EXPECT_TRUE(answer.ends_with("\r\n\r\nPOST /a?b=c body")) << answer;
}

TEST_F(HttpPort, AnswersPipelinedRequestsInOrder) {
    start();
    const std::string answers = exchange("GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n"
                                         "Connection: close\r\n\r\n");
    EXPECT_LT(answers.find("GET /1"), answers.find("GET /2"));
    EXPECT_NE(answers.find("GET /2"), std::string::npos);
}

TEST_F(HttpPort, TellsWhatIsNoRequest) {
    start();
    EXPECT_TRUE(exchange("MSH|^~\\&|PAS\r\n\r\n").starts_with("HTTP/1.1 400 "));
    EXPECT_TRUE(exchange("POST / HTTP/1.1\r\nContent-Length: many\r\n\r\n").starts_with("HTTP/1.1 400 "));
}

// Its body would be taken for the next request (RFC 9112 section 11.2).
TEST_F(HttpPort, RefusesABodyWhoseEndNobodyKnows) {
    start();
    for (const char* coding : {"gzip", "chunked, identity"}) {
        const std::string answer =
            exchange("POST /1 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: " + std::string(coding) +
                     "\r\n\r\nGET /2 HTTP/1.1\r\n\r\n");
        EXPECT_TRUE(answer.starts_with("HTTP/1.1 400 ")) << answer;
        EXPECT_EQ(answer.find("/2"), std::string::npos) << answer;
    }
}

TEST_F(HttpPort, TellsThatAHeaderIsTooLong) {
    limits_.header_bytes_max = 500;
    start();
    const std::string answer = exchange("GET / HTTP/1.1\r\nX: " + std::string(1000, 'x') + "\r\n\r\n");
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 431 ")) << answer;
}

TEST_F(HttpPort, TellsThatABodyIsTooLongWithoutWaitingForIt) {
    limits_.body_bytes_max = 10;
    start();
    const std::string answer = exchange("POST / HTTP/1.1\r\nContent-Length: 1000\r\n\r\n");
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 413 ")) << answer;
    EXPECT_NE(answer.find("Connection: close"), std::string::npos) << answer;
}

TEST_F(HttpPort, HasNoMoreMemoryForBodiesThanItsLimit) {
    limits_.buffered_bytes_max = 100;
    start();
    test::tcp_connection first(server_->port());
    ASSERT_TRUE(first.send("POST / HTTP/1.1\r\nContent-Length: 500\r\nExpect: 100-continue\r\n"
                           "Connection: close\r\n\r\n"));
    EXPECT_TRUE(first.receive(20).starts_with("HTTP/1.1 100 ")); // one alone may be longer
    EXPECT_TRUE(
        exchange("POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\n0123456789").starts_with("HTTP/1.1 503 "));
    EXPECT_TRUE(exchange("GET /1 HTTP/1.1\r\nConnection: close\r\n\r\n").starts_with("HTTP/1.1 200 "));
    ASSERT_TRUE(first.send(std::string(500, 'x')));
    EXPECT_NE(first.receive(no_end).find("HTTP/1.1 200 "), std::string::npos);
    EXPECT_TRUE(exchange("POST / HTTP/1.1\r\nContent-Length: 10\r\nConnection: close\r\n\r\n0123456789")
                    .starts_with("HTTP/1.1 200 "));
}

// curl waits for this before it sends a body of more than 1 MB.
TEST_F(HttpPort, AsksForTheBodyOfWhoWaitsToBeAsked) {
    start();
    test::tcp_connection connection(server_->port());
    ASSERT_TRUE(connection.send("POST / HTTP/1.1\r\nContent-Length: 4\r\nExpect: 100-continue\r\n"
                                "Connection: close\r\n\r\n"));
    EXPECT_TRUE(connection.receive(20).starts_with("HTTP/1.1 100 "));
    ASSERT_TRUE(connection.send("body"));
    EXPECT_TRUE(connection.receive(no_end).ends_with("POST / body"));
}

TEST_F(HttpPort, WaitsForAnAnswerFromAnotherThread) {
    start();
    auto asked = std::async(std::launch::async,
                            [this] { return exchange("GET /later HTTP/1.1\r\nConnection: close\r\n\r\n"); });
    const answer_taker answer = handler_.later.get_future().get();
    http_answer made;
    made.body = "at last";
    answer(std::move(made));
    EXPECT_TRUE(asked.get().ends_with("at last"));
}

TEST_F(HttpPort, DoesNotWaitForEver) {
    limits_.answer_timeout = 50ms;
    start();
    const std::string answer = exchange("GET /later HTTP/1.1\r\n\r\n");
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 504 ")) << answer;
    EXPECT_NE(answer.find("Connection: close"), std::string::npos) << answer;
    handler_.later.get_future().get()({}); // nobody waits for it any more
}

TEST_F(HttpPort, LetsARequestUnderWayEndWhenItStops) {
    start();
    auto asked = std::async(std::launch::async, [this] { return exchange("GET /later HTTP/1.1\r\n\r\n"); });
    const answer_taker answer = handler_.later.get_future().get();
    server_->begin_stop();
    http_answer made;
    made.body = "at last";
    answer(std::move(made));
    server_->stop(10s);
    EXPECT_TRUE(asked.get().ends_with("at last"));
}

TEST_F(HttpPort, DoesNotLetARequestHoldUpAStop) {
    start();
    auto asked = std::async(std::launch::async, [this] { return exchange("GET /later HTTP/1.1\r\n\r\n"); });
    const answer_taker answer = handler_.later.get_future().get();
    server_->stop(50ms);
    asked.get();
    answer({});
}

TEST_F(HttpPort, ClosesTheConnectionOfADefect) {
    start();
    EXPECT_EQ(exchange("GET /defect HTTP/1.1\r\n\r\n"), "");
    server_->stop(10s); // the connection's task has ended by then
    ASSERT_TRUE(log_.has("task-failed"));
    for (const std::string& line : log_.lines())
        EXPECT_EQ(line.find("CANARY"), std::string::npos) << line;
}

} // namespace
} // namespace auditgate::gateway::network
