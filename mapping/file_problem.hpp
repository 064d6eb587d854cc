// What is wrong with a file that people edit (terminology, dataset definition, destination settings).
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace auditgate::mapping {

struct file_problem {
    std::string file;     // as it was opened
    std::size_t line = 0; // from 1; 0 when it speaks of the whole file
    std::string text;     // what is wrong and what was probably meant, for the person who edits the file

    bool operator==(const file_problem&) const = default;
};

// "FILE:LINE: TEXT", or "FILE: TEXT" without a line.
[[nodiscard]] std::string to_string(const file_problem& problem);

// The known word that `word` was probably meant to be (one or two letters away, or the same but for case, '-'
// and '_'); empty when none is near.
[[nodiscard]] std::string nearest_word(std::string_view word, std::span<const std::string> known);

// "; did you mean X?" after nearest_word(), else "; known are A, B, C" when there are at most ten, else "".
[[nodiscard]] std::string suggestion(std::string_view word, std::span<const std::string> known);

} // namespace auditgate::mapping
