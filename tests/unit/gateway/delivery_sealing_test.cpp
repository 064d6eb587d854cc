// What is sealed of a record when the layouts of the feed have moved on since it was sent.
#include "gateway/delivery/sealing.hpp"
#include "mapping/feed/feed.hpp"
#include "tests/support/feed_layout.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace auditgate::gateway::delivery {
namespace {

namespace json = fhir::json;
namespace feed = mapping::feed;
using store::record_action;

const std::string record_id(64, 'a');

feed::layout layout_of(std::vector<std::string> versions) {
    feed::layout made = test::load_feed_layout();
    made.dataset_versions = std::move(versions);
    return made;
}

// A row whose version 1, of dataset version 1.0.0, is at the destination.
store::outbox_row delivered(const std::vector<std::string>& slots_out) {
    json::value content = test::make_record(layout_of({"1.0.0"}), record_id, 1, "create",
                                            [](std::size_t bound) { return bound - 1; });
    content.erase("record_version");
    content.erase("record_action");
    store::outbox_row row;
    row.record_id = record_id;
    row.last_version = 1;
    row.live = row.may_be_there = true;
    row.last_content = json::write(content);
    row.desired_content = row.last_content;
    row.slots_out = slots_out;
    return row;
}

json::value body_of(const result<store::sealed_record>& sealed) {
    return json::parse(sealed.value().body).document.value();
}

TEST(DeliverySealing, TakesBackARecordOfADatasetVersionThatNoLayoutIsLeftOf) {
    const std::vector<feed::layout> layouts{layout_of({"1.1.0"}), layout_of({"2.0.0", "2.1.0"})};
    const auto sealed = seal_record(delivered({"patient"}), record_action::retract, 2, layouts);
    ASSERT_TRUE(sealed) << sealed.error().message;
    const json::value body = body_of(sealed);
    const feed::bundle_dataset of = feed::dataset_of(body);
    EXPECT_EQ(of.dataset_version, "2.1.0") << "of the layout that it is written by, so that it can be read";
    const feed::read_bundle_result read = feed::read_bundle(body, layouts[1]);
    ASSERT_TRUE(read.record);
    EXPECT_EQ((*read.record)["record_action"].text(), "retract");
    EXPECT_EQ((*read.record)["record_id"].text(), record_id);
    EXPECT_EQ(read.deleted_slots, std::vector<std::string>{"patient"});
}

TEST(DeliverySealing, KeepsTheDatasetVersionOfARetractThatHasALayout) {
    const std::vector<feed::layout> layouts{layout_of({"1.0.0", "1.1.0"})};
    const auto sealed = seal_record(delivered({"patient"}), record_action::retract, 2, layouts);
    EXPECT_EQ(feed::dataset_of(body_of(sealed)).dataset_version, "1.0.0");
}

TEST(DeliverySealing, TakesBackAResourceThatTheLayoutHasRenamed) {
    feed::layout renamed = layout_of({"1.1.0"});
    const auto safety = std::ranges::find(renamed.resources, "safety", &feed::resource_template::name);
    ASSERT_NE(safety, renamed.resources.end());
    safety->name = "adverse-effects";
    const std::vector<feed::layout> layouts{renamed};
    const auto sealed = seal_record(delivered({"safety"}), record_action::retract, 2, layouts);
    ASSERT_TRUE(sealed) << sealed.error().message;
    EXPECT_NE(sealed->body.find("Observation?identifier=urn:auditgate:record|" + record_id + ".safety"),
              std::string::npos);
}

TEST(DeliverySealing, HoldsContentOfADatasetVersionWithoutALayout) {
    const std::vector<feed::layout> layouts{layout_of({"1.1.0"})};
    EXPECT_FALSE(seal_record(delivered({}), record_action::amend, 2, layouts));
    feed::layout foreign = layout_of({"1.0.0"});
    foreign.dataset = "another";
    EXPECT_FALSE(seal_record(delivered({}), record_action::retract, 2, std::vector{foreign}));
}

} // namespace
} // namespace auditgate::gateway::delivery
