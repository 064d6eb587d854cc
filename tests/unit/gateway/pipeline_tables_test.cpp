// Rows of tables through the pipeline: each a message with a state of its own.
#include "tests/unit/gateway/pipeline_support.hpp"

#include "mapping/read/table_scan.hpp"

#include <algorithm>

namespace auditgate::test {
namespace {

class TablesMapped : public PipelineOnAStore {
protected:
    void SetUp() override {
        PipelineOnAStore::SetUp();
        auto load = mapping::load_source_profile(source_folder() / "config/sources/coding-extract.yaml");
        ASSERT_TRUE(load.profile.has_value());
        with_.profiles.insert_or_assign("hospital", *load.profile);
        profile_ = *load.profile;
    }

    // The messages of a file, as the watched directory makes them.
    std::vector<std::string> rows_of(const std::string& golden_case, const std::string& file) {
        mapping::table_scan scan(profile_, mapping::civil_time::in_zone(profile_.time_zone).value(), file);
        scan.feed(read_file(source_folder() / "tests/acceptance" / golden_case / "messages" / file));
        scan.finish();
        std::vector<std::string> messages;
        while (const auto row = scan.next())
            messages.push_back(write_table_message(*row));
        for (const mapping::table_omission& gone : ledger_.take(scan.summary()).omissions)
            messages.push_back(mapping::write_omission(gone.key, *profile_.table, gone.recorded));
        return messages;
    }

    mapping::source_profile profile_;
    mapping::table_ledger ledger_;
};

TEST_F(TablesMapped, ARowThatALaterExtractLeavesOutTakesItsRecordBack) {
    receive(rows_of("table-full-extract", "coding_20260309.csv"));
    map_all(64);
    const auto before = desired_and_present();
    ASSERT_EQ(before.size(), 1U);
    receive(rows_of("table-full-extract", "coding_20260316.csv"));
    map_all(64);
    const auto after = desired();
    EXPECT_EQ(after.at(before.begin()->first), "");
    EXPECT_EQ(desired_and_present().size(), 1U) << "of the other patient";
    receive(rows_of("table-full-extract", "coding_20260323.csv"));
    map_all(64);
    EXPECT_EQ(desired_and_present().size(), 2U);
}

TEST_F(TablesMapped, ARowThatCannotBeReadIsQuarantinedByItself) {
    receive(rows_of("table-row-errors", "coding_20260309.csv"));
    map_all(64);
    EXPECT_EQ(desired_and_present().size(), 1U);
    EXPECT_EQ(counts(), (std::map<gs::message_state, std::int64_t>{{gs::message_state::applied, 2},
                                                                   {gs::message_state::quarantined, 3}}));
    std::vector<std::string> reasons;
    gs::message_filter filter;
    filter.states = {gs::message_state::quarantined};
    for (const gs::stored_message& one : store_->messages(filter).value())
        reasons.push_back(one.reason);
    std::sort(reasons.begin(), reasons.end());
    EXPECT_EQ(reasons, (std::vector<std::string>{"cell-count-differs", "invalid-time", "no-row-key"}));
}

} // namespace
} // namespace auditgate::test
