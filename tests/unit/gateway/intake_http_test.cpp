// HL7 v2 over HTTP, on the wire.
#include "gateway/intake/http_intake.hpp"
#include "tests/support/io_threads.hpp"
#include "tests/support/memory_store.hpp"
#include "tests/support/processes.hpp"
#include "tests/support/recording_logger.hpp"
#include "tests/support/support.hpp"

#include <gtest/gtest.h>

namespace auditgate::gateway::intake {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t no_end = 1'000'000;
const std::string message = "MSH|^~\\&|PAS|RXX|EPR|RXX|20260504||ADT^A08|H1|P|2.5\rPID|1\r";

std::vector<source_config> one_source() {
    std::vector<source_config> sources(1);
    sources.front().name = "pas";
    return sources;
}

struct silent_signal final : work_signal {
    void work_arrived() override {}
};

struct post {
    std::string body = message;
    std::string type = "application/hl7-v2";
    std::string more; // header lines
    std::string target = "/hl7v2";
    std::string method = "POST";
};

class HttpIntake : public testing::Test {
protected:
    HttpIntake() {
        listener_.name = "web";
        listener_.protocol = listener_protocol::http;
        listener_.address = "127.0.0.1";
        listener_.port = 0;
    }
    void start() {
        auto started =
            start_http_intake(threads_.executor(), listener_, messages_, gate_, health_, metrics_, log_);
        ASSERT_TRUE(started) << started.error().message;
        server_ = std::move(*started);
    }
    void TearDown() override {
        if (server_)
            server_->stop(1s);
        journal_.stop();
    }
    std::string answer_to(const post& what) {
        test::tcp_connection connection(server_->port());
        EXPECT_TRUE(connection.send(
            what.method + " " + what.target + " HTTP/1.1\r\nHost: x\r\nContent-Type: " + what.type + "\r\n" +
            what.more + "Connection: close\r\nContent-Length: " + std::to_string(what.body.size()) +
            "\r\n\r\n" + what.body));
        return connection.receive(no_end);
    }

    listener_config listener_;
    std::vector<source_config> sources_ = one_source();
    test::temporary_folder folder_;
    test::recording_logger log_;
    observe::metrics metrics_;
    observe::health health_;
    silent_signal mapping_;
    test::memory_store store_;
    store::journal journal_{store_};
    journal_gate gate_{journal_, mapping_, health_, metrics_, log_};
    message_intake messages_{sources_, observe::system_now, [] { return std::string("ID"); }};
    test::io_threads threads_;
    std::unique_ptr<network::http_server> server_;
};

TEST_F(HttpIntake, AnswersWithTheAcknowledgementAfterTheCommit) {
    start();
    const std::string answer = answer_to({});
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 ")) << answer;
    EXPECT_NE(answer.find("Content-Type: application/hl7-v2+er7\r\n"), std::string::npos) << answer;
    EXPECT_NE(answer.find("\r\n\r\nMSH|^~\\&|EPR|RXX|PAS|RXX|"), std::string::npos) << answer;
    EXPECT_NE(answer.find("\rMSA|AA|H1"), std::string::npos) << answer;
    ASSERT_EQ(store_.appended().size(), 1u);
    const store::incoming_message stored = store_.appended().front();
    EXPECT_EQ(stored.bytes, message);
    EXPECT_EQ(stored.transport, "http");
    EXPECT_EQ(stored.format, "hl7v2");
    EXPECT_EQ(stored.source, "pas");
    EXPECT_TRUE(stored.peer.starts_with("127.0.0.1:")) << stored.peer;
}

TEST_F(HttpIntake, SaysNoByTheStatusToo) {
    start();
    post wrong;
    wrong.body = "MSH|^~\\&|PAS|RXX|EPR|RXX|20260504||ADT^A08|H1|P|9.9\r";
    const std::string answer = answer_to(wrong);
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 400 ")) << answer;
    EXPECT_NE(answer.find("\rMSA|AR|H1"), std::string::npos) << answer;
    wrong.body = "nothing";
    EXPECT_TRUE(answer_to(wrong).starts_with("HTTP/1.1 400 "));
    EXPECT_EQ(store_.appended().size(), 2u); // refused and quarantined: the bytes are kept
}

TEST_F(HttpIntake, GivesNoBodyToWhoWantsNone) {
    start();
    post quiet;
    quiet.body = "MSH|^~\\&|PAS|RXX|EPR|RXX|20260504||ADT^A08|H1|P|2.5|||NE|NE\r";
    const std::string answer = answer_to(quiet);
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 204 ")) << answer;
    EXPECT_TRUE(answer.ends_with("\r\n\r\n")) << answer;
    EXPECT_EQ(answer.find("Content-Length"), std::string::npos) << answer;
}

TEST_F(HttpIntake, GivesTheApplicationsAnswerWhereBothAreWanted) {
    start();
    post both;
    both.body = "MSH|^~\\&|PAS|RXX|EPR|RXX|20260504||ADT^A08|H1|P|2.5|||AL|AL\r";
    EXPECT_NE(answer_to(both).find("\rMSA|AA|H1"), std::string::npos);
}

TEST_F(HttpIntake, KeepsWhatTheHeaderSaysOfTheCharacters) {
    start();
    post western;
    western.type = "Application/HL7-v2+er7; Charset=\"iso-8859-1\"";
    const std::string answer = answer_to(western);
    EXPECT_NE(answer.find("application/hl7-v2+er7; charset=iso-8859-1\r\n"), std::string::npos) << answer;
    EXPECT_EQ(store_.appended().at(0).format, "hl7v2; charset=iso-8859-1");
    western.type = "application/hl7-v2; charset=klingon";
    EXPECT_TRUE(answer_to(western).starts_with("HTTP/1.1 415 "));
}

TEST_F(HttpIntake, TakesTheFrameOff) {
    start();
    post framed;
    framed.body = "\x0b" + message + "\x1c\r";
    EXPECT_TRUE(answer_to(framed).starts_with("HTTP/1.1 200 "));
    EXPECT_EQ(store_.appended().at(0).bytes, message);
    framed.body = "\x0b" + message + "NTE|1||" + std::string(17'000'000, 'x') + "\r\x1c\r";
    EXPECT_TRUE(answer_to(framed).starts_with("HTTP/1.1 200 ")) << "as long as any other";
}

TEST_F(HttpIntake, TakesOneMessageARequest) {
    start();
    post batch;
    batch.body = message + message;
    const std::string answer = answer_to(batch);
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 400 ")) << answer;
    EXPECT_NE(answer.find("one message a request"), std::string::npos) << answer;
    batch.body = "\x0b" + message + "\x1c\r\x0b" + message + "\x1c\r";
    EXPECT_TRUE(answer_to(batch).starts_with("HTTP/1.1 400 "));
    batch.body = "\x0b" + message + "\x1c\r" + message;
    EXPECT_TRUE(answer_to(batch).starts_with("HTTP/1.1 400 "));
    EXPECT_TRUE(store_.appended().empty());
}

TEST_F(HttpIntake, TellsWhatItTakes) {
    start();
    post wrong;
    wrong.type = "application/x-www-form-urlencoded"; // curl, unless it is told
    EXPECT_TRUE(answer_to(wrong).starts_with("HTTP/1.1 415 "));
    wrong = {};
    wrong.more = "Content-Encoding: gzip\r\n";
    EXPECT_TRUE(answer_to(wrong).starts_with("HTTP/1.1 415 "));
    wrong = {};
    wrong.target = "/hl7";
    const std::string elsewhere = answer_to(wrong);
    EXPECT_TRUE(elsewhere.starts_with("HTTP/1.1 404 ")) << elsewhere;
    EXPECT_NE(elsewhere.find("POST /hl7v2"), std::string::npos) << elsewhere;
    wrong = {};
    wrong.method = "PUT";
    const std::string other = answer_to(wrong);
    EXPECT_TRUE(other.starts_with("HTTP/1.1 405 ")) << other;
    EXPECT_NE(other.find("Allow: POST"), std::string::npos) << other;
    EXPECT_TRUE(store_.appended().empty());
}

TEST_F(HttpIntake, TakesMessagesOfItsClientsOnly) {
    test::write_file(folder_.path() / "token", "s3cret\n");
    listener_.clients.push_back({"tie", folder_.path() / "token"});
    start();
    const std::string refused = answer_to({});
    EXPECT_TRUE(refused.starts_with("HTTP/1.1 401 ")) << refused;
    EXPECT_NE(refused.find("WWW-Authenticate: Bearer"), std::string::npos) << refused;
    post with_token;
    with_token.more = "Authorization: Bearer wrong\r\n";
    EXPECT_TRUE(answer_to(with_token).starts_with("HTTP/1.1 401 "));
    EXPECT_TRUE(store_.appended().empty());
    with_token.more = "Authorization: Bearer s3cret\r\n";
    EXPECT_TRUE(answer_to(with_token).starts_with("HTTP/1.1 200 "));
    for (const std::string& line : log_.lines())
        EXPECT_EQ(line.find("wrong"), std::string::npos) << line;
}

TEST_F(HttpIntake, NeverSaysYesToWhatTheDiskDoesNotHave) {
    start();
    store_.set_down(true);
    const std::string answer = answer_to({});
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 503 ")) << answer;
    EXPECT_NE(answer.find("Retry-After: "), std::string::npos) << answer;
    EXPECT_EQ(answer.find("MSA"), std::string::npos) << answer;
}

TEST_F(HttpIntake, IsReadyAsLongAsItIsOpen) {
    start();
    EXPECT_TRUE(health_.ready());
    server_->begin_stop();
    EXPECT_FALSE(health_.ready());
}

} // namespace
} // namespace auditgate::gateway::intake
