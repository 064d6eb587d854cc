// What a report counts, how it is shown, and what is left of it for export.
#include "mapping/report/for_export.hpp"
#include "mapping/report/render.hpp"
#include "mapping/report/tally.hpp"
#include "tests/unit/mapping/cases_support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace auditgate::mapping::report {
namespace {

namespace json = fhir::json;
using json::value;
using testing::HasSubstr;
using testing::Not;

struct sample {
    std::string period = "2026-Q1", status = "completed";
    std::string worst_before = "8", worst_after = "3"; // at BL and M1; null: no assessment
    std::string instrument_after = "BPI-SF";
    std::string dose_after = "20", computable_after = "full";
    std::string response = "partial";
    std::string relatedness = "none"; // of one event
    std::string standalone = "true", mdt = "yes";
};

std::string row_of(const std::string& point, const std::string& worst, const std::string& instrument,
                   const std::string& dose, const std::string& computable, const std::string& response) {
    const bool there = worst != "null";
    return R"({"timepoint":")" + point + R"(","status":")" + (there ? "in-window" : "missing") +
           R"(","pain":{"day":-1,"worst":)" + worst + R"(,"average":null,"interference":null,"instrument":)" +
           (there ? '"' + instrument + '"' : "null") + R"(},"opioid":{"day":-1,"ome_mg_per_day":)" + dose +
           R"(,"computable":")" + computable +
           R"("},"quality_of_life":{"day":null,"eq5d5l_profile":null,"eq5d5l_index":null,"eq_vas":null},)" +
           R"("pain_response":)" + response + "}";
}

value record_of(const sample& from) {
    std::string rows = row_of("BL", from.worst_before, "BPI-SF", "60", "full", "null");
    for (const std::string point : {"D3", "W1", "M1", "M3", "M6", "M12"}) {
        if (point == "M1")
            rows += ',' + row_of(point, from.worst_after, from.instrument_after, from.dose_after,
                                 from.computable_after,
                                 from.worst_after == "null" ? "null" : '"' + from.response + '"');
        else
            rows +=
                R"(,{"timepoint":")" + point +
                R"(","status":"not-due","pain":{},"opioid":{},"quality_of_life":{},"pain_response":null})";
    }
    const std::string events =
        from.relatedness == "none"
            ? ""
            : R"({"category":"pain-flare","onset_day":1,"ctcae_grade":1,"relatedness":")" + from.relatedness +
                  "\"}";
    const std::string text =
        R"({"patient":{"sex":"female"},"selection":{"mdt_discussed":")" + from.mdt +
        R"("},"procedure":{"status":")" + from.status + R"(","period":")" + from.period +
        R"(","standalone":)" + from.standalone + R"(},"efficacy":[)" + rows + R"(],"safety":{"occurred":")" +
        (events.empty() ? "none-recorded" : "yes") + R"(","events":[)" + events +
        R"(]},"follow_up":{"status":"active"},"data_quality":{"missing":[)" +
        (from.mdt == "unknown" ? R"("selection.mdt_discussed")" : "") + R"(],"flags":["conflict"]}})";
    json::parse_result parsed = json::parse(text);
    EXPECT_TRUE(parsed.document) << text;
    return std::move(*parsed.document);
}

audit_report report_of(const std::vector<sample>& samples) {
    tally all(*test::shipped_definition());
    for (const sample& one : samples)
        EXPECT_TRUE(all.add(record_of(one)));
    audit_report result = all.finish();
    result.as_of = "2026-06-30";
    result.source = "A test.";
    return result;
}

const value& row_at(const value& report, std::size_t number, std::string_view point) {
    for (const value& row : report["compared"][number]["rows"].items())
        if (row["timepoint"].text() == point)
            return row;
    static const value none;
    return none;
}

TEST(Report, CountsCasesByPeriodAndStatus) {
    const value report =
        to_json(report_of({{}, {.period = "2026-Q2"}, {.period = "2026-Q2", .status = "stopped"}}));
    EXPECT_EQ(json::write(report["cases"]), "3");
    EXPECT_EQ(json::write(report["periods"]), R"({"2026-Q1":1,"2026-Q2":2})");
    EXPECT_EQ(json::write(report["period_statuses"]["2026-Q2"]), R"({"completed":1,"stopped":1})");
    EXPECT_EQ(json::write(report["period_statuses"]["2026-Q1"]), R"({"completed":1,"stopped":0})");
}

TEST(Report, ComparesOnlyWhatCanBeCompared) {
    const value report =
        to_json(report_of({{.worst_after = "3"},
                           {.worst_after = "4"},
                           {.worst_after = "1", .instrument_after = "NRS"},
                           {.worst_after = "null", .dose_after = "null"},
                           {.worst_after = "5", .dose_after = "40", .computable_after = "partial"}}));
    const value& pain = row_at(report, 0, "M1");
    EXPECT_EQ(json::write(pain["all"]), R"({"n":4,"mean":3.3,"median":3.5,"q1":2.5,"q3":4.3})");
    EXPECT_EQ(json::write(pain["change"]), R"({"n":3,"mean":-4.0,"median":-4.0,"q1":-4.5,"q3":-3.5})");
    EXPECT_EQ(json::write(pain["not_comparable"]), "1");
    const value& dose = row_at(report, 1, "M1");
    EXPECT_EQ(json::write(dose["change"]["n"]), "3");
    EXPECT_EQ(json::write(dose["change"]["median"]), "-40.0");
    EXPECT_EQ(json::write(dose["not_usable"]), "1") << "a part of a dose is not compared";
}

TEST(Report, CountsCompletenessOfWhatShouldBeThere) {
    const value report = to_json(report_of({{}, {}, {.worst_after = "null"}}));
    const value& month = report["completeness"][3];
    EXPECT_EQ(json::write(month),
              R"({"timepoint":"M1","in_window":2,"missing":1,"not_due":0,"not_expected":0,)"
              R"("complete_percent":67})");
    EXPECT_TRUE(report["completeness"][5]["complete_percent"].is_null()) << "none is due";
}

TEST(Report, TellsHarmByRelatednessAndNeverAsAShareOfCases) {
    const audit_report report = report_of({{.relatedness = "procedure"}, {.relatedness = "disease"}, {}});
    const value shown = to_json(report)["safety"];
    EXPECT_EQ(json::write(shown["by_relatedness"]),
              R"({"device":0,"procedure":1,"disease":1,"unrelated":0,"unknown":0})");
    EXPECT_EQ(
        json::write(shown["cases_by_nearest_relatedness"]),
        R"({"device":0,"procedure":1,"disease":1,"unrelated":0,"unknown":0,"no event: none recorded":1,)"
        R"("no event: not known":0})");
    EXPECT_THAT(to_html(report), HasSubstr("That no event was recorded does not mean that none happened"));
    EXPECT_THAT(to_text(report), Not(HasSubstr("occurred")));
}

TEST(Report, RefusesWhatIsNoCaseOfItsDefinition) {
    tally all(*test::shipped_definition());
    value no_rows = record_of({});
    no_rows.set("efficacy", value::array());
    value retracted = record_of({});
    retracted.set("safety", value());
    value other_word = record_of({});
    (*other_word.find("safety"))
        .set("events", json::make_array({json::make_object(
                           {{"category", value("rash")}, {"relatedness", value("device")}})}));
    EXPECT_FALSE(all.add(no_rows));
    EXPECT_FALSE(all.add(retracted));
    EXPECT_FALSE(all.add(other_word));
    EXPECT_FALSE(all.add(record_of({.worst_after = "\"eight\""})));
    EXPECT_FALSE(all.add(value()));
    EXPECT_EQ(all.finish().cases.value, 0) << "what is refused leaves nothing behind";
    EXPECT_TRUE(all.finish().periods.empty());
}

TEST(Report, TakesCoarsenedRecords) {
    tally all(*test::shipped_definition());
    value coarse = record_of({.period = "2026"});
    coarse.find("procedure")->set("levels", value::array());
    EXPECT_TRUE(all.add(coarse));
    EXPECT_EQ(all.finish().periods.at(0).name, "2026");
}

// ---- export --------------------------------------------------------------------------------------------------------

std::vector<sample> many(std::uint32_t seed, std::size_t count) {
    std::mt19937 random(seed);
    const auto choose = [&](std::size_t n) { return random() % n; };
    const std::vector<std::string> related{"",          "",          "",        "device",
                                           "procedure", "procedure", "disease", "unrelated"};
    const std::vector<std::string> responses{"complete",      "partial",     "partial",
                                             "indeterminate", "progression", "not-evaluable"};
    std::vector<sample> result;
    for (std::size_t i = 0; i < count; ++i) {
        sample one;
        one.period = "2025-Q" + std::to_string(1 + choose(4));
        one.status = choose(12) == 0 ? "stopped" : "completed";
        one.worst_before = choose(8) == 0 ? "null" : std::to_string(choose(11));
        one.worst_after = choose(5) == 0 ? "null" : std::to_string(choose(11));
        one.dose_after = std::to_string(5 * choose(20));
        one.response = responses[choose(responses.size())];
        one.relatedness = related[choose(related.size())];
        one.standalone = choose(6) == 0 ? "false" : choose(9) == 0 ? "null" : "true";
        one.mdt = choose(10) == 0 ? "unknown" : "yes";
        result.push_back(one);
    }
    return result;
}

// Every number under `exact` that `told` has too, with its path.
void compare_counts(const value& exact, const value& told, const std::string& path) {
    static const std::vector<std::string> no_counts{"percent", "complete_percent", "mean", "median", "q1",
                                                    "q3"};
    for (const json::member& one : exact.members()) {
        const value& other = told[one.name];
        if (std::ranges::find(no_counts, one.name) != no_counts.end() || other.is_null())
            continue;
        const std::string here = path + '/' + one.name;
        compare_counts(one.content, other, here);
        const auto n = one.content.as_integer();
        if (!n || other.text() == "*")
            continue;
        const auto shown = other.as_integer().value();
        if (*n == 0)
            EXPECT_EQ(shown, 0) << here;
        else
            EXPECT_TRUE(*n > 7 && shown % 5 == 0 && std::abs(shown - *n) <= 2)
                << here << ": " << *n << " as " << shown;
    }
    for (std::size_t i = 0; i < exact.size() && exact.is_array(); ++i)
        compare_counts(exact[i], told[i], path + '/' + std::to_string(i));
}

TEST(ReportForExport, HidesOrRoundsEveryCount) {
    for (std::uint32_t seed = 0; seed < 40; ++seed) {
        const audit_report exact = report_of(many(seed, 8 + seed * 5));
        const value told = to_json(for_export(exact));
        compare_counts(to_json(exact), told, "seed " + std::to_string(seed));
        EXPECT_EQ(told.find("period_statuses"), nullptr);
        EXPECT_EQ(told.find("without_record"), nullptr);
    }
}

TEST(ReportForExport, GivesNoStatisticsOfFewerThanEightAndOthersInSteps) {
    for (std::uint32_t seed = 0; seed < 40; ++seed) {
        const audit_report exact = report_of(many(seed, 8 + seed));
        const audit_report told = for_export(exact);
        for (std::size_t i = 0; i < told.numbers.size(); ++i) {
            for (std::size_t at = 0; at < told.numbers[i].rows.size(); ++at) {
                const compared_row& row = told.numbers[i].rows[at];
                const std::int64_t n = exact.numbers[i].rows[at].change.n.value;
                EXPECT_FALSE(n <= 7 && (row.change.of || row.baseline.of)) << n;
                EXPECT_EQ(row.baseline.n, row.change.n) << "one number is told once";
            }
        }
    }
    const value pain = row_at(to_json(for_export(report_of(std::vector<sample>(12)))), 0, "M1");
    EXPECT_EQ(json::write(pain["change"]), R"({"n":10,"mean":-5.0,"median":-5.0,"q1":-5.0,"q3":-5.0})");
    std::vector<sample> nine(9);
    nine[0].worst_after =
        "4"; // a mean of -44 / 9, which to one decimal is of 9 and of no other number near it
    const value told = row_at(to_json(for_export(report_of(nine))), 0, "M1");
    EXPECT_EQ(json::write(told["change"]["mean"]), "-5.0");
}

TEST(ReportForExport, OfFewerThanEightCasesSaysNothing) {
    const audit_report told = for_export(report_of(many(1, 7)));
    EXPECT_TRUE(told.cases.hidden);
    for (const std::string& text : {to_text(told), to_csv(told), to_html(told), json::write(to_json(told))})
        for (const char* word : {"2025-Q", "pain-flare", "conflict"})
            EXPECT_THAT(text, Not(HasSubstr(word)));
    EXPECT_FALSE(for_export(report_of(many(1, 8))).cases.hidden);
}

TEST(ReportForExport, TellsAnUnknownAnswerAndTheMissingItemAlike) {
    for (std::uint32_t seed = 0; seed < 60; ++seed) {
        const value told = to_json(for_export(report_of(many(seed, 30))));
        const value& unknown = told["shares"][0]["answers"]["unknown"];
        const value& missing = told["missing"]["selection.mdt_discussed"];
        EXPECT_TRUE(unknown.text() != "*" || missing.text() == "*" || missing.as_integer() > 7) << seed;
        EXPECT_EQ(unknown.is_null(), missing.is_null());
    }
}

TEST(ReportForExport, SharesAreOfWhatIsTold) {
    std::vector<sample> cases(23);
    for (std::size_t i = 0; i < 11; ++i)
        cases[i].standalone = "false";
    const value told = to_json(for_export(report_of(cases)));
    EXPECT_EQ(json::write(told["shares"][1]["percent"]), "40") << "10 of 25, not 12 of 23";
}

// ---- forms ---------------------------------------------------------------------------------------------------------

TEST(ReportForms, CsvHasOneNumberALine) {
    const std::string csv = to_csv(report_of({{}, {}}));
    EXPECT_THAT(csv, HasSubstr("section,table,row,column,value\r\n"));
    EXPECT_THAT(csv, HasSubstr("completeness,By time point,M1,In window,2\r\n"));
    EXPECT_THAT(
        csv,
        HasSubstr(
            "change-pain-worst,\"Change from baseline, of cases that have both\",M1,Mean change,-5.0\r\n"));
}

TEST(ReportForms, ThePageNeedsNothingElseAndEscapesItsTexts) {
    audit_report report = report_of({{.relatedness = "device"}, {}});
    report.title = "<script>alert('&')</script>";
    report.periods[0].name = "\"<b>";
    const std::string page = to_html(report);
    EXPECT_THAT(page, HasSubstr("&lt;script&gt;alert(&#39;&amp;&#39;)&lt;/script&gt;"));
    EXPECT_THAT(page, HasSubstr("&quot;&lt;b&gt;"));
    for (const char* word : {"<script", "<b>", " src=", "<link", "url(", "@import", "href=\"http"})
        EXPECT_THAT(page, Not(HasSubstr(word)));
}

TEST(ReportForms, SayWhoMaySeeThem) {
    const audit_report exact = report_of(many(3, 40));
    EXPECT_THAT(to_text(exact), HasSubstr("Exact numbers, not suppressed: only for staff"));
    EXPECT_THAT(to_html(exact), HasSubstr("Exact numbers, not suppressed: only for staff"));
    const audit_report told = for_export(exact);
    EXPECT_THAT(to_text(told), HasSubstr("* hides counts of 1 to 7"));
    EXPECT_THAT(to_text(told), Not(HasSubstr("Exact numbers")));
    for (const std::string& text : {to_html(exact), to_html(told)}) {
        EXPECT_THAT(text, HasSubstr("never"));
        EXPECT_THAT(text, HasSubstr("de-identified (pseudonymised) personal data"));
        EXPECT_THAT(text, HasSubstr("Opioid doses are compared as oral morphine equivalents."));
    }
}

TEST(ReportForms, AReportOfNothingCanBeShown) {
    const audit_report none = report_of({});
    EXPECT_THAT(to_text(none), HasSubstr("Cases: 0."));
    EXPECT_FALSE(to_html(none).empty());
    EXPECT_FALSE(to_csv(for_export(none)).empty());
    EXPECT_EQ(json::write(to_json(for_export(none))["cases"]), "0");
}

} // namespace
} // namespace auditgate::mapping::report
