#include "mapping/report/disclosure.hpp"

#include <algorithm>
#include <set>

namespace auditgate::mapping::report {

namespace {

constexpr std::int64_t no_limit = std::int64_t{1} << 40; // far above any number of cases
constexpr std::int64_t possible_min = 3;                 // numbers that a hidden count must be able to be

std::int64_t rounded(std::int64_t n) {
    return nearest({n, 1}, rounding_base);
}

} // namespace

std::size_t count_system::add(count& told) {
    told_.push_back(&told);
    forms_.push_back(form::rounded);
    return told_.size() - 1;
}

std::size_t count_system::add_untold() {
    told_.push_back(nullptr);
    forms_.push_back(form::untold);
    return told_.size() - 1;
}

void count_system::sum(std::size_t total, std::vector<std::size_t> parts) {
    sums_.push_back({total, std::move(parts)});
}

bool count_system::is_hidden(std::size_t at) const {
    return forms_[at] != form::untold && forms_[at] != form::rounded;
}

void count_system::hide_parts_of_small_totals() {
    for (std::size_t at = 0; at < told_.size(); ++at) {
        if (told_[at] != nullptr && told_[at]->value > 0 && told_[at]->value <= small_count_max)
            forms_[at] = form::small;
    }
    bool changed = true;
    while (changed) {
        changed = false;
        for (const relation& one : sums_) {
            if (forms_[one.total] != form::small && forms_[one.total] != form::hidden_with_total)
                continue;
            for (const std::size_t part : one.parts) {
                if (told_[part] != nullptr && forms_[part] != form::hidden_with_total) {
                    forms_[part] = form::hidden_with_total;
                    changed = true;
                }
            }
        }
    }
}

bool count_system::has_hidden_neighbour(std::size_t at) const {
    const auto is_one = [&](std::size_t one) { return forms_[one] == form::hidden_as_neighbour; };
    return std::ranges::any_of(sums_, [&](const relation& one) {
        const bool holds = one.total == at || std::ranges::find(one.parts, at) != one.parts.end();
        return holds && (is_one(one.total) || std::ranges::any_of(one.parts, is_one));
    });
}

count_system::range count_system::told_range(std::size_t at) const {
    switch (forms_[at]) {
    case form::untold:
        break;
    case form::small: // where a neighbour is hidden, too, nobody is told which of them is small
        return {1, has_hidden_neighbour(at) ? no_limit : small_count_max};
    case form::hidden_with_total:
        return {0, small_count_max};
    case form::hidden_zero:
        return {0, no_limit};
    case form::hidden_as_neighbour:
        return {1, no_limit};
    case form::rounded: {
        const std::int64_t shown = rounded(told_[at]->value);
        constexpr std::int64_t off_max = rounding_base / 2;
        return shown == 0 ? range{0, 0}
                          : range{std::max(small_count_max + 1, shown - off_max), shown + off_max};
    }
    }
    return {0, no_limit};
}

bool count_system::narrow(const relation& by, std::vector<range>& ranges) const {
    range parts;
    for (const std::size_t part : by.parts) {
        parts.least += ranges[part].least;
        parts.most = std::min(no_limit, parts.most + ranges[part].most);
    }
    bool changed = false;
    const auto limit = [&changed](range& one, std::int64_t least, std::int64_t most) {
        if (least <= one.least && most >= one.most)
            return;
        one = {std::max(one.least, least), std::min(one.most, most)};
        changed = true;
    };
    limit(ranges[by.total], parts.least, parts.most);
    const range total = ranges[by.total];
    for (const std::size_t part : by.parts) {
        const range own = ranges[part];
        const std::int64_t others_most = parts.most >= no_limit ? no_limit : parts.most - own.most;
        limit(ranges[part], total.least - others_most, total.most - (parts.least - own.least));
    }
    return changed;
}

std::vector<count_system::range> count_system::conclusions() const {
    std::vector<range> ranges(told_.size());
    for (std::size_t at = 0; at < ranges.size(); ++at)
        ranges[at] = told_range(at);
    bool changed = true;
    while (changed) {
        changed = false;
        for (const relation& one : sums_)
            changed = narrow(one, ranges) || changed;
    }
    return ranges;
}

bool count_system::hide(std::size_t at) {
    if (forms_[at] != form::rounded || told_[at]->value == 0)
        return false;
    forms_[at] = form::hidden_as_neighbour;
    return true;
}

bool count_system::hide_all_parts(const relation& of) {
    for (const std::size_t part : of.parts) {
        if (forms_[part] != form::rounded)
            continue;
        forms_[part] = form::hidden_zero;
        for (const relation& below : sums_) {
            if (below.total == part)
                hide_all_parts(below);
        }
    }
    return true;
}

bool count_system::hide_neighbours(std::size_t at) {
    std::set<std::size_t> near{at};
    while (true) {
        std::vector<const relation*> touched;
        for (const relation& one : sums_) {
            if (near.contains(one.total) ||
                std::ranges::any_of(one.parts, [&](std::size_t part) { return near.contains(part); }))
                touched.push_back(&one);
        }
        bool changed = false;
        for (const relation* one : touched)
            for (const std::size_t part : one->parts)
                changed = hide(part) || changed;
        if (changed)
            return true;
        for (const relation* one : touched) {
            if (hide(one->total))
                return hide_all_parts(*one);
        }
        const std::size_t before = near.size();
        for (const relation* one : touched) {
            near.insert(one->total);
            near.insert(one->parts.begin(), one->parts.end());
        }
        if (near.size() == before)
            return false;
    }
}

void count_system::protect() {
    hide_parts_of_small_totals();
    for (bool changed = true; changed;) {
        changed = false;
        const std::vector<range> ranges = conclusions();
        for (std::size_t at = 0; at < ranges.size() && !changed; ++at) {
            if (!is_hidden(at) || ranges[at].most - ranges[at].least + 1 >= possible_min)
                continue;
            changed = hide_neighbours(at);
        }
    }
    for (std::size_t at = 0; at < told_.size(); ++at) {
        if (told_[at] != nullptr)
            *told_[at] = {is_hidden(at) ? 0 : rounded(told_[at]->value), is_hidden(at)};
    }
}

} // namespace auditgate::mapping::report
