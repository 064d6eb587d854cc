#include "hl7v2/path.hpp"

#include <algorithm>

namespace auditgate::hl7v2 {

namespace {

constexpr std::size_t number_max = 1'000'000;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_name_character(char c) {
    return (c >= 'A' && c <= 'Z') || is_digit(c);
}

class path_parser {
public:
    explicit path_parser(std::string_view text) : text_(text) {}

    path_result run() {
        path_result result;
        path parsed;
        if (!steps(parsed) || !field(parsed)) {
            result.error = error_;
            result.error_offset = position_;
        } else {
            result.value = std::move(parsed);
        }
        return result;
    }

private:
    bool steps(path& parsed) {
        do {
            path::step step;
            if (!name(step.segment)) {
                return false;
            }
            if (take('(') &&
                (!index(step.occurrence) || !expect(')', "a closing parenthesis was expected"))) {
                return false;
            }
            parsed.steps.push_back(std::move(step));
        } while (take('/'));
        return expect('-', "a hyphen and the field's number were expected");
    }

    bool field(path& parsed) {
        if (!number(parsed.field)) {
            return false;
        }
        if (take('[')) {
            std::size_t repetition = 1;
            if (!index(repetition) || !expect(']', "a closing bracket was expected")) {
                return false;
            }
            parsed.repetition = repetition;
        }
        if (take('.')) {
            if (!number(parsed.component.emplace())) {
                return false;
            }
            if (take('.') && !number(parsed.subcomponent.emplace())) {
                return false;
            }
        }
        return position_ == text_.size() || fail("nothing more was expected");
    }

    bool name(std::string& segment) {
        const std::string_view three = text_.substr(position_, 3);
        if (three.size() != 3 || !std::all_of(three.begin(), three.end(), is_name_character) ||
            is_digit(three[0])) {
            return fail("a segment name of three capital letters or digits was expected");
        }
        segment = std::string(three);
        position_ += three.size();
        return true;
    }

    bool index(std::size_t& value) {
        if (take('*')) {
            value = path::every_one;
            return true;
        }
        return number(value);
    }

    bool number(std::size_t& value) {
        const std::size_t begin = position_;
        value = 0;
        while (position_ < text_.size() && is_digit(text_[position_]) && value <= number_max) {
            value = value * 10 + static_cast<std::size_t>(text_[position_++] - '0');
        }
        if (value == 0 || value > number_max) {
            position_ = begin;
            return fail("a number from 1 to 1000000 was expected");
        }
        return true;
    }

    bool take(char wanted) {
        if (position_ == text_.size() || text_[position_] != wanted) {
            return false;
        }
        ++position_;
        return true;
    }

    bool expect(char wanted, std::string_view otherwise) { return take(wanted) || fail(otherwise); }

    bool fail(std::string_view error) {
        error_ = error;
        return false;
    }

    std::string_view text_;
    std::size_t position_ = 0;
    std::string_view error_;
};

// Walks a path through a message and hands out every value with its place, until `visit` returns false.
template <class Visit>
class path_walker {
public:
    path_walker(const message& from, const path& which, Visit& visit)
        : from_(from), which_(which), visit_(visit), place_(which) {}

    void run() { step(0, 0, from_.segment_count()); }

private:
    // The segments of step `number` between two places; a group ends before the next segment of its own name.
    bool step(std::size_t number, std::size_t begin, std::size_t end) {
        const path::step& wanted = which_.steps[number];
        std::size_t occurrence = 0;
        for (std::size_t i = begin; i < end; ++i) {
            const segment_view segment = from_.segment(i);
            if (segment.name() != wanted.segment) {
                continue;
            }
            ++occurrence;
            if (wanted.occurrence != path::every_one && wanted.occurrence != occurrence) {
                continue;
            }
            place_.steps[number].occurrence = occurrence;
            const bool goes_on = number + 1 == which_.steps.size()
                                     ? field(segment)
                                     : step(number + 1, i + 1, group_end(i, end));
            if (!goes_on) {
                return false;
            }
            if (wanted.occurrence != path::every_one) {
                return true;
            }
        }
        return true;
    }

    std::size_t group_end(std::size_t head, std::size_t end) const {
        std::size_t position = head + 1;
        while (position < end && from_.segment(position).name() != from_.segment(head).name()) {
            ++position;
        }
        return position;
    }

    bool field(const segment_view& segment) {
        const field_view found = segment.field(which_.field);
        if (!which_.repetition) {
            return which_.component ? parts(found.repetition(1)) : give(found);
        }
        if (*which_.repetition != path::every_one) {
            return parts(found.repetition(*which_.repetition));
        }
        std::size_t number = 0;
        for (const repetition_view repetition : found.repetitions()) {
            place_.repetition = ++number;
            if (!parts(repetition)) {
                return false;
            }
        }
        return true;
    }

    bool parts(const repetition_view& repetition) {
        if (!which_.component) {
            return give(repetition);
        }
        const component_view component = repetition.component(*which_.component);
        return which_.subcomponent ? give(component.subcomponent(*which_.subcomponent)) : give(component);
    }

    bool give(const element_view& value) { return value.is_absent() || visit_(place_, value); }

    const message& from_;
    const path& which_;
    Visit& visit_;
    path place_;
};

template <class Visit>
void walk(const message& from, const path& which, Visit visit) {
    if (!which.steps.empty()) {
        path_walker<Visit>(from, which, visit).run();
    }
}

} // namespace

path_result parse_path(std::string_view text) {
    return path_parser(text).run();
}

std::string to_string(const path& written) {
    const auto index = [](std::size_t number) {
        return number == path::every_one ? std::string("*") : std::to_string(number);
    };
    std::string text;
    for (const path::step& each : written.steps) {
        text += text.empty() ? "" : "/";
        text += each.segment;
        if (each.occurrence != 1) {
            text += "(" + index(each.occurrence) + ")";
        }
    }
    text += "-" + std::to_string(written.field);
    if (written.repetition) {
        text += "[" + index(*written.repetition) + "]";
    }
    if (written.component) {
        text += "." + std::to_string(*written.component);
    }
    if (written.subcomponent) {
        text += "." + std::to_string(*written.subcomponent);
    }
    return text;
}

element_view get(const message& from, const path& which) {
    element_view first;
    walk(from, which, [&first](const path&, const element_view& value) {
        first = value;
        return false;
    });
    return first;
}

std::vector<located_value> get_all(const message& from, const path& which) {
    std::vector<located_value> found;
    walk(from, which, [&found](const path& where, const element_view& value) {
        found.push_back({where, value});
        return true;
    });
    return found;
}

element_view get(const message& from, std::string_view which) {
    const path_result parsed = parse_path(which);
    return parsed.value ? get(from, *parsed.value) : element_view();
}

} // namespace auditgate::hl7v2
