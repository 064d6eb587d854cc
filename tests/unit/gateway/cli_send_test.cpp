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

TEST(MeaningOfAnAnswer, SaysWhatTheCodesMeanAndWhatToDo) {
    using auditgate::hl7v2::received_error;
    const auto meaning = [](std::string_view code, const received_error& error) {
        return meaning_of(code, {&error, 1});
    };
    EXPECT_EQ(
        meaning("AR", {"101", "MSH^1^10", "E", ""}),
        "refused: it will never be accepted as it is; error 101 (Required field missing) at MSH^1^10: a "
        "field that must be there is empty: let the sender fill it in");
    EXPECT_EQ(
        meaning("AE", {"207", "", "E", ""}),
        "not taken: send it again when the cause is mended; error 207 (Application error): the receiver "
        "failed: its log tells why; send it again then");
    EXPECT_EQ(meaning_of("AE", {}), "not taken: send it again when the cause is mended");
    EXPECT_EQ(meaning_of("no-answer", {}), "");
}

TEST(MeaningOfAnAnswer, TakesThePlaceOfOldVersionsAndQuotesNoText) {
    using auditgate::hl7v2::received_error;
    const auto meaning = [](const received_error& error) { return meaning_of("CR", {&error, 1}); };
    EXPECT_NE(meaning({"103", "PID^1^8^103&Table value not found&HL70357", "", ""}).find(" at PID^1^8: "),
              std::string::npos);
    for (const received_error& error : {received_error{"Anna Sample", "Anna Sample", "E", "Anna Sample"},
                                        {"102", "Anna", "E", "Anna"},
                                        {"102", "SA^ANNA", "E", ""}}) {
        EXPECT_EQ(meaning(error).find("Anna"), std::string::npos) << meaning(error);
        EXPECT_EQ(meaning(error).find(" at "), std::string::npos) << meaning(error);
    }
}

} // namespace
