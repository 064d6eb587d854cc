#include "mapping/read/read.hpp"
#include "mapping/read/table_reading.hpp"
#include "mapping/read/table_scan.hpp"
#include "tests/fuzz/targets/targets.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

namespace auditgate::fuzz {

namespace {

using mapping::table_message;

// One profile for each form of table: a quoted one with a header, one without quotes and header, and full extracts in another
// character set.
constexpr auto tables = std::to_array<std::string_view>({
    "name: small\n"
    "key: ID\n"
    "patient: {nhs_number: NHS, birth_date: BORN, sex: {column: SEX, words: {1: M, 2: F}}}\n"
    "date: DAY\n"
    "events:\n"
    "  - {tells: observation, columns: PAIN, code: L|PAIN-NRS, type: number}\n"
    "  - {tells: procedure, columns: OPCS, system: OPCS4}\n",
    "name: plain\n"
    "format: {delimiter: \";\", quote: none, header: false, columns: [ID, KIND, NHS, DAY, LAST, CODE]}\n"
    "key: [ID, KIND]\n"
    "patient: {nhs_number: NHS}\n"
    "date: DAY\n"
    "recorded: {column: LAST, format: [\"yyyy-MM-dd HH:mm:ss\", dd/MM/yyyy]}\n"
    "events:\n"
    "  - {tells: condition, columns: CODE, system: I10, where: {column: KIND, is: [DX, dx]}}\n",
    "name: extract\n"
    "format: {delimiter: tab, encoding: windows-1252}\n"
    "file_name: \"extract_{recorded:yyyyMMdd}.txt\"\n"
    "snapshot: {by: file, period: dates}\n"
    "key: ID\n"
    "patient: {local_number: MRN, local_organisation: {value: RXX}}\n"
    "date: DAY\n"
    "status: {column: STATUS, current: [final, \"\"], deleted: [withdrawn], ignored: [draft]}\n"
    "events:\n"
    "  - {tells: observation, columns: PAIN, code: L|PAIN-NRS}\n",
});

std::vector<mapping::source_profile> make_profiles() {
    std::vector<mapping::source_profile> all;
    for (const std::string_view text : tables) {
        std::vector<mapping::yaml::problem> problems;
        mapping::yaml::problem_sink sink("table", problems);
        const auto section = mapping::yaml::parse(text, sink);
        require(section.has_value());
        mapping::source_profile profile;
        profile.table =
            std::make_shared<const mapping::table_profile>(mapping::read_table_profile(*section, sink));
        require(problems.empty());
        all.push_back(std::move(profile));
    }
    return all;
}

struct split_row {
    std::size_t number = 0;
    std::string bytes;
    bool is_broken = false;

    bool operator==(const split_row&) const = default;
};

std::vector<split_row> split(std::string_view bytes, const mapping::table_format& format,
                             std::size_t piece_bytes) {
    mapping::row_splitter rows(format.delimiter, format.quote);
    std::vector<split_row> all;
    const auto take = [&] {
        while (const auto row = rows.next())
            all.push_back({row->number, std::string(row->bytes), row->is_broken});
    };
    while (!bytes.empty()) {
        const std::string_view piece = bytes.substr(0, piece_bytes);
        bytes.remove_prefix(piece.size());
        rows.feed(piece);
        take();
    }
    rows.finish();
    take();
    return all;
}

void check_rows(const std::vector<split_row>& rows, const mapping::table_format& format) {
    std::size_t before = 0;
    for (const split_row& row : rows) {
        require(row.number > before);
        before = row.number;
        require(row.bytes.size() <= mapping::row_bytes_max);
        const auto cells = mapping::split_cells(row.bytes, format.delimiter, format.quote);
        require(!cells || !cells->empty());
    }
}

bool is_same(const table_message& left, const table_message& right) {
    return left.row == right.row && left.recorded == right.recorded && left.omitted == right.omitted &&
           left.broken == right.broken && left.header == right.header && left.cells == right.cells;
}

// A row that is read alone, as the journal has it, tells what it tells in its file.
void check_reading(std::string_view bytes, const mapping::source_profile& profile) {
    constexpr std::size_t rows_max = 200;
    constexpr std::size_t header_bytes_max = 4'096;
    const std::string name = "extract_20260316.txt";
    const mapping::read_result whole =
        mapping::read_message({bytes, mapping::message_format::table, name, {}}, profile);
    if (mapping::is_table_message(bytes))
        return; // a row already
    mapping::table_scan scan(profile, *mapping::civil_time::in_zone("Europe/London"), name);
    scan.feed(bytes);
    scan.finish();
    std::vector<mapping::event> events;
    std::size_t rows = 0;
    while (const auto row = scan.next()) {
        if (++rows > rows_max || row->header.size() > header_bytes_max)
            return;
        const std::string alone = write_table_message(*row);
        require(mapping::is_table_message(alone));
        const auto again = mapping::parse_table_message(alone);
        require(again && is_same(*again, *row));
        mapping::read_result read =
            mapping::read_message({alone, mapping::message_format::table, name, {}}, profile);
        require(read.unreadable_reason().empty() || read.events.empty());
        std::move(read.events.begin(), read.events.end(), std::back_inserter(events));
    }
    require(rows == scan.rows());
    require(whole.events == events);
    if (profile.table->snapshot == mapping::table_snapshot::by_file)
        static_cast<void>(scan.summary());
}

} // namespace

// The first byte chooses the profile and the size of the pieces.
void run_table(std::string_view bytes) {
    static const std::vector<mapping::source_profile> profiles = make_profiles();
    const std::size_t choice = bytes.empty() ? 0 : static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(bytes.empty() ? 0 : 1);
    const mapping::source_profile& profile = profiles[choice % profiles.size()];
    const mapping::table_format& format = profile.table->format;
    const std::vector<split_row> rows = split(bytes, format, std::max<std::size_t>(bytes.size(), 1));
    require(rows == split(bytes, format, 1 + choice / profiles.size()));
    check_rows(rows, format);
    check_reading(bytes, profile);
    if (const auto row = mapping::parse_table_message(bytes))
        require(is_same(*mapping::parse_table_message(write_table_message(*row)), *row));
}

} // namespace auditgate::fuzz
