#include "gateway/cli/send_messages.hpp"

#include <gtest/gtest.h>

using namespace auditgate::gateway::cli;

namespace {

const std::string message = "MSH|^~\\&|A|B|C|D|20260504||ADT^A08|C1|P|2.5\r";

std::string answer_to(const std::string& control_id, const std::string& code) {
    return "\x0bMSH|^~\\&|C|D|A|B|20260504||ACK|X|P|2.5\rMSA|" + code + "|" + control_id + "\r\x1c\r";
}

TEST(AnswerSearch, FindsTheAnswerByItsControlId) {
    answer_search search(message);
    const auto found = search.feed(answer_to("OLD", "AE") + answer_to("C1", "AA"));
    ASSERT_TRUE(found);
    EXPECT_EQ(found->code, auditgate::hl7v2::acknowledgement_code::AA);
}

TEST(AnswerSearch, PutsAnAnswerTogetherFromItsPieces) {
    answer_search search(message);
    const std::string answer = answer_to("C1", "AR");
    for (std::size_t i = 0; i + 1 < answer.size(); ++i)
        EXPECT_FALSE(search.feed(answer.substr(i, 1))) << i;
    EXPECT_TRUE(search.feed(answer.substr(answer.size() - 1)));
}

TEST(AnswerSearch, PassesOverWhatIsNoAnswer) {
    answer_search search(message);
    EXPECT_FALSE(search.feed("junk\x0bhello\x1c\r"));
    EXPECT_FALSE(search.feed(answer_to("C2", "AA")));
}

TEST(WantsAnswer, FollowsTheMessage) {
    EXPECT_TRUE(wants_answer(message));
    EXPECT_FALSE(wants_answer("MSH|^~\\&|A|B|C|D|20260504||ADT^A08|C1|P|2.5|||NE|NE\r"));
    EXPECT_TRUE(wants_answer("MSH|^~\\&|A|B|C|D|20260504||ADT^A08|C1|P|2.5|||AL|NE\r"));
}

TEST(AddMessages, SplitsBatchesAndKeepsSingleMessages) {
    std::vector<outgoing_message> all;
    add_messages(all, "one.hl7", message);
    add_messages(all, "two.hl7", "FHS|^~\\&\rBHS|^~\\&\r" + message + message + "BTS|2\rFTS|1\r");
    ASSERT_EQ(all.size(), 3u);
    EXPECT_EQ(all[0].bytes, message);
    EXPECT_EQ(all[2].file, "two.hl7");
    EXPECT_EQ(all[2].number, 2u);
    EXPECT_TRUE(all[2].bytes.starts_with("MSH|"));
}

} // namespace
