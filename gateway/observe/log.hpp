// The log of the service: JSON lines with stable codes, for machines first.
//
//   {"at":"2026-05-04T09:12:33.120Z","level":"info","code":"listener-open","text":"listening","port":2575}
//
// Nothing of a patient belongs here. The types help: a field takes numbers, booleans and plain text, never
// phi<T>, and whoever logs a text says where it comes from (a configured name, a code, an address).
#pragma once

#include "gateway/observe/phi.hpp"

#include <chrono>
#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace auditgate::gateway::observe {

using clock_function = std::function<std::chrono::sys_time<std::chrono::milliseconds>()>;

// The system's clock, for whoever composes the service.
[[nodiscard]] std::chrono::sys_time<std::chrono::milliseconds> system_now();

enum class log_level { debug, info, warning, error };

// One named value of a log line. Copies what it is given.
class field {
public:
    using value_type = std::variant<std::int64_t, double, bool, std::string>;

    field(std::string_view name, std::string_view text) : name_(name), value_(std::string(text)) {}
    field(std::string_view name, const char* text) : field(name, std::string_view(text)) {}
    field(std::string_view name, const std::string& text) : field(name, std::string_view(text)) {}
    field(std::string_view name, std::integral auto number) : name_(name), value_(whole(number)) {}
    field(std::string_view name, double number) : name_(name), value_(number) {}
    template <class T>
    field(std::string_view name, const phi<T>&) = delete;

    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] const value_type& value() const { return value_; }

private:
    static value_type whole(bool value) { return value; }
    static value_type whole(std::integral auto number) { return static_cast<std::int64_t>(number); }

    std::string name_;
    value_type value_;
};

// Any thread may log. No call waits for the disk or the terminal: lines go through a bounded queue to a
// thread of their own; when it is full the oldest lines are dropped.
class logger {
public:
    virtual ~logger() = default;

    using fields = std::initializer_list<field>;

    void debug(std::string_view code, std::string_view text, fields with = {});
    void info(std::string_view code, std::string_view text, fields with = {});
    void warning(std::string_view code, std::string_view text, fields with = {});
    void error(std::string_view code, std::string_view text, fields with = {});

protected:
    virtual void write(log_level level, std::string_view code, std::string_view text,
                       std::span<const field> with) = 0;
};

// Lines of `least` and above to standard error. What is queued is written before the destructor returns.
[[nodiscard]] std::unique_ptr<logger> create_logger(log_level least, clock_function now);

// One line without the newline at its end.
[[nodiscard]] std::string json_line(std::chrono::sys_time<std::chrono::milliseconds> at, log_level level,
                                    std::string_view code, std::string_view text,
                                    std::span<const field> with);

} // namespace auditgate::gateway::observe
