// The registry's port as it looks on the wire: downloads in pieces, HEAD, HTTP/1.0, refused bodies, a stop.
#include "tests/support/processes.hpp"
#include "tests/support/registry_fixture.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <thread>

namespace auditgate::gateway::registry {
namespace {

constexpr std::size_t no_end = 100'000'000;
constexpr int page_records = 200; // of a download

// Unpacks RFC 9112 chunks; nothing when the last one is missing.
std::optional<std::string> unchunked(std::string_view body) {
    std::string whole;
    while (true) {
        const std::size_t line_end = body.find("\r\n");
        if (line_end == std::string_view::npos)
            return std::nullopt;
        const std::size_t size = std::stoul(std::string(body.substr(0, line_end)), nullptr, 16);
        body.remove_prefix(line_end + 2);
        if (size == 0)
            return whole;
        if (body.size() < size + 2)
            return std::nullopt;
        whole += body.substr(0, size);
        body.remove_prefix(size + 2);
    }
}

std::string head_of(const std::string& answer) {
    return answer.substr(0, answer.find("\r\n\r\n") + 4);
}

std::string body_of(const std::string& answer) {
    return answer.substr(head_of(answer).size());
}

class RegistryOnTheWire : public ::testing::Test {
protected:
    // Puts records of the shipped dataset into the store, whose content is `pad_bytes` long and more.
    void store_records(int count, std::size_t pad_bytes = 0) {
        for (int i = 0; i < count; ++i) {
            char key[65];
            std::snprintf(key, sizeof key, "%064d", i);
            incoming_record record;
            record.sender = "hospital";
            record.record_key = key;
            record.dataset = registry_.layouts().front().dataset;
            record.version = 1;
            record.content = R"({"record_id":")" + record.record_key + R"(","pad":")" +
                             std::string(pad_bytes, 'x') + "\"}";
            ASSERT_TRUE(registry_.store().put(record, {}));
        }
    }

    static std::string request(std::string_view method, std::string_view target,
                               std::string_view version = "1.1") {
        std::string text(method);
        text.append(" ").append(target).append(" HTTP/").append(version);
        return text + "\r\nHost: registry\r\nAuthorization: Bearer reader-token\r\nConnection: close\r\n\r\n";
    }
    std::string exchange(const std::string& text) {
        test::tcp_connection connection(registry_.port());
        EXPECT_TRUE(connection.send(text));
        return connection.receive(no_end);
    }

    test::registry_fixture registry_;
};

TEST_F(RegistryOnTheWire, DownloadsEachRecordOnceOverAllPages) {
    store_records(page_records + 1);
    for (const char* target : {"/records.ndjson", "/records.csv"}) {
        const std::string answer = exchange(request("GET", target));
        EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 ")) << answer.substr(0, 200);
        const std::optional<std::string> body = unchunked(body_of(answer));
        ASSERT_TRUE(body) << target << ": the last chunk is missing";
        const int head_lines = std::string_view(target).ends_with("csv") ? 1 : 0;
        EXPECT_EQ(std::count(body->begin(), body->end(), '\n'), page_records + 1 + head_lines) << target;
        EXPECT_NE(body->find("0000200"), std::string::npos) << target;
    }
}

TEST_F(RegistryOnTheWire, DownloadsNothingAsAnEmptyBody) {
    const std::string answer = exchange(request("GET", "/records.ndjson"));
    EXPECT_EQ(body_of(answer), "0\r\n\r\n");
}

TEST_F(RegistryOnTheWire, EndsADownloadWithTheConnectionForHttp10) {
    store_records(page_records + 1);
    const std::string answer = exchange(request("GET", "/records.ndjson", "1.0"));
    EXPECT_EQ(head_of(answer).find("chunked"), std::string::npos) << head_of(answer);
    const std::string body = body_of(answer);
    EXPECT_TRUE(body.starts_with("{\"record_id\""));
    EXPECT_EQ(std::count(body.begin(), body.end(), '\n'), page_records + 1);
}

TEST_F(RegistryOnTheWire, BreaksOffADownloadWhenItStops) {
    constexpr std::size_t record_bytes = 40'000; // a page does not fit into the buffers of a connection
    store_records(2 * page_records + 1, record_bytes);
    test::tcp_connection reader(registry_.port());
    ASSERT_TRUE(reader.send(request("GET", "/records.ndjson")));
    std::string answer = reader.receive(record_bytes);
    std::thread stopping([this] { registry_.stop(); });
    answer += reader.receive(no_end);
    stopping.join();
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 "));
    EXPECT_FALSE(answer.ends_with("0\r\n\r\n"));
    EXPECT_LT(answer.size(), (2 * page_records + 1) * record_bytes);
}

TEST_F(RegistryOnTheWire, AnswersHeadWithoutABody) {
    store_records(1);
    const std::string live = exchange(request("HEAD", "/health/live"));
    EXPECT_TRUE(live.starts_with("HTTP/1.1 200 ")) << live;
    EXPECT_NE(live.find("Content-Length: 15"), std::string::npos) << live;
    EXPECT_EQ(body_of(live), "");
    EXPECT_EQ(body_of(exchange(request("HEAD", "/nowhere"))), "");
    const std::string records = exchange(request("HEAD", "/records.ndjson"));
    EXPECT_TRUE(records.starts_with("HTTP/1.1 200 ")) << records;
    EXPECT_EQ(body_of(records), "");
    EXPECT_FALSE(registry_.log().has("records-disclosed"));
}

std::string post_of(std::size_t body_bytes) {
    return "POST /fhir HTTP/1.1\r\nHost: registry\r\nContent-Type: "
           "application/fhir+json\r\nContent-Length: " +
           std::to_string(body_bytes) + "\r\n\r\n" + std::string(body_bytes, ' ');
}

TEST_F(RegistryOnTheWire, TakesInARefusedBodySoThatItsSenderSeesTheAnswer) {
    EXPECT_TRUE(exchange(post_of(network::drained_bytes_max)).starts_with("HTTP/1.1 413 "));
}

TEST_F(RegistryOnTheWire, DoesNotTakeInRefusedBodiesWithoutEnd) {
    test::tcp_connection connection(registry_.port());
    EXPECT_FALSE(connection.send(post_of(8 * network::drained_bytes_max)));
}

} // namespace
} // namespace auditgate::gateway::registry
