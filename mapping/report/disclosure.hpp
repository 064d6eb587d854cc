// Disclosure control of counts that add up (dataset.md section 8, small numbers). The rule is NHS England's for Hospital
// Episode Statistics below the national level ("Disclosure control methodology for HES and ECDS", in force since September
// 2018): 1 to 7 become `*`, other counts are rounded to the nearest 5, 0 stays; what is calculated from fewer than 8
// individuals is not told. dataset.md adds secondary suppression, for rounding alone does not always hide: in 8 + 1 + 1 + 1 +
// 1 = 12, told as 10 + * + * + * + * = 10, each `*` can only be 1. What is to be prevented is in section 3.2 of the ONS "Policy
// on protecting confidentiality in tables of birth and death statistics": that something protected can be found out from
// what is published, alone or with other knowledge.
#pragma once

#include "mapping/report/report.hpp"

#include <cstddef>
#include <vector>

namespace auditgate::mapping::report {

inline constexpr std::int64_t small_count_max = 7; // 1 to this is hidden
inline constexpr std::int64_t rounding_base = 5;

// All counts of one report, and which of them are sums of others. The sums must hang together as a tree or several (no
// two ways from one count to another through sums): then the reasoning below is exact.
class count_system {
public:
    // A count that will be told; it lives until protect() has returned. Gives its place.
    std::size_t add(count& told);
    // A count that nobody is told, but that can be thought of: the rest of a whole of which a part is told.
    std::size_t add_untold();
    // The count at `total` is the sum of those at `parts`.
    void sum(std::size_t total, std::vector<std::size_t> parts);

    // Rounds and hides. Afterwards nobody who knows the rule and all that is told can narrow any hidden count down to fewer
    // than three numbers. To get there, counts that are not small are hidden, too;
    // the parts of a small total are hidden whatever they are.
    void protect();

private:
    enum class form { untold, small, hidden_as_neighbour, hidden_with_total, hidden_zero, rounded };
    // Numbers that a count may be, as far as can be concluded.
    struct range {
        std::int64_t least = 0, most = 0;
    };
    struct relation {
        std::size_t total;
        std::vector<std::size_t> parts;
    };

    void hide_parts_of_small_totals();
    [[nodiscard]] bool has_hidden_neighbour(std::size_t at) const;
    [[nodiscard]] range told_range(std::size_t at) const;
    [[nodiscard]] std::vector<range> conclusions() const;
    bool narrow(const relation& by, std::vector<range>& ranges) const;
    bool hide(std::size_t at);
    // For a total that is hidden: a 0 that is told beside it would tell it from a small one, whose parts are all hidden.
    bool hide_all_parts(const relation& of);
    // Hides more, so that less can be concluded about the count at `at`: the other parts of its total, all of them, for
    // to hide one by a rule tells about it; where none is left the total; then those further away. False: none is left.
    bool hide_neighbours(std::size_t at);
    [[nodiscard]] bool is_hidden(std::size_t at) const;

    std::vector<count*> told_; // nullptr: untold
    std::vector<form> forms_;
    std::vector<relation> sums_;
};

} // namespace auditgate::mapping::report
