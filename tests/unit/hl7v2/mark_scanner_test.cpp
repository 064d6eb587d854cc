#include "hl7v2/mark_scanner.hpp"

#include "hl7v2/message.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace auditgate::hl7v2::detail {
namespace {

template <std::size_t count>
std::vector<std::size_t> places(const std::vector<char>& bytes, std::array<char, count> marks) {
    mark_scanner<count> scanner(bytes.data(), bytes.data() + bytes.size(), marks);
    const char* const end = bytes.data() + bytes.size();
    std::vector<std::size_t> found;
    for (const char* place = scanner.next(); place != end; place = scanner.next()) {
        found.push_back(static_cast<std::size_t>(place - bytes.data()));
    }
    EXPECT_EQ(scanner.next(), end);
    return found;
}

// The bytes end where their memory does, so that AddressSanitizer sees a look beyond them.
TEST(MarkScanner, FindsEveryPlaceWhateverTheSize) {
    std::mt19937 random(1);
    for (std::size_t size = 0; size <= 300; ++size) {
        for (const unsigned one_in : {1U, 3U, 20U, 1000U}) {
            std::vector<char> bytes(size, 'a');
            std::vector<std::size_t> bars;
            std::vector<std::size_t> both;
            for (std::size_t i = 0; i < size; ++i) {
                if (random() % one_in == 0) {
                    bytes[i] = random() % 2 == 0 ? '|' : '\r';
                    both.push_back(i);
                }
                if (bytes[i] == '|') {
                    bars.push_back(i);
                }
            }
            EXPECT_EQ(places<1>(bytes, {'|'}), bars) << size;
            EXPECT_EQ((places<2>(bytes, {'|', '\r'})), both) << size;
            const std::string_view text(bytes.data(), bytes.size());
            for (const std::size_t from : {std::size_t{0}, size / 2, size, size + 1}) {
                EXPECT_EQ(find_either(text, '\r', '|', from),
                          std::min(from > size ? size : text.find_first_of("\r|", from), size))
                    << size;
            }
        }
    }
}

TEST(MarkScanner, FieldsOfEverySegmentLengthAreThoseThatFieldGives) {
    for (std::size_t size = 0; size <= 200; ++size) {
        for (const std::size_t step : {1U, 7U, 63U, 64U, 65U}) {
            std::string rest(size, 'v');
            for (std::size_t i = 0; i < size; i += step) {
                rest[i] = '|';
            }
            const std::string bytes = "MSH|^~\\&|A\rPID" + rest + "\r";
            const parse_result read = message::parse(bytes);
            ASSERT_TRUE(read.value);
            const segment_view segment = read.value->segment(1);
            std::size_t number = 0;
            for (const field_view field : segment.fields()) {
                EXPECT_EQ(field.raw(), segment.field(++number).raw()) << size << ' ' << step;
            }
            EXPECT_EQ(number, segment.field_count()) << size << ' ' << step;
        }
    }
}

} // namespace
} // namespace auditgate::hl7v2::detail
