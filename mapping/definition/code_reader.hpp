// Reads the codes of a definition file: patterns, value sets and named code sets.
#pragma once

#include "mapping/definition/definition.hpp"
#include "mapping/yaml/document.hpp"

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace auditgate::mapping {

class code_reader {
public:
    code_reader(const terminology& codes, yaml::problem_sink& problems)
        : codes_(codes), problems_(problems) {}

    // The `code_sets` of a file: names that stand for codes from here on.
    void define_sets(std::span<const yaml::entry> sets);

    // One set from a list of `SYSTEM|CODE`, `value-set:<id>`, names, and lists of these.
    [[nodiscard]] code_set read(const yaml::node& from);
    [[nodiscard]] code_set read(yaml::map_reader& from, std::string_view key);
    // The same for a key that may be left out.
    [[nodiscard]] code_set read_or_none(yaml::map_reader& from, std::string_view key);
    // A map of words to codes, in the order of the file.
    [[nodiscard]] std::vector<coded_word> read_words(std::span<const yaml::entry> words);

private:
    void add_scalar(const yaml::node& from, code_set& to);

    const terminology& codes_;
    yaml::problem_sink& problems_;
    std::map<std::string, code_set, std::less<>> named_;
};

} // namespace auditgate::mapping
