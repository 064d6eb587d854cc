// Strings that must not be found anywhere, and the search for them in every form in which a careless program
// could leave them behind.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace auditgate::test {

// Prepared once for many searches.
class canary_search {
public:
    // Each canary must be at least 8 bytes of ASCII, so that its base64 form is long enough to say something.
    explicit canary_search(std::vector<std::string> canaries);

    // "canary NAME as FORM" for each canary found in `bytes`, in one form each: clear, base64 at any
    // alignment, hexadecimal of either case, percent-encoded, JSON escapes, UTF-16 of either order.
    [[nodiscard]] std::vector<std::string> find_in(std::string_view bytes) const;

    [[nodiscard]] std::size_t size() const { return canaries_.size(); }

private:
    struct form {
        std::string name;
        std::string bytes;
    };
    struct canary {
        std::string text;
        std::vector<form> forms;
    };
    std::vector<canary> canaries_;
};

} // namespace auditgate::test
