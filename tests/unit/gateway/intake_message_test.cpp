#include "gateway/intake/message_intake.hpp"

#include <gtest/gtest.h>

using namespace auditgate::gateway;
using namespace auditgate::gateway::intake;
using store::message_state;

namespace {

const store::utc_time noon = std::chrono::sys_days(std::chrono::year(2026) / 5 / 4) + std::chrono::hours(12);

class MessageIntake : public testing::Test {
protected:
    MessageIntake() {
        source_config pas;
        pas.name = "pas";
        pas.sending_applications = {"PAS"};
        pas.duplicate_horizon = std::chrono::seconds(77);
        sources_ = {pas};
    }

    store::incoming_message take(std::string content) {
        int last_id = 0;
        const message_intake intake(
            sources_, [] { return noon; }, [&last_id] { return "ID" + std::to_string(++last_id); });
        return intake.take_frame(std::move(content), {"main", "10.0.0.1:4711"});
    }

    std::vector<source_config> sources_;
};

const std::string good = "MSH|^~\\&|PAS|RXX|EPR|RYY|20260504||ADT^A08^ADT_A01|C1|P|2.5\rPID|1\r";

TEST_F(MessageIntake, JournalsAGoodMessageAsWaiting) {
    const store::incoming_message message = take(good);
    EXPECT_EQ(message.state, message_state::waiting);
    EXPECT_EQ(message.source, "pas");
    EXPECT_EQ(message.control_id, "C1");
    EXPECT_EQ(message.message_type, "ADT^A08");
    EXPECT_EQ(message.bytes, good);
    EXPECT_EQ(message.peer, "10.0.0.1:4711");
    EXPECT_EQ(message.duplicate_horizon, std::chrono::seconds(77));
    EXPECT_EQ(message.answer, "\x0bMSH|^~\\&|EPR|RYY|PAS|RXX|20260504120000.000+0000||ACK^A08^ACK|ID1|P|2.5\r"
                              "MSA|AA|C1\r\x1c\r");
}

TEST_F(MessageIntake, DecidesStateAndAnswerByTheHeader) {
    struct row {
        std::string what, content;
        message_state state;
        std::string reason, answer_code, control_id;
    };
    const auto msh = [](const std::string& rest) { return "MSH|^~\\&|" + rest + "\r"; };
    const row table[] = {
        {"unknown sender", msh("RIS|RXX|||20260504||ORU^R01|C2|P|2.5"), message_state::held, "unknown-source",
         "AA", "C2"},
        {"no control id", msh("PAS|RXX|||20260504||ADT^A08||P|2.5"), message_state::refused,
         "required-field-missing", "AR", ""},
        {"unknown version", msh("PAS|RXX|||20260504||ADT^A08|C4|P|9.9"), message_state::refused,
         "unsupported-version", "AR", ""},
        {"unknown processing id", msh("PAS|RXX|||20260504||ADT^A08|C5|X|2.5"), message_state::refused,
         "unsupported-processing-id", "AR", ""},
        {"no header", "hello", message_state::quarantined, "no-msh", "AR", ""},
        {"empty frame", "", message_state::quarantined, "no-msh", "AR", ""},
        {"bad delimiters", "MSH|&&&&|PAS|RXX|||20260504||ADT^A08|C6|P|2.5\r", message_state::quarantined,
         "bad-delimiters", "AR", ""},
        {"enhanced mode", msh("PAS|RXX|||20260504||ADT^A08|C7|P|2.5|||AL|NE"), message_state::waiting, "",
         "CA", "C7"},
        {"both answers", msh("PAS|RXX|||20260504||ADT^A08|C8|P|2.5|||AL|AL"), message_state::waiting, "",
         "CA", "C8"},
        {"enhanced refusal", msh("PAS|RXX|||20260504||ADT^A08|C9|P|9.9|||AL|NE"), message_state::refused,
         "unsupported-version", "CR", ""},
    };
    for (const row& one : table) {
        const store::incoming_message message = take(one.content);
        EXPECT_EQ(message.state, one.state) << one.what;
        EXPECT_EQ(message.reason, one.reason) << one.what;
        EXPECT_EQ(message.control_id, one.control_id) << one.what;
        EXPECT_NE(message.answer.find("\rMSA|" + one.answer_code + "|"), std::string::npos)
            << one.what << ": " << message.answer;
    }
}

TEST_F(MessageIntake, SendsBothAnswersWhenAskedForBoth) {
    const std::string answer = take("MSH|^~\\&|PAS|RXX|||20260504||ADT^A08|C8|P|2.5|||AL|AL\r").answer;
    EXPECT_LT(answer.find("MSA|CA|C8"), answer.find("MSA|AA|C8"));
    EXPECT_EQ(std::count(answer.begin(), answer.end(), '\x0b'), 2);
}

TEST_F(MessageIntake, SendsNothingWhenNoAnswerIsWanted) {
    const store::incoming_message message = take("MSH|^~\\&|PAS|RXX|||20260504||ADT^A08|C8|P|2.5|||NE|NE\r");
    EXPECT_EQ(message.answer, "");
    EXPECT_EQ(message.state, message_state::waiting);
}

TEST_F(MessageIntake, KeepsOnlyCodesAsTheMessageType) {
    EXPECT_EQ(take("MSH|^~\\&|PAS|RXX|||20260504||Jane^Doe|C8|P|2.5\r").message_type, "");
    EXPECT_EQ(take("MSH|^~\\&|PAS|RXX|||20260504||ACK|C8|P|2.5\r").message_type, "ACK");
}

TEST_F(MessageIntake, RefusesFramesOverTheLimit) {
    const message_intake intake(
        sources_, [] { return noon; }, [] { return "ID"; });
    const store::incoming_message message = intake.take_too_large(good, {"main", "peer"});
    EXPECT_EQ(message.state, message_state::refused);
    EXPECT_EQ(message.reason, "frame-too-large");
    EXPECT_EQ(message.source, "pas");
    EXPECT_EQ(message.control_id, "");
    EXPECT_NE(message.answer.find("MSA|AR|C1"), std::string::npos) << message.answer;
}

TEST_F(MessageIntake, RefusesFramesOverTheLimitInTheModeOfTheirSource) {
    sources_.front().acknowledgement = auditgate::hl7v2::acknowledgement_mode::original;
    const message_intake intake(
        sources_, [] { return noon; }, [] { return "ID"; });
    for (const std::string when : {"AL", "NE"}) {
        const std::string header = "MSH|^~\\&|PAS|RXX|EPR|RYY|20260504||ADT^A08|C1|P|2.5|||" + when + "|NE\r";
        const store::incoming_message message = intake.take_too_large(header, {"main", "peer"});
        EXPECT_NE(message.answer.find("MSA|AR|C1"), std::string::npos) << when << ": " << message.answer;
    }
}

TEST_F(MessageIntake, NeverLetsAnAnswerBreakItsFrame) {
    const store::incoming_message message = take("MSH|^~\\&|PAS|RXX|||20260504||ADT^A08|C\x1c"
                                                 "1|P|2.5\r");
    EXPECT_EQ(message.state, message_state::quarantined);
    EXPECT_EQ(message.reason, "control-character-in-header");
    EXPECT_NE(message.answer.find("MSA|AR|"), std::string::npos);
}

TEST_F(MessageIntake, RefusesUnknownTypesUnlessTheSourceNamesThem) {
    const auto with_type = [](const std::string& type) {
        return "MSH|^~\\&|PAS|RXX|||20260504||" + type + "|C1|P|2.5\r";
    };
    EXPECT_EQ(take(with_type("ZAU^Z01")).reason, "unsupported-message-type");
    EXPECT_EQ(take(with_type("ADT^08")).reason, "unsupported-message-type");
    EXPECT_EQ(take(with_type("ADT^Z08")).state, message_state::waiting);
    sources_.front().message_types = {"ADT^*", "Z*"};
    EXPECT_EQ(take(with_type("ZAU^Z01")).reason, "unsupported-message-type");
    sources_.front().message_types = {"ADT^*", "ZAU^*"};
    EXPECT_EQ(take(with_type("ZAU^Z01")).state, message_state::waiting);
}

TEST_F(MessageIntake, RefusesForTheFindingsThatItsSourceIsStrictAbout) {
    const std::string lone = "MSH|^~\\&|PAS|RXX|||20260504||ADT^A08|C1|P|2.5\rPID|1||7||a\\b^CANARY\r";
    EXPECT_EQ(take(lone).state, message_state::waiting);
    sources_.front().strict = {"line-feed-ends-segment", "lone-escape"};
    EXPECT_EQ(take(good).state, message_state::waiting);
    const store::incoming_message refused = take(lone);
    EXPECT_EQ(refused.state, message_state::refused);
    EXPECT_EQ(refused.reason, "lone-escape");
    EXPECT_EQ(refused.control_id, "");
    EXPECT_NE(refused.answer.find("MSA|AR|C1|"), std::string::npos) << refused.answer;
    EXPECT_NE(refused.answer.find("ERR||PID^1^5|102^"), std::string::npos) << refused.answer;
    EXPECT_EQ(refused.answer.find("CANARY"), std::string::npos);
    std::string feeds = good;
    std::replace(feeds.begin(), feeds.end(), '\r', '\n');
    EXPECT_NE(take(feeds).answer.find("ERR|||100^"), std::string::npos) << take(feeds).answer;
}

TEST_F(MessageIntake, ReadsAsItsSourceDoesToBeStrictAndCountsWhatItRefused) {
    sources_.front().strict = {"charset-assumed", "wrong-bytes"};
    observe::metrics metrics;
    observe::finding_counts found(metrics);
    auditgate::hl7v2::parse_options latin;
    latin.forced_charset = "8859/1";
    const std::string text = "MSH|^~\\&|PAS|RXX|||20260504||ADT^A08|C1|P|2.5\rPID|1||7||\xE9\r";
    const auto state_with = [&](source_readings readings) {
        const message_intake intake(
            sources_, [] { return noon; }, [] { return "ID"; }, std::move(readings), &found);
        return intake.take_frame(text, {"main", "peer"}).state;
    };
    EXPECT_EQ(state_with({{"pas", latin}}), message_state::waiting);
    EXPECT_EQ(metrics.text().find("auditgate_findings_total"), std::string::npos);
    EXPECT_EQ(state_with({}), message_state::refused);
    EXPECT_NE(metrics.text().find("auditgate_findings_total{code=\"wrong-bytes\",source=\"pas\"} 1"),
              std::string::npos)
        << metrics.text();
}

TEST_F(MessageIntake, TakesEveryMessageOfABatch) {
    int last_id = 0;
    const message_intake intake(
        sources_, [] { return noon; }, [&last_id] { return "ID" + std::to_string(++last_id); });
    const auto msh = [](const std::string& id, const std::string& rest) {
        return "MSH|^~\\&|PAS|RXX|EPR|RYY|20260504||ADT^A08|" + id + "|P|2.5" + rest + "\rPID|1\r";
    };
    const auto answer_of = [&](const std::string& content, std::vector<message_state> states) {
        last_id = 0;
        batch_frame batch = intake.take_batch(content, {"main", "peer"});
        EXPECT_EQ(batch.messages.size(), states.size());
        // Answers come in any order.
        for (std::size_t i = batch.messages.size(); i-- > 0;) {
            EXPECT_EQ(batch.messages[i].state, states.at(i)) << i;
            EXPECT_EQ(batch.answers.add(i, batch.messages[i].answer), i == 0);
        }
        return batch.answers.join();
    };
    using enum message_state;
    const std::string bhs = "BHS|^~\\&|PAS|RXX|EPR|RYY|2026||n||B7\r";
    const std::string answered_bhs = "BHS|^~\\&|EPR|RYY|PAS|RXX|20260504120000.000+0000||n||ID1|B7\r";
    const auto ack = [](const std::string& id, const std::string& own) {
        return "MSH|^~\\&|EPR|RYY|PAS|RXX|20260504120000.000+0000||ACK^A08^ACK|" + own + "|P|2.5\rMSA|AA|" +
               id + "\r";
    };
    EXPECT_EQ(answer_of(msh("1", "") + msh("2", ""), {waiting, waiting}),
              "\x0b" + ack("1", "ID1") + "\x1c\r\x0b" + ack("2", "ID2") + "\x1c\r");
    EXPECT_EQ(answer_of(bhs + msh("1", "") + msh("2", "") + "BTS|2\r", {waiting, waiting}),
              "\x0b" + answered_bhs + ack("1", "ID2") + ack("2", "ID3") + "BTS|2\r\x1c\r");
    EXPECT_EQ(
        answer_of("FHS|^~\\&|PAS|RXX|||2026||||F1\r" + bhs + msh("1", "") + "BTS|1\rFTS|1\r", {waiting}),
        "\x0b"
        "FHS|^~\\&|||PAS|RXX|20260504120000.000+0000||||ID2|F1\r" +
            answered_bhs + ack("1", "ID3") + "BTS|1\rFTS|1\r\x1c\r");
    const std::string with_bad =
        answer_of(bhs + "MSH|&&&&|x\r" + msh("2", "") + "BTS|3\r", {quarantined, waiting});
    EXPECT_NE(with_bad.find("MSA|AR|"), std::string::npos) << with_bad;
    EXPECT_NE(with_bad.find("MSA|AA|2\rBTS|2|BTS-1 differs from the 2 counted\r"), std::string::npos)
        << with_bad;
    // What may be a message with a damaged header is not taken for safe, and is kept.
    const std::string damaged = answer_of("BHS|^~\\&|PAS|RXX\rEVN|A08\rPID|1\rBTS|1\r", {refused});
    EXPECT_NE(damaged.find("\rMSA|AR|"), std::string::npos) << damaged;
    const std::string partly =
        answer_of("BHS|^~\\&|PAS|RXX\r" + msh("B1", "") + "BTS|1\rPID|1\r", {waiting, refused});
    EXPECT_NE(partly.find("\rMSA|AA|B1"), std::string::npos) << partly;
    EXPECT_NE(partly.find("\rMSA|AR|"), std::string::npos) << partly;

    // Only errors are wanted: an empty batch says that there are none. Nothing is wanted: nothing is sent.
    EXPECT_EQ(answer_of(bhs + msh("1", "|||ER|NE") + "BTS|1\r", {waiting}),
              "\x0b" + answered_bhs + "BTS|0\r\x1c\r");
    EXPECT_EQ(answer_of(bhs + msh("1", "|||NE|NE") + "BTS|1\r", {waiting}), "");
    EXPECT_EQ(answer_of(bhs + "BTS|0\r", {}), "\x0b" + answered_bhs + "BTS|0\r\x1c\r");
}

TEST_F(MessageIntake, RefusesABatchOfTooManyMessagesWhole) {
    const message_intake intake(
        sources_, [] { return noon; }, [] { return "ID"; });
    std::string content;
    for (std::size_t i = 0; i < batch_messages_max; ++i)
        content += "MSH|^~\\&|PAS\r";
    EXPECT_EQ(intake.take_batch(content, {"main", "peer"}).messages.size(), batch_messages_max);
    content += good;
    batch_frame batch = intake.take_batch(content, {"main", "peer"});
    ASSERT_EQ(batch.messages.size(), 1u);
    EXPECT_EQ(batch.messages[0].state, message_state::refused);
    EXPECT_EQ(batch.messages[0].reason, "batch-too-large");
    EXPECT_EQ(batch.messages[0].bytes, content);
    EXPECT_TRUE(batch.answers.add(0, batch.messages[0].answer));
    EXPECT_NE(batch.answers.join().find("MSA|AR|"), std::string::npos);
}

TEST_F(MessageIntake, PutsNoPatientDataIntoAnswers) {
    const std::string answer =
        take("MSH|^~\\&|PAS|RXX|||20260504||ADT^A08|C1|P|9.9\rPID|1||123^^^X||CANARY^ANN\r").answer;
    EXPECT_EQ(answer.find("CANARY"), std::string::npos);
}

} // namespace
