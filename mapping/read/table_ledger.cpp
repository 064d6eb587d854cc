#include "mapping/read/table_ledger.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <set>

namespace auditgate::mapping {

namespace {

constexpr std::int64_t unknown_date = std::numeric_limits<std::int64_t>::min();
constexpr std::string_view first_line = "auditgate table ledger 1";

// Texts as <length>:<text>, so that any byte may stand in them.
std::string pack(const std::vector<std::string>& texts) {
    std::string result;
    for (const std::string& one : texts)
        result += std::to_string(one.size()) + ":" + one;
    return result;
}

// Reads what pack() and the numbers of to_bytes() wrote.
class unpacking {
public:
    explicit unpacking(std::string_view bytes) : rest_(bytes) {}

    std::optional<std::int64_t> number(char end) {
        std::int64_t value = 0;
        const auto [at, failed] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
        const auto read = static_cast<std::size_t>(at - rest_.data());
        if (failed != std::errc() || read >= rest_.size() || rest_[read] != end)
            return std::nullopt;
        rest_.remove_prefix(read + 1);
        return value;
    }
    std::optional<std::string> text() {
        const auto size = number(':');
        if (!size || *size < 0 || static_cast<std::size_t>(*size) > rest_.size())
            return std::nullopt;
        std::string result(rest_.substr(0, static_cast<std::size_t>(*size)));
        rest_.remove_prefix(result.size());
        return result;
    }
    std::optional<std::vector<std::int64_t>> numbers() {
        const auto count = number(' ');
        if (!count || *count < 0 || static_cast<std::size_t>(*count) > rest_.size())
            return std::nullopt;
        std::vector<std::int64_t> result;
        for (std::int64_t i = 0; i < *count; ++i) {
            const auto one = number(' ');
            if (!one)
                return std::nullopt;
            result.push_back(*one);
        }
        return result;
    }
    [[nodiscard]] bool at_end() const { return rest_.empty(); }

private:
    std::string_view rest_;
};

std::vector<std::string> unpack(std::string_view packed) {
    std::vector<std::string> result;
    unpacking from(packed);
    while (!from.at_end()) {
        auto text = from.text();
        if (!text)
            break;
        result.push_back(std::move(*text));
    }
    return result;
}

void insert_once(std::vector<std::int64_t>& sorted, std::int64_t value) {
    const auto at = std::lower_bound(sorted.begin(), sorted.end(), value);
    if (at == sorted.end() || *at != value)
        sorted.insert(at, value);
}

// Whether a value lies in (after, up to].
bool has_between(const std::vector<std::int64_t>& sorted, std::int64_t after, std::int64_t up_to) {
    const auto at = std::upper_bound(sorted.begin(), sorted.end(), after);
    return at != sorted.end() && *at <= up_to;
}

bool covers(std::int64_t from, std::int64_t to, std::int64_t date) {
    return date != unknown_date && from <= date && date <= to;
}

std::int64_t number_of(std::chrono::local_days day) {
    return day.time_since_epoch().count();
}

std::string numbers_text(const std::vector<std::int64_t>& numbers) {
    std::string result = std::to_string(numbers.size()) + " ";
    for (const std::int64_t one : numbers)
        result += std::to_string(one) + " ";
    return result;
}

// Just before the file was made: what another file of the same time has stands, in either order of their coming.
table_omission omission_of(const std::string& key, std::int64_t recorded) {
    return {unpack(key),
            std::chrono::sys_time<std::chrono::milliseconds>(std::chrono::milliseconds(recorded - 1))};
}

} // namespace

table_comparison table_ledger::take(const table_file_summary& file) {
    table_comparison result;
    const time recorded = file.recorded.time_since_epoch().count();
    if (file.from && file.to) {
        const span said{recorded, number_of(*file.from), number_of(*file.to)};
        take_omissions(file, said, result);
        const auto at = std::lower_bound(files_.begin(), files_.end(), said);
        if (at == files_.end() || *at != said)
            files_.insert(at, said);
    }
    for (const table_file_summary::row& row : file.rows)
        take_row(row, recorded, result);
    return result;
}

// What was known before and the file does not have.
void table_ledger::take_omissions(const table_file_summary& file, const span& said,
                                  table_comparison& result) {
    std::set<std::string> present;
    for (const table_file_summary::row& row : file.rows)
        present.insert(pack(row.key));
    for (auto& [key, row] : rows_) {
        if (!covers(said.from, said.to, row.date))
            continue;
        const auto next = std::lower_bound(row.in.begin(), row.in.end(), said.recorded);
        if (next == row.in.begin())
            continue; // it came later than this file was made
        const time before = *(next - 1);
        if (has_between(row.voids, before, said.recorded))
            continue; // left out already, by this file or an earlier one
        ++result.known;
        if (present.contains(key) || (next != row.in.end() && *next == said.recorded))
            continue;
        ++result.left_out;
        insert_once(row.voids, said.recorded);
        result.omissions.push_back(omission_of(key, said.recorded));
    }
}

// A row of the file; one that comes late may have been left out by a file that was taken before.
void table_ledger::take_row(const table_file_summary::row& row, time recorded, table_comparison& result) {
    const std::string key = pack(row.key);
    history& of = rows_[key];
    const bool is_latest = of.in.empty() || of.in.back() <= recorded;
    insert_once(of.in, recorded);
    if (is_latest)
        of.date = row.date ? number_of(*row.date) : unknown_date;
    const auto next = std::upper_bound(of.in.begin(), of.in.end(), recorded);
    for (const span& later : files_) {
        if (later.recorded <= recorded || !covers(later.from, later.to, of.date))
            continue;
        if (next != of.in.end() && *next <= later.recorded)
            return; // in force again by then
        if (!has_between(of.voids, recorded, later.recorded)) {
            insert_once(of.voids, later.recorded);
            result.omissions.push_back(omission_of(key, later.recorded));
        }
        return;
    }
}

void table_ledger::forget_before(std::chrono::local_days day) {
    const std::int64_t first = number_of(day);
    std::erase_if(
        rows_, [&](const auto& row) { return row.second.date != unknown_date && row.second.date < first; });
    std::erase_if(files_, [&](const span& file) { return file.to < first; });
}

std::string table_ledger::to_bytes() const {
    std::string bytes(first_line);
    bytes += "\n" + std::to_string(files_.size()) + " ";
    for (const span& file : files_)
        bytes += std::to_string(file.recorded) + " " + std::to_string(file.from) + " " +
                 std::to_string(file.to) + " ";
    bytes += std::to_string(rows_.size()) + " ";
    for (const auto& [key, row] : rows_)
        bytes += std::to_string(key.size()) + ":" + key + std::to_string(row.date) + " " +
                 numbers_text(row.in) + numbers_text(row.voids);
    return bytes;
}

std::optional<table_ledger> table_ledger::from_bytes(std::string_view bytes) {
    if (!bytes.starts_with(first_line) || bytes.size() <= first_line.size())
        return std::nullopt;
    unpacking from(bytes.substr(first_line.size() + 1));
    table_ledger result;
    const auto files = from.number(' ');
    for (std::int64_t i = 0; files && i < *files; ++i) {
        const auto recorded = from.number(' ');
        const auto first = from.number(' ');
        const auto last = from.number(' ');
        if (!recorded || !first || !last)
            return std::nullopt;
        result.files_.push_back({*recorded, *first, *last});
    }
    const auto rows = from.number(' ');
    for (std::int64_t i = 0; rows && i < *rows; ++i) {
        auto key = from.text();
        const auto date = from.number(' ');
        auto in = from.numbers();
        auto voids = from.numbers();
        if (!key || !date || !in || !voids)
            return std::nullopt;
        result.rows_.emplace(std::move(*key), history{*date, std::move(*in), std::move(*voids)});
    }
    return files && rows && from.at_end() ? std::optional(std::move(result)) : std::nullopt;
}

} // namespace auditgate::mapping
