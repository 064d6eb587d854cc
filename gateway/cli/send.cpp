#include "gateway/cli/send.hpp"

#include "fhir/json.hpp"
#include "gateway/cli/blocking_connection.hpp"
#include "gateway/cli/exit_code.hpp"
#include "gateway/cli/input.hpp"
#include "gateway/cli/progress.hpp"
#include "gateway/cli/send_messages.hpp"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <cmath>
#include <iostream>
#include <map>
#include <thread>

namespace auditgate::gateway::cli {
namespace {

namespace json = fhir::json;
using steady_clock = std::chrono::steady_clock;

struct target {
    std::string host;
    std::uint16_t port = 0;
};

std::optional<target> parse_target(const std::string& text) {
    const std::size_t colon = text.rfind(':');
    if (colon == std::string::npos || colon == 0)
        return std::nullopt;
    target parsed{text.substr(0, colon), 0};
    const char* end = text.data() + text.size();
    const auto [stop, failure] = std::from_chars(text.data() + colon + 1, end, parsed.port);
    if (failure != std::errc{} || stop != end || parsed.port == 0)
        return std::nullopt;
    return parsed;
}

// What became of one message. `answer`: AA, CR ...; "not-asked-for", "not-framed" or "no-answer" when there is none.
struct send_result {
    std::string answer;
    std::vector<hl7v2::received_error> errors;
    std::chrono::milliseconds took{};
    std::string trouble; // with no-answer: why
    steady_clock::time_point ended{};
};

// One connection's work: takes the next message until there are none left.
class sender {
public:
    sender(const send_options& options, target to, const std::vector<outgoing_message>& messages,
           std::vector<send_result>& results, std::atomic<std::size_t>& next, std::atomic<std::size_t>& done)
        : options_(options), to_(std::move(to)), messages_(messages), results_(results), next_(next),
          done_(done) {}

    void run() {
        for (std::size_t i = next_++; i < messages_.size(); i = next_++) {
            const auto begun = steady_clock::now();
            results_[i] = send_one(messages_[i].bytes);
            results_[i].ended = steady_clock::now();
            results_[i].took =
                std::chrono::duration_cast<std::chrono::milliseconds>(results_[i].ended - begun);
            ++done_;
        }
    }

private:
    send_result send_one(const std::string& message) {
        const std::optional<std::string> frame = hl7v2::encode_frame(message);
        if (!frame)
            return {"not-framed", {}, {}, "the message holds a byte that would end its frame"};
        send_result outcome;
        for (int attempt = 0; attempt < options_.attempts; ++attempt) {
            result<send_result> tried = try_once(message, *frame);
            if (tried)
                return std::move(*tried);
            // An answer that comes late must not be taken for that of the next message.
            connection_.reset();
            outcome = {"no-answer", {}, {}, tried.error().message};
        }
        return outcome;
    }

    result<send_result> try_once(const std::string& message, const std::string& frame) {
        const std::chrono::milliseconds timeout = std::chrono::seconds(options_.timeout_s);
        if (!connection_) {
            result<blocking_connection> connected = blocking_connection::connect(to_.host, to_.port, timeout);
            if (!connected)
                return connected.error();
            connection_ = std::move(*connected);
        }
        if (result<void> written = connection_->write(frame, timeout); !written)
            return written.error();
        if (!wants_answer(message))
            return send_result{"not-asked-for", {}, {}, ""};
        answer_search search(message);
        const auto deadline = steady_clock::now() + timeout;
        while (true) {
            const auto left =
                std::chrono::duration_cast<std::chrono::milliseconds>(deadline - steady_clock::now());
            result<std::string> bytes = connection_->read(std::max(left, std::chrono::milliseconds(0)));
            if (!bytes)
                return bytes.error();
            if (const auto answer = search.feed(*bytes))
                return to_result(*answer);
        }
    }

    static send_result to_result(const hl7v2::received_acknowledgement& answer) {
        send_result outcome;
        outcome.answer = to_string(answer.code);
        outcome.errors = answer.errors;
        return outcome;
    }

    const send_options& options_;
    target to_;
    const std::vector<outgoing_message>& messages_;
    std::vector<send_result>& results_; // each place is written by the one sender that took it
    std::atomic<std::size_t>& next_;
    std::atomic<std::size_t>& done_;
    std::optional<blocking_connection> connection_;
};

std::vector<send_result> send_all(const send_options& options, const target& to,
                                  const std::vector<outgoing_message>& messages) {
    constexpr std::chrono::milliseconds between_bars{50};
    std::vector<send_result> results(messages.size());
    std::atomic<std::size_t> next = 0;
    std::atomic<std::size_t> done = 0;
    std::vector<std::jthread> threads;
    const auto count = std::min(static_cast<std::size_t>(options.connections), messages.size());
    for (std::size_t i = 0; i < count; ++i)
        threads.emplace_back([&] { sender(options, to, messages, results, next, done).run(); });
    progress_bar bar("sending", messages.size());
    while (done < messages.size()) {
        std::this_thread::sleep_for(between_bars);
        bar.show(done);
    }
    return results;
}

bool is_positive(const send_result& one) {
    return one.answer == "AA" || one.answer == "CA" || one.answer == "not-asked-for";
}

json::value to_json(const outgoing_message& message, const send_result& result) {
    json::value errors = json::value::array();
    for (const hl7v2::received_error& one : result.errors)
        errors.push_back(json::value(one.condition));
    json::value line = json::make_object({{"file", json::value(message.file.string())},
                                          {"message", json::value(static_cast<std::int64_t>(message.number))},
                                          {"answer", json::value(result.answer)}});
    line.set("errors", std::move(errors));
    line.set("milliseconds", json::value(static_cast<std::int64_t>(result.took.count())));
    if (!result.trouble.empty())
        line.set("trouble", json::value(result.trouble));
    return line;
}

void print_text(const std::vector<outgoing_message>& messages, const std::vector<send_result>& results,
                steady_clock::time_point begun) {
    constexpr std::size_t shown_max = 20;
    std::map<std::string, std::size_t> by_answer;
    std::size_t negative = 0;
    for (std::size_t i = 0; i < results.size(); ++i) {
        ++by_answer[results[i].answer];
        if (is_positive(results[i]) || ++negative > shown_max)
            continue;
        std::cout << messages[i].file.string() << " message " << messages[i].number << ": "
                  << results[i].answer;
        const std::string meaning = meaning_of(results[i].answer, results[i].errors);
        std::cout << (meaning.empty() ? "" : " ") << meaning;
        std::cout << (results[i].trouble.empty() ? "" : ": " + results[i].trouble) << '\n';
    }
    if (negative > shown_max)
        std::cout << "... and " << negative - shown_max << " more\n";
    steady_clock::time_point ended = begun;
    for (const send_result& one : results)
        ended = std::max(ended, one.ended);
    const auto took = std::chrono::ceil<std::chrono::milliseconds>(ended - begun);
    const double seconds = static_cast<double>(took.count()) / 1000;
    std::cout << results.size() << " messages in " << seconds << " s";
    if (took.count() > 0)
        std::cout << " (" << std::llround(static_cast<double>(results.size()) / seconds) << " a second)";
    std::cout << ':';
    for (const auto& [answer, count] : by_answer)
        std::cout << ' ' << answer << ' ' << count;
    std::cout << '\n';
}

} // namespace

int run_send(const send_options& options) {
    const std::optional<target> to = parse_target(options.to);
    if (!to) {
        std::cerr << "`" << options.to << "` is not HOST:PORT\n";
        return exit_usage;
    }
    const result<std::vector<std::filesystem::path>> files = list_files(options.files);
    if (!files) {
        std::cerr << files.error().message << '\n';
        return exit_usage;
    }
    std::vector<outgoing_message> messages;
    for (const std::filesystem::path& file : *files) {
        const result<std::string> content = read_input(file);
        if (!content) {
            std::cerr << content.error().message << '\n';
            return exit_usage;
        }
        add_messages(messages, file, *content);
    }
    const auto begun = steady_clock::now();
    const std::vector<send_result> results = send_all(options, *to, messages);
    if (options.json)
        for (std::size_t i = 0; i < results.size(); ++i)
            std::cout << write(to_json(messages[i], results[i])) << '\n';
    else
        print_text(messages, results, begun);
    const auto without_answer = [](const send_result& one) { return one.answer == "no-answer"; };
    if (std::any_of(results.begin(), results.end(), without_answer))
        return exit_network;
    return std::all_of(results.begin(), results.end(), is_positive) ? exit_done : exit_findings;
}

} // namespace auditgate::gateway::cli
