// MLLP over TLS, and the SQLite store behind the listener.
#include "gateway/intake/mllp_listener.hpp"
#include "gateway/security/key_file.hpp"
#include "gateway/store/sqlite_store.hpp"
#include "tests/support/certificate.hpp"
#include "tests/support/io_threads.hpp"
#include "tests/support/recording_logger.hpp"
#include "tests/support/support.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

using namespace auditgate::gateway;
using namespace auditgate::gateway::intake;
using namespace std::chrono_literals;
namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

using session_pointer = std::unique_ptr<SSL_SESSION, decltype(&SSL_SESSION_free)>;

struct silent_signal final : work_signal {
    void work_arrived() override {}
};

const std::string frame = "\x0bMSH|^~\\&|PAS|RXX|EPR|RXX|20260504||ADT^A08|T1|P|2.5\rPID|1\r\x1c\r";

class MllpOverTls : public testing::Test {
protected:
    MllpOverTls() {
        auditgate::test::write_self_signed_certificate(folder_.path(), "gateway", "localhost");
        auditgate::test::write_self_signed_certificate(folder_.path(), "sender", "sender");
        listener_.name = "main";
        listener_.address = "127.0.0.1";
        listener_.port = 0;
        listener_.tls = network::tls_settings{
            folder_.path() / "gateway.pem", folder_.path() / "gateway.key", std::nullopt, {}};
        const auto keys_folder = store::keys_folder(folder_.path());
        EXPECT_TRUE(security::key_ring::create(keys_folder, std::chrono::sys_seconds(0s)));
        keys_ = *security::key_ring::open(keys_folder);
        store_ = *store::create_sqlite_store(store::database_path(folder_.path()), *keys_);
        journal_ = std::make_unique<store::journal>(*store_);
        gate_ = std::make_unique<journal_gate>(*journal_, mapping_, health_, metrics_, log_);
    }
    void TearDown() override {
        if (running_)
            running_->stop(1s);
        journal_->stop();
    }

    void start() {
        auto started =
            start_mllp_listener(threads_.executor(), listener_, messages_, *gate_, health_, metrics_, log_);
        ASSERT_TRUE(started) << started.error().message;
        running_ = std::move(*started);
    }

    // Sends one frame and reads one; empty when the handshake or the exchange fails. Resumes `session` when there is one,
    // and leaves there the one to resume next time.
    std::string exchange(asio::ssl::context& tls, session_pointer* session = nullptr) {
        asio::io_context context;
        asio::ssl::stream<tcp::socket> stream(context, tls);
        if (session != nullptr && *session != nullptr)
            SSL_set_session(stream.native_handle(), session->get());
        boost::system::error_code failure;
        stream.next_layer().connect({asio::ip::address_v4::loopback(), running_->port()}, failure);
        stream.handshake(asio::ssl::stream_base::client, failure);
        std::string answer;
        if (!failure)
            asio::write(stream, asio::buffer(frame), failure);
        if (!failure)
            asio::read_until(stream, asio::dynamic_buffer(answer), "\x1c\r", failure);
        resumed_ = SSL_session_reused(stream.native_handle()) == 1;
        if (session != nullptr)
            session->reset(SSL_get1_session(stream.native_handle()));
        SSL_shutdown(stream.native_handle()); // else the session cannot be resumed
        return answer;
    }

    auditgate::test::temporary_folder folder_;
    std::vector<source_config> sources_;
    listener_config listener_;
    auditgate::test::recording_logger log_;
    observe::metrics metrics_;
    observe::health health_;
    silent_signal mapping_;
    std::unique_ptr<security::key_ring> keys_;
    std::unique_ptr<store::store> store_;
    std::unique_ptr<store::journal> journal_;
    std::unique_ptr<journal_gate> gate_;
    message_intake messages_{sources_, observe::system_now, [] { return std::string("ID"); }};
    auditgate::test::io_threads threads_;
    std::unique_ptr<mllp_listener> running_;
    bool resumed_ = false; // the session of the last exchange() began in an earlier one
};

TEST_F(MllpOverTls, JournalsAndAnswers) {
    start();
    asio::ssl::context tls(asio::ssl::context::tls_client);
    tls.load_verify_file((folder_.path() / "gateway.pem").string());
    tls.set_verify_mode(asio::ssl::verify_peer);
    EXPECT_NE(exchange(tls).find("MSA|AA|T1"), std::string::npos);
    const auto stored = store_->messages({});
    ASSERT_TRUE(stored);
    ASSERT_EQ(stored->size(), 1u);
    EXPECT_EQ("\x0b" + stored->at(0).bytes + "\x1c\r", frame);
    EXPECT_EQ(stored->at(0).reason, "unknown-source");
}

TEST_F(MllpOverTls, AsksSendersForTheirCertificate) {
    listener_.tls->client_authorities_file = folder_.path() / "sender.pem";
    start();
    asio::ssl::context nobody(asio::ssl::context::tls_client);
    EXPECT_EQ(exchange(nobody), "");
    asio::ssl::context sender(asio::ssl::context::tls_client);
    sender.use_certificate_file((folder_.path() / "sender.pem").string(), asio::ssl::context::pem);
    sender.use_private_key_file((folder_.path() / "sender.key").string(), asio::ssl::context::pem);
    EXPECT_NE(exchange(sender).find("MSA|AA|T1"), std::string::npos);
}

TEST_F(MllpOverTls, LetsInOnlyThoseNamed) {
    listener_.tls->client_authorities_file = folder_.path() / "sender.pem";
    listener_.tls->client_names = {"somebody-else", "SENDER"};
    start();
    asio::ssl::context sender(asio::ssl::context::tls_client);
    sender.use_certificate_file((folder_.path() / "sender.pem").string(), asio::ssl::context::pem);
    sender.use_private_key_file((folder_.path() / "sender.key").string(), asio::ssl::context::pem);
    EXPECT_NE(exchange(sender).find("MSA|AA|T1"), std::string::npos);
    running_->stop(1s);
    listener_.tls->client_names = {"somebody-else", "send"};
    start();
    EXPECT_EQ(exchange(sender), "");
}

TEST_F(MllpOverTls, LetsSendersWithACertificateResumeTheirSession) {
    listener_.tls->client_authorities_file = folder_.path() / "sender.pem";
    start();
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        asio::ssl::context sender(asio::ssl::context::tls_client);
        SSL_CTX_set_max_proto_version(sender.native_handle(), version);
        sender.use_certificate_file((folder_.path() / "sender.pem").string(), asio::ssl::context::pem);
        sender.use_private_key_file((folder_.path() / "sender.key").string(), asio::ssl::context::pem);
        session_pointer session(nullptr, &SSL_SESSION_free);
        EXPECT_NE(exchange(sender, &session).find("MSA|AA|T1"), std::string::npos);
        EXPECT_FALSE(resumed_);
        EXPECT_NE(exchange(sender, &session).find("MSA|AA|T1"), std::string::npos) << version;
        EXPECT_TRUE(resumed_) << version;
    }
}

TEST_F(MllpOverTls, ClosesConnectionsThatDoNotShakeHands) {
    listener_.limits.frame_timeout = 50ms;
    start();
    asio::io_context context;
    tcp::socket socket(context);
    socket.connect({asio::ip::address_v4::loopback(), running_->port()});
    char byte = 0;
    boost::system::error_code closed;
    asio::read(socket, asio::buffer(&byte, 1), closed);
    EXPECT_TRUE(closed);
    EXPECT_TRUE(log_.has("mllp-closed"));
}

TEST_F(MllpOverTls, ClosesOnPlainBytes) {
    start();
    asio::io_context context;
    tcp::socket socket(context);
    socket.connect({asio::ip::address_v4::loopback(), running_->port()});
    asio::write(socket, asio::buffer(frame));
    std::string answer;
    boost::system::error_code closed;
    asio::read(socket, asio::dynamic_buffer(answer), closed);
    EXPECT_TRUE(closed);
    EXPECT_EQ(answer.find("MSA"), std::string::npos);
}

} // namespace
