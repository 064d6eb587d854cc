#include "gateway/observe/log.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <spdlog/async.h>
#include <spdlog/async_logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <cmath>

namespace auditgate::gateway::observe {
namespace {

constexpr std::size_t queue_lines_max = 8192;
constexpr std::size_t text_bytes_max = 2000;

std::string_view name_of(log_level level) {
    switch (level) {
    case log_level::debug:
        return "debug";
    case log_level::info:
        return "info";
    case log_level::warning:
        return "warning";
    case log_level::error:
        return "error";
    }
    return "error";
}

void append_json_text(std::string& out, std::string_view text) {
    out += '"';
    for (const char c : text.substr(0, text_bytes_max)) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\')
            (out += '\\') += c;
        else if (c == '\n')
            out += "\\n";
        else if (byte < 0x20 || byte >= 0x7f)
            // Bytes of any charset become visible and keep the line valid JSON.
            fmt::format_to(std::back_inserter(out), "\\u{:04x}", byte);
        else
            out += c;
    }
    out += '"';
}

struct append_value {
    std::string& out;
    void operator()(std::int64_t number) const { fmt::format_to(std::back_inserter(out), "{}", number); }
    void operator()(double number) const {
        if (std::isfinite(number))
            fmt::format_to(std::back_inserter(out), "{}", number);
        else
            out += "null";
    }
    void operator()(bool value) const { out += value ? "true" : "false"; }
    void operator()(const std::string& text) const { append_json_text(out, text); }
};

class standard_error_logger final : public logger {
public:
    standard_error_logger(log_level least, clock_function now)
        : least_(least), now_(std::move(now)),
          pool_(std::make_shared<spdlog::details::thread_pool>(queue_lines_max, 1)),
          lines_(std::make_shared<spdlog::async_logger>(
              "auditgate", std::make_shared<spdlog::sinks::stderr_sink_mt>(), pool_,
              spdlog::async_overflow_policy::overrun_oldest)) {
        lines_->set_pattern("%v");
    }
    ~standard_error_logger() override { lines_->flush(); }

protected:
    void write(log_level level, std::string_view code, std::string_view text,
               std::span<const field> with) override {
        if (level >= least_)
            lines_->info(json_line(now_(), level, code, text, with));
    }

private:
    log_level least_;
    clock_function now_;
    std::shared_ptr<spdlog::details::thread_pool> pool_; // its destructor waits until the queue is written
    std::shared_ptr<spdlog::async_logger> lines_;
};

} // namespace

std::chrono::sys_time<std::chrono::milliseconds> system_now() {
    return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

void logger::debug(std::string_view code, std::string_view text, fields with) {
    write(log_level::debug, code, text, with);
}

void logger::info(std::string_view code, std::string_view text, fields with) {
    write(log_level::info, code, text, with);
}

void logger::warning(std::string_view code, std::string_view text, fields with) {
    write(log_level::warning, code, text, with);
}

void logger::error(std::string_view code, std::string_view text, fields with) {
    write(log_level::error, code, text, with);
}

std::unique_ptr<logger> create_logger(log_level least, clock_function now) {
    return std::make_unique<standard_error_logger>(least, std::move(now));
}

std::string json_line(std::chrono::sys_time<std::chrono::milliseconds> at, log_level level,
                      std::string_view code, std::string_view text, std::span<const field> with) {
    const auto day = std::chrono::floor<std::chrono::days>(at);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss<std::chrono::milliseconds> time(at - day);
    std::string out =
        fmt::format(R"({{"at":"{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z","level":"{}","code":)",
                    static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                    static_cast<unsigned>(date.day()), time.hours().count(), time.minutes().count(),
                    time.seconds().count(), time.subseconds().count(), name_of(level));
    append_json_text(out, code);
    out += ",\"text\":";
    append_json_text(out, text);
    for (const field& one : with) {
        out += ',';
        append_json_text(out, one.name());
        out += ':';
        std::visit(append_value{out}, one.value());
    }
    out += '}';
    return out;
}

} // namespace auditgate::gateway::observe
