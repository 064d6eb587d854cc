#include "mapping/report/plots.hpp"

#include "mapping/report/tables.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <optional>
#include <vector>

namespace auditgate::mapping::report {

namespace {

// Of drawing, in units of the picture, which is scaled as a whole.
constexpr double width = 720, bar_left = 80, bar_width = 440, row_height = 36, bar_height = 22;
constexpr double chart_top = 24, chart_height = 250, chart_left = 64, chart_right = 704;
constexpr double hundred_percent = 100;

std::string number(double of) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.1f", of);
    return text.data();
}

std::string text_at(double x, double y, std::string_view anchor, std::string_view css,
                    std::string_view text) {
    return "<text x=\"" + number(x) + "\" y=\"" + number(y) + "\" text-anchor=\"" + std::string(anchor) +
           "\" class=\"" + std::string(css) + "\">" + html_escaped(text) + "</text>\n";
}

std::string rectangle(double x, double y, double w, double h, std::string_view css) {
    return "<rect x=\"" + number(x) + "\" y=\"" + number(y) + "\" width=\"" + number(w) + "\" height=\"" +
           number(h) + "\" class=\"" + std::string(css) + "\"/>\n";
}

std::string line(double x1, double y1, double x2, double y2, std::string_view css) {
    return "<line x1=\"" + number(x1) + "\" y1=\"" + number(y1) + "\" x2=\"" + number(x2) + "\" y2=\"" +
           number(y2) + "\" class=\"" + std::string(css) + "\"/>\n";
}

std::string picture(double height, const std::string& title, const std::string& description,
                    const std::string& content) {
    return "<svg viewBox=\"0 0 " + number(width) + ' ' + number(height) +
           "\" role=\"img\" xmlns=\"http://www.w3.org/2000/svg\">\n<title>" + html_escaped(title) +
           "</title>\n<desc>" + html_escaped(description) + "</desc>\n" + content + "</svg>\n";
}

// ---- change --------------------------------------------------------------------------------------------------------

// Statistics as the tables show them, for drawing.
struct drawn_box {
    double mean = 0, lower = 0, median = 0, upper = 0;
};

std::optional<drawn_box> box_of(const distribution& from, const compared& of) {
    if (!from.of)
        return std::nullopt;
    const auto drawn = [&](const fraction& one, std::int64_t step) {
        return std::stod(text_of(one, of.rule.decimals, step));
    };
    return drawn_box{drawn(from.of->mean, of.mean_step), drawn(from.of->lower_quartile, of.quartile_step),
                     drawn(from.of->median, of.quartile_step),
                     drawn(from.of->upper_quartile, of.quartile_step)};
}

// The vertical axis: from and to multiples of a round step, 0 among them.
class axis {
public:
    explicit axis(const std::vector<std::optional<drawn_box>>& boxes) {
        double least = 0, most = 0;
        for (const auto& one : boxes) {
            if (!one)
                continue;
            least = std::min({least, one->mean, one->lower});
            most = std::max({most, one->mean, one->upper});
        }
        constexpr double ticks_wanted = 6;
        const double rough = std::max(most - least, smallest_span) / ticks_wanted;
        const double power = std::pow(ten, std::floor(std::log10(rough)));
        for (const double nice : {1.0, 2.0, 5.0, ten}) {
            step_ = nice * power;
            if (step_ >= rough)
                break;
        }
        first_ = std::floor(least / step_ + slack);
        last_ = std::max(std::ceil(most / step_ - slack), first_ + 1);
    }

    [[nodiscard]] double y(double value) const {
        const double share = (value / step_ - first_) / (last_ - first_);
        return chart_top + chart_height * (1 - share);
    }

    [[nodiscard]] std::string grid() const {
        const int decimals = std::max(0, static_cast<int>(std::ceil(-std::log10(step_) - slack)));
        std::string result;
        for (double tick = first_; tick <= last_; ++tick) {
            std::array<char, 32> label{};
            std::snprintf(label.data(), label.size(), "%.*f", decimals, tick == 0 ? 0.0 : tick * step_);
            const double at = y(tick * step_);
            result += line(chart_left, at, chart_right, at, tick == 0 ? "zero" : "grid");
            result += text_at(chart_left - 8, at + 4, "end", "small", label.data());
        }
        return result;
    }

private:
    static constexpr double ten = 10, smallest_span = 1e-3, slack = 1e-9;
    double step_ = 1, first_ = 0, last_ = 1;
};

std::string draw_box(const drawn_box& box, double x, const axis& scale) {
    constexpr double half_width = 20, dot = 5;
    const double top = scale.y(box.upper), bottom = scale.y(box.lower), middle = scale.y(box.median);
    constexpr double thinnest = 2;
    return rectangle(x - half_width, top, 2 * half_width, std::max(bottom - top, thinnest), "box") +
           line(x - half_width, middle, x + half_width, middle, "median") + "<circle cx=\"" + number(x) +
           "\" cy=\"" + number(scale.y(box.mean)) + "\" r=\"" + number(dot) + "\" class=\"mean\"/>\n";
}

} // namespace

std::string html_escaped(std::string_view text) {
    std::string result;
    for (const char one : text) {
        switch (one) {
        case '&':
            result += "&amp;";
            break;
        case '<':
            result += "&lt;";
            break;
        case '>':
            result += "&gt;";
            break;
        case '"':
            result += "&quot;";
            break;
        case '\'':
            result += "&#39;";
            break;
        default:
            result += one;
        }
    }
    return result;
}

std::string completeness_plot(const audit_report& of) {
    std::string content, description;
    double y = 8;
    for (const completeness_row& row : of.completeness) {
        const auto share = percent_complete(row);
        const bool hidden = row.in_window.hidden || row.missing.hidden;
        std::string words = hidden ? "* (hidden)" : "none due yet";
        content += text_at(bar_left - 10, y + 16, "end", "label", row.at.name);
        if (share) {
            const double filled = bar_width * static_cast<double>(*share) / hundred_percent;
            content += rectangle(bar_left, y, bar_width, bar_height, "rest");
            content += rectangle(bar_left, y, filled, bar_height, "there");
            words = text_of(row.in_window) + " of " +
                    std::to_string(row.in_window.value + row.missing.value) + " (" + std::to_string(*share) +
                    " %)";
        } else {
            content += line(bar_left, y + bar_height / 2, bar_left + bar_width, y + bar_height / 2, "grid");
        }
        content += text_at(bar_left + bar_width + 12, y + 16, "start", "label", words);
        description += row.at.name + ": " + words + ". ";
        y += row_height;
    }
    return picture(y, "Completeness by time point", description, content);
}

std::string change_plot(const audit_report& report, const compared& of) {
    std::vector<std::optional<drawn_box>> boxes;
    std::vector<const compared_row*> rows;
    for (std::size_t at = 0; at < of.rows.size(); ++at) {
        if (at == report.baseline)
            continue;
        rows.push_back(&of.rows[at]);
        boxes.push_back(box_of(of.rows[at].change, of));
    }
    const axis scale(boxes);
    std::string means, content, description;
    const double slot =
        (chart_right - chart_left) / static_cast<double>(std::max<std::size_t>(rows.size(), 1));
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const double x = chart_left + slot * (static_cast<double>(i) + 1.0 / 2);
        const double below = chart_top + chart_height;
        content += text_at(x, below + 22, "middle", "label", rows[i]->time_point);
        content += text_at(x, below + 40, "middle", "small", "n " + text_of(rows[i]->change.n));
        description += rows[i]->time_point + ": ";
        if (boxes[i]) {
            content += draw_box(*boxes[i], x, scale);
            means += number(x) + ',' + number(scale.y(boxes[i]->mean)) + ' ';
            description += "mean " + text_of(rows[i]->change.of->mean, of.rule.decimals, of.mean_step) + ". ";
        } else {
            const std::string none = rows[i]->change.n.hidden ? "*" : "none";
            content += text_at(x, scale.y(0) - 6, "middle", "small", none);
            description += none + ". ";
        }
    }
    content = scale.grid() + content + "<polyline points=\"" + means + "\" class=\"trend\"/>\n";
    return picture(chart_top + chart_height + 52, "Change from baseline: " + of.rule.label, description,
                   content);
}

std::string response_plot(const response& of) {
    std::string content, description;
    double x = bar_left;
    constexpr double key = 14, legend_slot = 150;
    for (std::size_t i = 0; i < of.rule.words.size(); ++i) {
        content += rectangle(x, 4, key, key, "word word" + std::to_string(i));
        content += text_at(x + key + 6, 16, "start", "small", of.rule.words[i]);
        x += legend_slot;
    }
    double y = row_height;
    for (const response_row& row : of.rows) {
        content += text_at(bar_left - 10, y + 16, "end", "label", row.time_point);
        const bool hidden = row.evaluable.hidden ||
                            std::ranges::any_of(row.words, [](const count& one) { return one.hidden; });
        std::int64_t sum = 0; // of the words: rounded counts need not add up to the rounded total
        for (const count& word : row.words)
            sum += word.value;
        description += row.time_point + ": ";
        if (hidden || sum == 0) {
            content += line(bar_left, y + bar_height / 2, bar_left + bar_width, y + bar_height / 2, "grid");
            description += hidden ? "hidden. " : "none evaluable. ";
        }
        double left = bar_left;
        for (std::size_t i = 0; i < row.words.size() && !hidden && sum > 0; ++i) {
            const double part =
                bar_width * static_cast<double>(row.words[i].value) / static_cast<double>(sum);
            if (part <= 0)
                continue;
            const std::string share = std::to_string(percent(row.words[i], row.evaluable).value_or(0)) + " %";
            const std::string which = "word" + std::to_string(i);
            content += rectangle(left, y, part, bar_height, "word " + which);
            constexpr double room = 34;
            if (part >= room)
                content += text_at(left + part / 2, y + 15, "middle", "in" + which, share);
            description += of.rule.words[i] + ' ' + share + ", ";
            left += part;
        }
        content += text_at(bar_left + bar_width + 12, y + 16, "start", "label",
                           hidden ? "* (hidden)" : text_of(row.evaluable) + " evaluable");
        y += row_height;
    }
    return picture(y, of.rule.label + " by time point", description, content);
}

} // namespace auditgate::mapping::report
