#include "gateway/intake/http_intake.hpp"

#include "gateway/security/token_table.hpp"
#include "hl7v2/batch.hpp"
#include "hl7v2/charset.hpp"
#include "hl7v2/mllp_framer.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <mutex>
#include <optional>

namespace auditgate::gateway::intake {
namespace {

using network::answer_taker;
using network::http_answer;
using network::http_request;

constexpr std::string_view hl7v2_path = "/hl7v2";
constexpr std::string_view answer_type = "application/hl7-v2+er7";
constexpr std::array<std::string_view, 5> hl7v2_types{"application/hl7-v2", "application/hl7-v2+er7",
                                                      "x-application/hl7-v2", "x-application/hl7-v2+er7",
                                                      "text/plain"};
constexpr std::string_view retry_after_seconds = "5";

http_answer text_answer(unsigned status, std::string text) {
    http_answer answer;
    answer.status = status;
    answer.content_type = "text/plain; charset=utf-8";
    answer.body = std::move(text) + "\n";
    if (status == 503)
        answer.fields.push_back({"Retry-After", std::string(retry_after_seconds)});
    return answer;
}

http_answer not_stored() {
    return text_answer(503, "the message is not stored: send it again");
}

std::string_view trimmed(std::string_view text) {
    const auto is_blank = [](char c) { return c == ' ' || c == '\t'; };
    while (!text.empty() && is_blank(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back()))
        text.remove_suffix(1);
    return text;
}

std::string in_small_letters(std::string_view text) {
    std::string small(text);
    std::transform(small.begin(), small.end(), small.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return small;
}

// A Content-Type: the type in small letters and its charset, "" without one (RFC 9110 section 8.3).
struct media_type {
    std::string type;
    std::string charset;
};

media_type read_media_type(std::string_view field) {
    media_type read;
    read.type = in_small_letters(trimmed(field.substr(0, field.find(';'))));
    while (field.find(';') != std::string_view::npos) {
        field.remove_prefix(field.find(';') + 1);
        const std::string_view parameter = trimmed(field.substr(0, field.find(';')));
        const std::size_t equals = parameter.find('=');
        if (equals == std::string_view::npos || in_small_letters(parameter.substr(0, equals)) != "charset")
            continue;
        std::string_view value = parameter.substr(equals + 1);
        if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
            value = value.substr(1, value.size() - 2);
        read.charset = value;
    }
    return read;
}

// The last of the framed acknowledgements; "" when there is none.
std::string last_frame(std::string_view frames) {
    hl7v2::mllp_framer framer;
    framer.feed(frames);
    framer.close();
    std::string last;
    while (auto event = framer.next())
        if (event->kind == hl7v2::mllp_event_kind::frame)
            last = std::move(event->bytes);
    return last;
}

// The message in a body that is one MLLP frame and nothing else.
std::optional<std::string> only_frame(std::string_view body) {
    if (!body.starts_with('\x0b'))
        return std::nullopt;
    hl7v2::mllp_limits limits;
    limits.frame_bytes_max = body.size();
    hl7v2::mllp_framer framer(limits);
    framer.feed(body);
    framer.close();
    std::optional<hl7v2::mllp_event> first = framer.next();
    if (!first || first->kind != hl7v2::mllp_event_kind::frame || framer.next())
        return std::nullopt;
    return std::move(first->bytes);
}

// As a parameter of Content-Type: in quotes where it is no token (RFC 9110 section 5.6.6).
std::string charset_parameter(const std::string& charset) {
    if (charset.empty())
        return {};
    const bool is_token = std::all_of(charset.begin(), charset.end(), [](unsigned char c) {
        return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.';
    });
    return "; charset=" + (is_token ? charset : '"' + charset + '"');
}

// Of an acknowledgement that message_intake has made: MSA follows a CR, and MSH-1 stands behind MSH.
unsigned status_of(std::string_view acknowledgement) {
    const std::size_t segment = acknowledgement.find("\rMSA");
    const std::string_view code =
        segment == std::string_view::npos ? std::string_view() : acknowledgement.substr(segment + 5, 2);
    if (code == "AA" || code == "CA")
        return 200;
    return code == "AR" || code == "CR" ? 400 : 500;
}

http_answer acknowledgement_answer(std::string_view frames, const std::string& charset) {
    http_answer answer;
    answer.body = last_frame(frames);
    if (answer.body.empty()) {
        answer.status = 204;
        return answer;
    }
    answer.status = status_of(answer.body);
    answer.content_type = std::string(answer_type) + charset_parameter(charset);
    return answer;
}

class http_intake final : public network::http_server, public network::http_handler {
public:
    http_intake(const listener_config& listener, const message_intake& messages, journal_gate& journal,
                observe::health& health, observe::metrics& metrics, observe::logger& log)
        : listener_(listener), messages_(messages), journal_(journal), health_(health), metrics_(metrics),
          log_(log) {}

    result<void> start(boost::asio::any_io_executor on) {
        for (const http_client_config& client : listener_.clients)
            if (auto added = clients_.add(client.name, client.token_file); !added)
                return added.error();
        network::http_port port;
        port.name = listener_.name;
        port.address = listener_.address;
        port.port = listener_.port;
        port.limits = listener_.http;
        if (listener_.tls) {
            auto tls = network::tls_server::open(*listener_.tls, listener_.name, log_);
            if (!tls)
                return tls.error();
            port.tls = std::move(*tls);
        }
        auto started = network::start_http_server(std::move(on), port, *this, log_);
        if (!started)
            return started.error();
        server_ = std::move(*started);
        health_.set_ready("listener:" + listener_.name);
        return {};
    }

    [[nodiscard]] std::uint16_t port() const override { return server_->port(); }
    void begin_stop() override {
        health_.set_not_ready("listener:" + listener_.name, "stopping");
        server_->begin_stop();
    }
    void stop(std::chrono::milliseconds grace) override {
        begin_stop();
        server_->stop(grace);
    }

    void handle(http_request request, answer_taker answer) override {
        answer_taker counted = [this, answer = std::move(answer)](http_answer made) {
            count(made.status);
            answer(std::move(made));
        };
        if (std::optional<http_answer> refused = refusal(request))
            counted(*std::move(refused));
        else
            take(std::move(request), counted);
    }

    http_answer refuse(unsigned status) override {
        count(status);
        switch (status) {
        case 413:
            return text_answer(status, "the message is larger than this listener takes");
        case 431:
            return text_answer(status, "the header is larger than this listener takes");
        case 503:
            return not_stored();
        case 504: // it may be stored yet
            return text_answer(503,
                               "the disk did not take the message in time: send it again, it counts once");
        default:
            return text_answer(status, "this is no HTTP/1.1 request");
        }
    }

private:
    // Why nothing of the request is looked at.
    std::optional<http_answer> refusal(const http_request& request) const {
        if (!listener_.clients.empty() && !clients_.find(request.field("Authorization"))) {
            http_answer answer = text_answer(401, "this listener takes messages of clients with a token: "
                                                  "Authorization: Bearer TOKEN");
            answer.fields.push_back({"WWW-Authenticate", "Bearer"});
            return answer;
        }
        if (request.path() != hl7v2_path)
            return text_answer(404, "there is POST /hl7v2");
        if (request.method != "POST") {
            http_answer answer = text_answer(405, "only POST");
            answer.fields.push_back({"Allow", "POST"});
            return answer;
        }
        const media_type type = read_media_type(request.field("Content-Type"));
        if (std::find(hl7v2_types.begin(), hl7v2_types.end(), type.type) == hl7v2_types.end())
            return text_answer(415, "Content-Type must be application/hl7-v2 (the message with its bars and "
                                    "hats), perhaps with a charset");
        if (!type.charset.empty() && !hl7v2::charset::find(type.charset))
            return text_answer(415, "the charset of Content-Type is not known");
        if (!request.field("Content-Encoding").empty())
            return text_answer(415, "send the body without a Content-Encoding");
        return std::nullopt;
    }

    void take(http_request request, const answer_taker& answer) {
        const std::string charset = read_media_type(request.field("Content-Type")).charset;
        if (hl7v2::is_batch(request.body))
            return answer(text_answer(400, "one message a request: send batches over MLLP, or as files"));
        std::optional<std::string> framed = only_frame(request.body);
        std::string content = framed ? *std::move(framed) : std::move(request.body);
        store::incoming_message message =
            messages_.take_frame(std::move(content), {listener_.name, std::move(request.peer)});
        message.transport = "http";
        if (!charset.empty())
            message.format += "; charset=" + charset;
        const store::journal::completion done = [answer, charset](result<store::append_outcome> outcome) {
            answer(outcome ? acknowledgement_answer(outcome->answer, charset) : not_stored());
        };
        if (!journal_.try_submit(message, done))
            answer(not_stored()); // the queue is full: the sender's wait is the back-pressure
    }

    void count(unsigned status) {
        const std::scoped_lock lock(counters_mutex_);
        auto counter = counters_.find(status);
        if (counter == counters_.end())
            counter =
                counters_
                    .emplace(status, metrics_.counter(
                                         "auditgate_http_requests_total", "Requests to an HTTP listener",
                                         {{"listener", listener_.name}, {"status", std::to_string(status)}}))
                    .first;
        counter->second.add();
    }

    const listener_config listener_;
    const message_intake& messages_;
    journal_gate& journal_;
    observe::health& health_;
    observe::metrics& metrics_;
    observe::logger& log_;
    security::token_table clients_;
    std::mutex counters_mutex_;
    std::map<unsigned, observe::counter> counters_; // by status
    std::unique_ptr<network::http_server> server_;
};

} // namespace

result<std::unique_ptr<network::http_server>>
start_http_intake(boost::asio::any_io_executor on, const listener_config& listener,
                  const message_intake& messages, journal_gate& journal, observe::health& health,
                  observe::metrics& metrics, observe::logger& log) {
    auto intake = std::make_unique<http_intake>(listener, messages, journal, health, metrics, log);
    if (auto started = intake->start(std::move(on)); !started)
        return started.error();
    return intake;
}

} // namespace auditgate::gateway::intake
