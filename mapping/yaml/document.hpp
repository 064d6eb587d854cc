// YAML files of the configuration, read so that every problem can be told with file, line and column.
//
// A file becomes a tree of nodes with positions; map_reader takes typed values out of it and collects what is
// wrong instead of stopping at the first mistake. Deliberately less than YAML: one document a file, no
// anchors or aliases, no tags, keys are plain words and a doubled one is a problem.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace auditgate::mapping::yaml {

struct position {
    int line = 1;   // from 1
    int column = 1; // from 1, in characters

    bool operator==(const position&) const = default;
};

struct problem {
    std::string file;
    int line = 0; // 0: the file as a whole (it cannot be opened)
    int column = 0;
    std::string text; // what is wrong and what would be right, in words for the person who edits the file

    bool operator==(const problem&) const = default;
};

// "gateway.yaml:12:5: unknown key `prot`, did you mean `port`?"
[[nodiscard]] std::string to_string(const problem& one);

// Collects the problems of one file in the order they are found. Must not outlive `all`.
class problem_sink {
public:
    problem_sink(std::string file, std::vector<problem>& all) : file_(std::move(file)), all_(&all) {}

    void add(position where, std::string text);
    void add_whole_file(std::string text);
    [[nodiscard]] const std::string& file() const { return file_; }

private:
    std::string file_;
    std::vector<problem>* all_;
};

enum class node_kind { null, scalar, sequence, map };

struct entry;

struct node {
    node_kind kind = node_kind::null;
    position where;
    std::string text;           // of a scalar, as written (quotes and escapes resolved)
    bool quoted = false;        // a scalar that was in quotes
    std::vector<node> items;    // of a sequence
    std::vector<entry> entries; // of a map, in the order of the file

    // The first value under `key`; nullptr when this is no map or has no such key. Valid as long as this node.
    [[nodiscard]] const node* find(std::string_view key) const;
};

struct entry {
    std::string key;
    position where; // of the key
    node value;
};

struct limits {
    std::size_t bytes_max = 8 * 1024 * 1024; // of a file
    int depth_max = 32;                      // maps and sequences within each other
    std::size_t nodes_max = 500'000;
};

// Reads one file or text. Nothing comes back when there is no tree to go on with (not readable, not YAML,
// over a limit, an alias); the reasons are in `problems`. Of a doubled key the first counts. An empty file is an empty map.
[[nodiscard]] std::optional<node> load(const std::filesystem::path& file, problem_sink& problems,
                                       const limits& within = {});
[[nodiscard]] std::optional<node> parse(std::string_view text, problem_sink& problems,
                                        const limits& within = {});

// ", did you mean `port`?" for the candidate that is nearest to `word` by edit distance, "" when none is
// near.
[[nodiscard]] std::string suggestion(std::string_view word, std::span<const std::string_view> candidates);

// Readers of one scalar: a problem at its place and nothing when it is not what it should be. `what` names it
// in the problem's text, usually the key.
[[nodiscard]] std::optional<std::string> read_text(const node& from, std::string_view what,
                                                   problem_sink& problems);
[[nodiscard]] std::optional<std::int64_t> read_integer(const node& from, std::string_view what,
                                                       std::int64_t min, std::int64_t max,
                                                       problem_sink& problems);
[[nodiscard]] std::optional<double> read_number(const node& from, std::string_view what,
                                                problem_sink& problems);
[[nodiscard]] std::optional<bool> read_bool(const node& from, std::string_view what, problem_sink& problems);
// 250ms, 30s, 5m, 12h, 90d; at least 0.
[[nodiscard]] std::optional<std::chrono::milliseconds> read_duration(const node& from, std::string_view what,
                                                                     problem_sink& problems);
// 512, 64kB, 16MB, 2GB (powers of 1000) or KiB, MiB, GiB (powers of 1024); in bytes.
[[nodiscard]] std::optional<std::uint64_t> read_size(const node& from, std::string_view what,
                                                     problem_sink& problems);
// The place in `words` of a scalar that must be one of them.
[[nodiscard]] std::optional<std::size_t> read_word(const node& from, std::string_view what,
                                                   std::span<const std::string_view> words,
                                                   problem_sink& problems);

// Takes the entries of one map, key by key. Remembers which keys were asked for: finish() reports all others
// as unknown. `text("name")` without a default is required: when it is missing that is a problem and an empty
// value comes back. A key without a value (`name:`) counts as not there. Must not outlive the node and the
// sink.
class map_reader {
public:
    // `what` names the map in texts: "a listener". A node that is not a map is a problem (null is an empty
    // map).
    map_reader(const node& map, std::string_view what, problem_sink& problems);

    [[nodiscard]] bool has(std::string_view key);
    // The value itself, nullptr when not there.
    [[nodiscard]] const node* child(std::string_view key);
    [[nodiscard]] const node* required_child(std::string_view key);
    // The items of a list; one value alone counts as a list of it; empty when not there.
    [[nodiscard]] std::span<const node> list(std::string_view key);
    // The entries of a map; empty when not there.
    [[nodiscard]] std::span<const entry> map(std::string_view key);

    [[nodiscard]] std::string text(std::string_view key);
    [[nodiscard]] std::string text_or(std::string_view key, std::string_view otherwise);
    [[nodiscard]] std::optional<std::string> optional_text(std::string_view key);
    [[nodiscard]] std::vector<std::string> texts(std::string_view key);

    [[nodiscard]] std::int64_t integer(std::string_view key, std::int64_t min, std::int64_t max);
    [[nodiscard]] std::int64_t integer_or(std::string_view key, std::int64_t otherwise, std::int64_t min,
                                          std::int64_t max);
    [[nodiscard]] std::optional<std::int64_t> optional_integer(std::string_view key, std::int64_t min,
                                                               std::int64_t max);
    [[nodiscard]] double number_or(std::string_view key, double otherwise);
    [[nodiscard]] bool boolean_or(std::string_view key, bool otherwise);
    [[nodiscard]] std::chrono::milliseconds duration_or(std::string_view key,
                                                        std::chrono::milliseconds otherwise);
    [[nodiscard]] std::uint64_t size_or(std::string_view key, std::uint64_t otherwise);

    // One of a closed list of words, as the value it stands for.
    template <class T>
    using words = std::initializer_list<std::pair<std::string_view, T>>;
    template <class T>
    [[nodiscard]] T choice(std::string_view key, words<T> allowed) {
        const node* value = required_child(key);
        return value == nullptr ? T{} : pick(*value, key, allowed, T{});
    }
    template <class T>
    [[nodiscard]] T choice_or(std::string_view key, words<T> allowed, T otherwise) {
        const node* value = child(key);
        return value == nullptr ? otherwise : pick(*value, key, allowed, otherwise);
    }

    // Reports a problem at the value of `key`, or at the map when the key is not there.
    void problem_at(std::string_view key, std::string text);
    // Reports every key of the map that nobody asked for. Call it once, after the last value is taken.
    void finish();

    [[nodiscard]] position where() const { return map_->where; }
    [[nodiscard]] problem_sink& problems() { return *problems_; }

private:
    template <class T>
    [[nodiscard]] T pick(const node& value, std::string_view key, words<T> allowed, T otherwise) {
        std::vector<std::string_view> names;
        for (const auto& one : allowed)
            names.push_back(one.first);
        const std::optional<std::size_t> index = read_word(value, key, names, *problems_);
        return index ? (allowed.begin() + *index)->second : otherwise;
    }

    const node* map_;
    std::string what_;
    problem_sink* problems_;
    std::vector<std::string> asked_;
};

} // namespace auditgate::mapping::yaml
