// Patient data has a type of its own, which cannot be formatted, streamed, logged or turned into a label.
#pragma once

#include <iosfwd>
#include <utility>

namespace auditgate::gateway::observe {

// Holds a value that identifies a patient (name, number, birth date, free text). Whoever needs the value says
// so with expose(), which is easy to search for in a review.
template <class T>
class phi {
public:
    explicit phi(T value) : value_(std::move(value)) {}

    [[nodiscard]] const T& expose() const& { return value_; }
    [[nodiscard]] T expose() && { return std::move(value_); }

    bool operator==(const phi&) const = default;

private:
    T value_;
};

template <class T>
std::ostream& operator<<(std::ostream&, const phi<T>&) = delete;

} // namespace auditgate::gateway::observe
