#include "mapping/report/plots.hpp"
#include "mapping/report/render.hpp"
#include "mapping/report/tables.hpp"

namespace auditgate::mapping::report {

namespace {

// Colours are told apart by lightness, too, for those who see few colours and for black and white print.
constexpr std::string_view style = R"(
:root{color-scheme:light dark;--page:#fff;--text:#1a1f24;--soft-text:#535d68;--line:#d3d9df;--head:#f2f5f8;
--accent:#1d5c94;--box:#bcd6ee;--rest:#e4e8ec;--w0:#14694c;--w1:#5fb393;--w2:#c3c9d0;--w3:#c25a3e;--w4:#7a5195;--w5:#3f4750;
--in0:#fff;--in1:#10231c;--in2:#1a1f24;--in3:#fff;--in4:#fff;--in5:#fff;--note:#fff6dd;--note-line:#b98900}
@media (prefers-color-scheme:dark){:root{--page:#14181d;--text:#e7eaee;--soft-text:#a3adb8;--line:#3a434e;--head:#1d232a;
--accent:#7db8ea;--box:#2d5175;--rest:#2a313a;--w0:#7fd1b1;--w1:#2f7a60;--w2:#56606c;--w3:#d98068;--w4:#b795cf;--w5:#c3c9d0;
--in0:#0d1a15;--in1:#fff;--in2:#fff;--in3:#1d0d08;--in4:#14181d;--in5:#14181d;--note:#2c2611;--note-line:#c9a227}}
@media print{:root{color-scheme:light;--page:#fff;--text:#000;--soft-text:#333;--line:#999;--head:#eee;--accent:#1d5c94;
--box:#bcd6ee;--rest:#e4e8ec;--w0:#14694c;--w1:#5fb393;--w2:#c3c9d0;--w3:#c25a3e;--w4:#7a5195;--w5:#3f4750;--in0:#fff;
--in1:#10231c;--in2:#1a1f24;--in3:#fff;--in4:#fff;--in5:#fff;--note:#fff;--note-line:#000}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--text);font:16px/1.5 system-ui,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
main{max-width:60rem;margin:0 auto;padding:1.5rem 1rem 3rem}
h1{font-size:1.6rem;line-height:1.25;margin:0 0 .25rem}
h2{font-size:1.25rem;margin:2.5rem 0 .5rem;padding-top:.75rem;border-top:1px solid var(--line)}
p{margin:.5rem 0;max-width:46rem}
a{color:var(--accent)}
.about,.note{color:var(--soft-text)}
.kind{background:var(--note);border-left:4px solid var(--note-line);padding:.6rem .9rem;margin:1rem 0}
.kind p{margin:.25rem 0}
nav ul{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;padding:0;margin:1rem 0;list-style:none}
.scroll{overflow-x:auto;margin:.75rem 0}
.scroll:focus-visible,a:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
table{border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:.94rem}
caption{text-align:left;font-weight:600;padding:.35rem 0;white-space:nowrap}
th,td{padding:.32rem .7rem;border-bottom:1px solid var(--line);text-align:right;white-space:nowrap}
thead th{background:var(--head);vertical-align:bottom;white-space:normal}
th:first-child{text-align:left}
tbody th{font-weight:400}
figure{margin:1rem 0}
figcaption{color:var(--soft-text);font-size:.9rem}
svg{display:block;width:100%;min-width:34rem;max-width:46rem;height:auto}
svg text{fill:var(--text);font:13px system-ui,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
svg .small{fill:var(--soft-text);font-size:12px}
.grid{stroke:var(--line)}.zero{stroke:var(--text);stroke-width:1.5}
.there,.mean{fill:var(--accent)}.rest{fill:var(--rest)}
.box{fill:var(--box);stroke:var(--accent)}.median{stroke:var(--text);stroke-width:2.5}
.mean{stroke:var(--page);stroke-width:1.5}.trend{fill:none;stroke:var(--accent);stroke-width:2;stroke-dasharray:5 4}
.word{stroke:var(--page);stroke-width:1.5}
.word0{fill:var(--w0)}.word1{fill:var(--w1)}.word2{fill:var(--w2)}.word3{fill:var(--w3)}.word4{fill:var(--w4)}.word5{fill:var(--w5)}
svg .inword0{fill:var(--in0)}svg .inword1{fill:var(--in1)}svg .inword2{fill:var(--in2)}svg .inword3{fill:var(--in3)}
svg .inword4{fill:var(--in4)}svg .inword5{fill:var(--in5)}
@media print{@page{margin:15mm}body{font-size:10pt;-webkit-print-color-adjust:exact;print-color-adjust:exact}
main{max-width:none;padding:0}nav{display:none}.scroll{overflow:visible}svg{min-width:0;max-width:150mm}
th,td{padding:.15rem .35rem;font-size:8.5pt;white-space:normal}caption,figcaption{font-size:9pt}figure,tr,.kind{break-inside:avoid}
h2,caption{break-after:avoid}thead{display:table-header-group}}
)";

std::string element(std::string_view name, std::string_view text) {
    const std::string tag(name);
    return '<' + tag + '>' + html_escaped(text) + "</" + tag.substr(0, tag.find(' ')) + ">\n";
}

// Wide content scrolls by itself, by keyboard, too, so that the page never does sideways.
std::string scrolling(std::string_view label, const std::string& content) {
    return "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"" + html_escaped(label) +
           "\">\n" + content + "</div>\n";
}

std::string html_of(const table& of, const std::string& section_title) {
    if (of.rows.empty())
        return element("p class=\"note\"", of.title + ": none.");
    std::string out = "<table>\n" + element("caption", of.title) + "<thead><tr>";
    for (const std::string& column : of.columns)
        out += "<th scope=\"col\">" + html_escaped(column) + "</th>";
    out += "</tr></thead>\n<tbody>\n";
    for (const auto& cells : of.rows) {
        out += "<tr><th scope=\"row\">" + html_escaped(cells.front()) + "</th>";
        for (std::size_t i = 1; i < cells.size(); ++i)
            out += "<td>" + html_escaped(cells[i]) + "</td>";
        out += "</tr>\n";
    }
    return scrolling(section_title + ": " + of.title, out + "</tbody>\n</table>\n");
}

std::string figure(const std::string& plot, std::string_view label, std::string_view caption) {
    return "<figure>\n" + scrolling(label, plot) + element("figcaption", caption) + "</figure>\n";
}

std::string plot_of(const section& one, const audit_report& of) {
    switch (one.plot) {
    case plot_kind::completeness:
        return figure(completeness_plot(of), "Plot of completeness",
                      "Filled: in window. The rest of a bar: missing. What is not due yet or not expected is "
                      "left out.");
    case plot_kind::change:
        return figure(change_plot(of, of.numbers[one.of]), "Plot: " + one.title,
                      "Change from baseline of the cases that have both. Box: quartiles. Bar across: median. "
                      "Dots: means. "
                      "n: pairs.");
    case plot_kind::response:
        return figure(response_plot(of.responses[one.of]), "Plot: " + one.title,
                      "Shares of the evaluable cases; the best answer is on the left.");
    case plot_kind::none:
        break;
    }
    return {};
}

std::string html_of(const section& one, const audit_report& of) {
    const std::string id = html_escaped(one.id);
    std::string out = "<section aria-labelledby=\"" + id + "\">\n<h2 id=\"" + id + "\">" +
                      html_escaped(one.title) + "</h2>\n";
    for (const std::string& sentence : one.text)
        out += element("p", sentence);
    out += plot_of(one, of);
    for (const table& each : one.tables)
        out += html_of(each, one.title);
    for (const std::string& sentence : one.notes)
        out += element("p class=\"note\"", sentence);
    return out + "</section>\n";
}

} // namespace

std::string to_html(const audit_report& of) {
    const std::vector<section> sections = sections_of(of);
    std::string out = "<!DOCTYPE html>\n<html lang=\"en-GB\">\n<head>\n<meta charset=\"utf-8\">\n"
                      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
                      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
                      "'unsafe-inline'\">\n" +
                      element("title", "Audit report: " + of.title) + "<style>" + std::string(style) +
                      "</style>\n</head>\n<body>\n<main>\n<header>\n" + element("h1", of.title) +
                      element("p class=\"about\"", of.dataset + ' ' + of.dataset_version + ", as of " +
                                                       of.as_of + ". " + of.source) +
                      "<div class=\"kind\" role=\"note\">\n";
    for (const std::string& sentence : kind_of(of))
        out += element("p", sentence);
    out += "</div>\n</header>\n<nav aria-label=\"Sections\">\n<ul>\n";
    for (const section& one : sections)
        out += "<li><a href=\"#" + html_escaped(one.id) + "\">" + html_escaped(one.title) + "</a></li>\n";
    out += "</ul>\n</nav>\n";
    for (const section& one : sections)
        out += html_of(one, of);
    out += "<section aria-labelledby=\"notes\">\n<h2 id=\"notes\">Notes</h2>\n";
    for (const std::string& sentence : footnotes_of(of))
        out += element("p", sentence);
    return out + "</section>\n</main>\n</body>\n</html>\n";
}

} // namespace auditgate::mapping::report
