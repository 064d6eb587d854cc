#include "gateway/intake/http_operations.hpp"
#include "tests/support/io_threads.hpp"
#include "tests/support/recording_logger.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

using namespace auditgate::gateway;
using namespace auditgate::gateway::intake;
using boost::asio::ip::tcp;

namespace {

TEST(Operations, AnswersMonitoring) {
    observe::metrics metrics;
    metrics.counter("auditgate_things_total", "Things").add(3);
    observe::health health;
    const auto answer = [&](std::string_view method, std::string_view target) {
        return answer_operations_request(method, target, metrics, health);
    };
    EXPECT_EQ(answer("GET", "/health/live").status, 200u);
    EXPECT_EQ(answer("GET", "/health/ready?verbose=1").status, 200u);
    health.set_not_ready("store", "store-unavailable");
    EXPECT_EQ(answer("GET", "/health/ready").status, 503u);
    EXPECT_EQ(answer("GET", "/health/ready").body,
              "{\"ready\":false,\"parts\":{\"store\":\"store-unavailable\"}}\n");
    EXPECT_NE(answer("GET", "/metrics").body.find("auditgate_things_total 3"), std::string::npos);
    EXPECT_EQ(answer("POST", "/metrics").status, 405u);
    EXPECT_EQ(answer("GET", "/").status, 404u);
}

class OperationsServer : public testing::Test {
protected:
    std::string exchange(std::string_view request) {
        boost::asio::io_context context;
        tcp::socket socket(context);
        socket.connect({boost::asio::ip::address_v4::loopback(), server_->port()});
        boost::asio::write(socket, boost::asio::buffer(request));
        std::string answer;
        boost::system::error_code end;
        boost::asio::read(socket, boost::asio::dynamic_buffer(answer), end);
        return answer;
    }

    void SetUp() override {
        auto started = start_operations_server(threads_.executor(), "127.0.0.1", 0, metrics_, health_, log_);
        ASSERT_TRUE(started) << started.error().message;
        server_ = std::move(*started);
    }
    void TearDown() override {
        if (server_)
            server_->stop();
    }

    observe::metrics metrics_;
    observe::health health_;
    auditgate::test::recording_logger log_;
    std::unique_ptr<operations_server> server_;
    auditgate::test::io_threads threads_;
};

TEST_F(OperationsServer, SpeaksHttp) {
    const std::string answer = exchange("GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n")) << answer;
    EXPECT_TRUE(answer.ends_with("\r\n\r\n{\"live\":true}\n")) << answer;
}

TEST_F(OperationsServer, TellsWhatIsNoHttp) {
    EXPECT_TRUE(exchange("\x0bMSH|^~\\&|\x1c\r\n\r\n").starts_with("HTTP/1.1 400 "));
}

TEST_F(OperationsServer, StopsWithAnOpenConnection) {
    boost::asio::io_context context;
    tcp::socket socket(context);
    socket.connect({boost::asio::ip::address_v4::loopback(), server_->port()});
    exchange("GET /health/live HTTP/1.0\r\n\r\n");
    server_->stop();
    char byte = 0;
    boost::system::error_code end;
    boost::asio::read(socket, boost::asio::buffer(&byte, 1), end);
    EXPECT_TRUE(end);
}

TEST_F(OperationsServer, SaysWhenThePortIsTaken) {
    const auto second =
        start_operations_server(threads_.executor(), "127.0.0.1", server_->port(), metrics_, health_, log_);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, errc::configuration);
    const auto no_address =
        start_operations_server(threads_.executor(), "localhost", 0, metrics_, health_, log_);
    ASSERT_FALSE(no_address);
    EXPECT_EQ(no_address.error().message, "`localhost` is not an IP address to listen on");
}

} // namespace
