#include "mapping/yaml/document.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <numeric>
#include <set>

namespace auditgate::mapping::yaml {
namespace {

std::string in_backticks(std::string_view text) {
    constexpr std::size_t shown_max = 60;
    std::string shown(text.substr(0, shown_max));
    if (text.size() > shown_max)
        shown += "...";
    return "`" + shown + "`";
}

std::string list_in_words(std::span<const std::string_view> words) {
    std::string all;
    for (const std::string_view word : words)
        all += (all.empty() ? "`" : ", `") + std::string(word) + "`";
    return all;
}

std::string kind_in_words(const node& from) {
    switch (from.kind) {
    case node_kind::null:
        return "nothing";
    case node_kind::sequence:
        return "a list";
    case node_kind::map:
        return "a map";
    case node_kind::scalar:
        break;
    }
    return in_backticks(from.text);
}

void wrong(const node& from, std::string_view what, std::string_view wanted, problem_sink& problems) {
    problems.add(from.where, "`" + std::string(what) + "` must be " + std::string(wanted) + ", not " +
                                 kind_in_words(from));
}

template <class Number>
std::optional<Number> whole(std::string_view text) {
    Number value{};
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || failure != std::errc{} || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

struct unit {
    std::string_view name;
    std::uint64_t factor;
};

// Digits followed by one of the units; nothing when it is anything else or does not fit.
std::optional<std::uint64_t> with_unit(std::string_view text, std::span<const unit> units) {
    const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
    const std::optional<std::uint64_t> count = whole<std::uint64_t>(text.substr(0, digits));
    std::string_view name = text.substr(digits);
    while (name.starts_with(' '))
        name.remove_prefix(1);
    const auto found =
        std::find_if(units.begin(), units.end(), [&](const unit& one) { return one.name == name; });
    if (!count || found == units.end())
        return std::nullopt;
    constexpr auto max = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    if (*count > max / found->factor)
        return std::nullopt;
    return *count * found->factor;
}

// Letters put in, left out, replaced, or two neighbours exchanged (optimal string alignment).
std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before_last(b.size() + 1);
    std::vector<std::size_t> last(b.size() + 1);
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        before_last.swap(last);
        last.swap(row);
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t substituted = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, substituted});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = std::min(row[j], before_last[j - 2] + 1);
        }
    }
    return row.back();
}

} // namespace

std::string suggestion(std::string_view word, std::span<const std::string_view> candidates) {
    constexpr std::size_t word_bytes_max = 100;
    std::string_view nearest;
    std::size_t nearest_distance = word.size() > word_bytes_max ? 0 : (word.size() + 2) / 3 + 1;
    for (const std::string_view candidate : candidates) {
        if (nearest_distance == 0 || candidate.size() > word_bytes_max)
            continue;
        constexpr std::size_t beginning_bytes_min = 3; // `warn` means warning, however much is missing
        const bool is_beginning = word.size() >= beginning_bytes_min && candidate.starts_with(word);
        const std::size_t distance = is_beginning ? 1 : edit_distance(word, candidate);
        if (distance < nearest_distance) {
            nearest = candidate;
            nearest_distance = distance;
        }
    }
    return nearest.empty() ? std::string() : ", did you mean `" + std::string(nearest) + "`?";
}

std::optional<std::string> read_text(const node& from, std::string_view what, problem_sink& problems) {
    if (from.kind == node_kind::scalar)
        return from.text;
    wrong(from, what, "a text", problems);
    return std::nullopt;
}

std::optional<std::int64_t> read_integer(const node& from, std::string_view what, std::int64_t min,
                                         std::int64_t max, problem_sink& problems) {
    const auto value =
        from.kind == node_kind::scalar && !from.quoted ? whole<std::int64_t>(from.text) : std::nullopt;
    if (value && *value >= min && *value <= max)
        return value;
    std::string wanted = "a whole number";
    if (min != std::numeric_limits<std::int64_t>::min() && max != std::numeric_limits<std::int64_t>::max())
        wanted += " from " + std::to_string(min) + " to " + std::to_string(max);
    else if (min != std::numeric_limits<std::int64_t>::min())
        wanted += " of at least " + std::to_string(min);
    else if (max != std::numeric_limits<std::int64_t>::max())
        wanted += " of at most " + std::to_string(max);
    wrong(from, what, wanted, problems);
    return std::nullopt;
}

std::optional<double> read_number(const node& from, std::string_view what, problem_sink& problems) {
    const auto value =
        from.kind == node_kind::scalar && !from.quoted ? whole<double>(from.text) : std::nullopt;
    if (value && std::isfinite(*value))
        return value;
    wrong(from, what, "a number", problems);
    return std::nullopt;
}

std::optional<bool> read_bool(const node& from, std::string_view what, problem_sink& problems) {
    if (from.kind == node_kind::scalar && !from.quoted && (from.text == "true" || from.text == "false"))
        return from.text == "true";
    wrong(from, what, "true or false", problems);
    return std::nullopt;
}

std::optional<std::chrono::milliseconds> read_duration(const node& from, std::string_view what,
                                                       problem_sink& problems) {
    static constexpr std::array<unit, 5> units{
        {{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}}};
    const auto value = from.kind == node_kind::scalar ? with_unit(from.text, units) : std::nullopt;
    if (value)
        return std::chrono::milliseconds(*value);
    wrong(from, what, "a length of time such as 250ms, 30s, 5m, 12h or 90d", problems);
    return std::nullopt;
}

std::optional<std::uint64_t> read_size(const node& from, std::string_view what, problem_sink& problems) {
    static constexpr std::array<unit, 8> units{{{"", 1},
                                                {"B", 1},
                                                {"kB", 1000},
                                                {"MB", 1'000'000},
                                                {"GB", 1'000'000'000},
                                                {"KiB", 1ULL << 10},
                                                {"MiB", 1ULL << 20},
                                                {"GiB", 1ULL << 30}}};
    const auto value = from.kind == node_kind::scalar ? with_unit(from.text, units) : std::nullopt;
    if (value)
        return value;
    wrong(from, what, "a size such as 512, 64kB, 16MB, 2GB or 64MiB", problems);
    return std::nullopt;
}

std::optional<std::size_t> read_word(const node& from, std::string_view what,
                                     std::span<const std::string_view> words, problem_sink& problems) {
    const auto found =
        from.kind == node_kind::scalar ? std::find(words.begin(), words.end(), from.text) : words.end();
    if (found != words.end())
        return static_cast<std::size_t>(found - words.begin());
    constexpr std::size_t words_shown_max = 16; // of a longer list the nearest is enough
    const std::string nearest = from.kind == node_kind::scalar ? suggestion(from.text, words) : std::string();
    const std::string wanted = !nearest.empty() && words.size() > words_shown_max
                                   ? "one of " + std::to_string(words.size()) + " words"
                                   : "one of " + list_in_words(words);
    problems.add(from.where,
                 "`" + std::string(what) + "` must be " + wanted + ", not " + kind_in_words(from) + nearest);
    return std::nullopt;
}

map_reader::map_reader(const node& map, std::string_view what, problem_sink& problems)
    : map_(&map), what_(what), problems_(&problems) {
    if (map.kind != node_kind::map && map.kind != node_kind::null)
        problems.add(map.where, what_ + " must be a map of keys and values, not " + kind_in_words(map));
}

bool map_reader::has(std::string_view key) {
    return child(key) != nullptr;
}

const node* map_reader::child(std::string_view key) {
    asked_.emplace_back(key);
    const node* value = map_->find(key);
    return value == nullptr || value->kind == node_kind::null ? nullptr : value;
}

const node* map_reader::required_child(std::string_view key) {
    const node* value = child(key);
    if (value == nullptr && (map_->kind == node_kind::map || map_->kind == node_kind::null))
        problem_at(key, what_ + " needs `" + std::string(key) + "`");
    return value;
}

std::span<const node> map_reader::list(std::string_view key) {
    const node* value = child(key);
    if (value == nullptr)
        return {};
    if (value->kind == node_kind::sequence)
        return value->items;
    return {value, 1};
}

std::span<const entry> map_reader::map(std::string_view key) {
    const node* value = child(key);
    if (value == nullptr)
        return {};
    if (value->kind != node_kind::map)
        wrong(*value, key, "a map of keys and values", *problems_);
    return value->entries;
}

std::string map_reader::text(std::string_view key) {
    const node* value = required_child(key);
    return value == nullptr ? std::string() : read_text(*value, key, *problems_).value_or("");
}

std::string map_reader::text_or(std::string_view key, std::string_view otherwise) {
    return optional_text(key).value_or(std::string(otherwise));
}

std::optional<std::string> map_reader::optional_text(std::string_view key) {
    const node* value = child(key);
    return value == nullptr ? std::nullopt : read_text(*value, key, *problems_);
}

std::vector<std::string> map_reader::texts(std::string_view key) {
    std::vector<std::string> all;
    for (const node& item : list(key))
        if (std::optional<std::string> one = read_text(item, key, *problems_))
            all.push_back(std::move(*one));
    return all;
}

std::int64_t map_reader::integer(std::string_view key, std::int64_t min, std::int64_t max) {
    const node* value = required_child(key);
    return value == nullptr ? min : read_integer(*value, key, min, max, *problems_).value_or(min);
}

std::int64_t map_reader::integer_or(std::string_view key, std::int64_t otherwise, std::int64_t min,
                                    std::int64_t max) {
    return optional_integer(key, min, max).value_or(otherwise);
}

std::optional<std::int64_t> map_reader::optional_integer(std::string_view key, std::int64_t min,
                                                         std::int64_t max) {
    const node* value = child(key);
    return value == nullptr ? std::nullopt : read_integer(*value, key, min, max, *problems_);
}

double map_reader::number_or(std::string_view key, double otherwise) {
    const node* value = child(key);
    return value == nullptr ? otherwise : read_number(*value, key, *problems_).value_or(otherwise);
}

bool map_reader::boolean_or(std::string_view key, bool otherwise) {
    const node* value = child(key);
    return value == nullptr ? otherwise : read_bool(*value, key, *problems_).value_or(otherwise);
}

std::chrono::milliseconds map_reader::duration_or(std::string_view key, std::chrono::milliseconds otherwise) {
    const node* value = child(key);
    return value == nullptr ? otherwise : read_duration(*value, key, *problems_).value_or(otherwise);
}

std::uint64_t map_reader::size_or(std::string_view key, std::uint64_t otherwise) {
    const node* value = child(key);
    return value == nullptr ? otherwise : read_size(*value, key, *problems_).value_or(otherwise);
}

void map_reader::problem_at(std::string_view key, std::string text) {
    const node* value = map_->find(key);
    problems_->add(value == nullptr ? map_->where : value->where, std::move(text));
}

void map_reader::finish() {
    const std::set<std::string_view> once(asked_.begin(), asked_.end());
    const std::vector<std::string_view> known(once.begin(), once.end());
    for (const entry& one : map_->entries) {
        if (once.contains(one.key))
            continue;
        std::string meant = suggestion(one.key, known);
        if (meant.empty() && !known.empty())
            meant = "; it can have " + list_in_words(known);
        problems_->add(one.where, "unknown key " + in_backticks(one.key) + " in " + what_ + meant);
    }
}

} // namespace auditgate::mapping::yaml
