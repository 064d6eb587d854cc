// Where marks stand in bytes, 64 bytes at a time: what splitting stands on. Inside of the library.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace auditgate::hl7v2::detail {

// Finds `mark_count` marks, each place once and in order. A value; the bytes must outlive it, and none beyond them is read.
template <std::size_t mark_count>
class mark_scanner {
public:
    using marks = std::array<char, mark_count>;

    mark_scanner() = default;
    mark_scanner(const char* begin, const char* end, marks wanted)
        : begin_(begin), end_(end), next_block_(begin), wanted_(wanted) {}

    // The next place; the end when there is none, then and for ever. In line, so that the scanner of a loop lives in registers.
    [[nodiscard, gnu::always_inline]] inline const char* next() {
        while (found_ == 0) {
            if (next_block_ == end_) {
                return end_;
            }
            block_ = next_block_;
            const auto left = static_cast<std::size_t>(end_ - block_);
            if (left >= block_size) {
                found_ = in_block(block_, wanted_);
                next_block_ = block_ + block_size;
            } else {
                const bool is_long = static_cast<std::size_t>(end_ - begin_) >= block_size;
                found_ = is_long ? in_block(end_ - block_size, wanted_) >> (block_size - left)
                                 : in_short(block_, left, wanted_);
                next_block_ = end_;
            }
        }
        const char* const place = block_ + std::countr_zero(found_);
        found_ &= found_ - 1;
        return place;
    }

private:
    static constexpr std::size_t block_size = 64;
    static constexpr std::size_t part_size = 16;

    static std::uint64_t in_block(const char* block, marks wanted) {
        return in_part(block, wanted) | in_part(block + part_size, wanted) << part_size |
               in_part(block + 2 * part_size, wanted) << (2 * part_size) |
               in_part(block + 3 * part_size, wanted) << (3 * part_size);
    }

    // Of fewer bytes than a block has, with none before them.
    static std::uint64_t in_short(const char* bytes, std::size_t size, marks wanted) {
        std::uint64_t found = 0;
        std::size_t at = 0;
        for (; at + part_size <= size; at += part_size) {
            found |= in_part(bytes + at, wanted) << at;
        }
        const std::size_t left = size - at;
        if (left == 0) {
            return found;
        }
        if (at > 0) { // the part that ends with them
            return found | in_part(bytes + size - part_size, wanted) >> (part_size - left) << at;
        }
        return in_part(padded(bytes, size).bytes.data(), wanted) & ((std::uint64_t{1} << size) - 1);
    }

    struct padded_part {
        std::array<char, part_size> bytes;
    };

    // Of fewer bytes than a part has. A call of memcpy() for a few of them would cost more than all the rest.
    static padded_part padded(const char* bytes, std::size_t size) {
        padded_part part{};
        char* const into = part.bytes.data();
        if (size >= 8) {
            std::memcpy(into + size - 8, bytes + size - 8, 8);
            std::memcpy(into, bytes, 8);
        } else if (size >= 4) {
            std::memcpy(into + size - 4, bytes + size - 4, 4);
            std::memcpy(into, bytes, 4);
        } else {
            for (std::size_t i = 0; i < size; ++i) {
                into[i] = bytes[i];
            }
        }
        return part;
    }

    static std::uint64_t in_part(const char* part, marks wanted) {
#if defined(__SSE2__)
        const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(part));
        __m128i found = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(wanted[0]));
        if constexpr (mark_count > 1) {
            found = _mm_or_si128(found, _mm_cmpeq_epi8(bytes, _mm_set1_epi8(wanted[1])));
        }
        return static_cast<std::uint32_t>(_mm_movemask_epi8(found));
#else
        std::uint64_t found = 0;
        for (std::size_t i = 0; i < part_size; ++i) {
            for (const char mark : wanted) {
                found |= static_cast<std::uint64_t>(part[i] == mark) << i;
            }
        }
        return found;
#endif
    }

    static_assert(mark_count == 1 || mark_count == 2);

    const char* begin_ = nullptr;
    const char* end_ = nullptr;
    const char* block_ = nullptr; // what found_ speaks of
    const char* next_block_ = nullptr;
    std::uint64_t found_ = 0; // places not told yet, by bits
    marks wanted_{};
};

// The first place of either mark at or behind `from`; the size of the bytes when there is none.
inline std::size_t find_either(std::string_view bytes, char mark, char other, std::size_t from = 0) {
    if (from >= bytes.size()) {
        return bytes.size();
    }
    mark_scanner<2> places(bytes.data() + from, bytes.data() + bytes.size(), {mark, other});
    return static_cast<std::size_t>(places.next() - bytes.data());
}

} // namespace auditgate::hl7v2::detail
