// What is said of a record that would change, by what is stored of it and what would be.
#include "gateway/cli/record_changes.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace auditgate::test {
namespace {

namespace gs = gateway::store;
namespace pipeline = gateway::pipeline;
using gateway::acceptance::item_difference;
using gateway::cli::change_kind;

const gs::record_name name{"registry", std::string(64, 'a')};

pipeline::record_state state(mapping::case_state what, const std::string& reason,
                             const std::optional<std::string>& content, const std::string& facts = "f") {
    return {"d", what, reason, content, facts};
}

TEST(RecordChanges, AreToldByWhatBecomesOfTheRecord) {
    using enum mapping::case_state;
    const auto sent = state(record, "", R"({"dataset_version":"1","a":{"b":1,"c":null}})");
    const auto same = state(record, "", R"({"dataset_version":"2","a":{"b":1,"c":null}})");
    const auto other = state(record, "", R"({"dataset_version":"2","a":{"b":2,"c":null}})");
    const auto other_facts = state(record, "", sent.content, "g");
    const auto held_unsent = state(held, "no-consent", std::nullopt);
    const auto held_sent = state(held, "no-consent", sent.content);
    const auto held_otherwise = state(held, "identity-conflict", sent.content);
    const auto none = state(excluded, "not-done", std::nullopt);
    struct row {
        pipeline::record_state before, after;
        std::string expected;
    };
    const std::vector<row> rows{
        {sent, sent, ""},
        {sent, same, ""},
        {sent, other, "changed a.b: 1 -> 2"},
        {sent, other_facts, "changed gate"},
        {none, sent, "new"},
        {held_unsent, sent, "new"},
        {sent, none, "taken-back (not-done)"},
        {held_sent, none, "taken-back (not-done)"},
        {held_unsent, none, "no-longer-held"},
        {held_sent, sent, "no-longer-held"},
        {held_sent, other, "changed a.b: 1 -> 2"},
        {sent, held_sent, "held (no-consent)"},
        {none, held_unsent, "held (no-consent)"},
        {held_sent, held_sent, ""},
        {held_sent, held_otherwise, "held (identity-conflict)"},
        {none, none, ""},
    };
    for (std::size_t i = 0; i < rows.size(); ++i) {
        std::string got;
        for (const auto& one :
             gateway::cli::changes_between({{name, rows[i].before}}, {{name, rows[i].after}})) {
            got = name_of(one.kind);
            got += one.reason.empty() ? "" : " (" + one.reason + ')';
            for (const item_difference& item : one.items)
                got += ' ' + item.item + ": " + item.expected + " -> " + item.got;
            got += one.gate_facts ? " gate" : "";
        }
        EXPECT_EQ(got, rows[i].expected) << "row " << i;
    }
    EXPECT_EQ(gateway::cli::changes_between({{name, sent}}, {}).at(0).kind, change_kind::taken_back);
    EXPECT_EQ(gateway::cli::changes_between({}, {{name, sent}}).at(0).kind, change_kind::created);
    EXPECT_TRUE(gateway::cli::changes_between({{name, none}}, {}).empty());
}

} // namespace
} // namespace auditgate::test
