// Messages that are given to mapping again, alone, several and by their reason; and what lists say is to be done.
#include "gateway/cli/message_release.hpp"
#include "gateway/cli/next_steps.hpp"
#include "gateway/security/key_file.hpp"
#include "gateway/store/sqlite.hpp"
#include "gateway/store/sqlite_store.hpp"
#include "tests/support/support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace auditgate::gateway;
using namespace auditgate::gateway::cli;
using store::message_state;
using testing::HasSubstr;
using testing::Not;

namespace {

class MessageRelease : public testing::Test {
protected:
    MessageRelease() {
        const auto keys_folder = store::keys_folder(folder_.path());
        EXPECT_TRUE(security::key_ring::create(keys_folder, std::chrono::sys_seconds{}));
        keys_ = *security::key_ring::open(keys_folder);
        store_ = *store::create_sqlite_store(store::database_path(folder_.path()), *keys_);
        config_.listeners.resize(2);
        config_.listeners[0].name = "main";
        config_.listeners[1].name = "theatre";
        config_.sources.resize(2);
        config_.sources[0].name = "pas";
        config_.sources[0].sending_applications = {"PAS"};
        config_.sources[1].name = "ris";
        config_.sources[1].listener = "theatre";
        config_.sources[1].sending_applications = {"RIS"};
    }

    store::message_id append(const std::string& source, const std::string& application, message_state state,
                             const std::string& reason) {
        store::incoming_message message;
        message.source = source;
        message.transport = "mllp";
        message.format = "hl7v2";
        message.received_at = std::chrono::sys_days(std::chrono::year(2026) / 5 / 4);
        message.bytes = "MSH|^~\\&|" + application + "|RXX|||20260504||ADT^A08|" +
                        std::to_string(++control_id_) + "|P|2.5\r";
        message.state = state;
        message.reason = reason;
        return store_->append({&message, 1}).value().at(0).id;
    }

    exit_code release(const message_release& which, message_state state = message_state::held) {
        testing::internal::CaptureStdout();
        testing::internal::CaptureStderr();
        const exit_code exit = release_messages(*store_, config_, state, which);
        out_ = testing::internal::GetCapturedStdout();
        errors_ = testing::internal::GetCapturedStderr();
        return exit;
    }

    // Its state and source, as "waiting pas".
    std::string now_is(store::message_id id) {
        const auto message = store_->message(id).value().value();
        return (message.state == message_state::waiting ? "waiting " : "as it was ") + message.source;
    }

    auditgate::test::temporary_folder folder_;
    std::unique_ptr<security::key_ring> keys_;
    std::unique_ptr<store::store> store_;
    gateway_config config_;
    int control_id_ = 0;
    std::string out_, errors_;
};

TEST_F(MessageRelease, GivesOneBackToMappingAsOneOfASource) {
    const auto id = append("lab", "LAB", message_state::held, "no-usable-identifier");
    EXPECT_EQ(release({.ids = {id}}), exit_usage) << "no source lab";
    EXPECT_THAT(errors_, HasSubstr("the configuration has no source `lab`"));
    EXPECT_EQ(release({.ids = {id + 1}, .source = "ris"}), exit_usage) << "no such message";
    EXPECT_EQ(release({.ids = {id}, .source = "rsi"}), exit_usage);
    EXPECT_THAT(errors_, HasSubstr("the configuration has no source `rsi`, did you mean `ris`?"));
    EXPECT_EQ(now_is(id), "as it was lab");
    EXPECT_EQ(release({.ids = {id}, .source = "ris"}), exit_done);
    EXPECT_THAT(out_, testing::StartsWith("1 message waits for mapping again: 1 as of ris\n"));
    EXPECT_EQ(now_is(id), "waiting ris");
}

TEST_F(MessageRelease, OneThatCannotBeGivenBackHoldsUpNoOther) {
    const auto one = append("pas", "PAS", message_state::held, "identity-conflict");
    const auto refused = append("pas", "PAS", message_state::refused, "header-error");
    const auto two = append("ris", "RIS", message_state::held, "identity-conflict");
    EXPECT_EQ(release({.ids = {one, refused, 4711, two}}), exit_findings);
    EXPECT_THAT(out_, testing::StartsWith("2 messages wait for mapping again: 1 as of pas 1 as of ris\n"));
    EXPECT_THAT(errors_, testing::AllOf(HasSubstr("was refused: its sender must send it again"),
                                        HasSubstr("there is no message 4711")));
    EXPECT_EQ(now_is(one), "waiting pas");
    EXPECT_EQ(now_is(two), "waiting ris");
}

TEST_F(MessageRelease, AllOfOneReasonOrOfOneSourceAreGivenBackAtOnce) {
    std::vector<store::message_id> many; // more than the store is asked for at once
    for (int i = 0; i < 230; ++i)
        many.push_back(append(i % 2 == 0 ? "pas" : "ris", "X", message_state::held, "no-usable-identifier"));
    const auto other = append("pas", "PAS", message_state::held, "identity-conflict");
    EXPECT_EQ(release({.reason = "no-usable-identifier", .of_source = "pas", .dry_run = true}), exit_done);
    EXPECT_THAT(out_, testing::AllOf(HasSubstr("  no-usable-identifier  "), HasSubstr("... and 95 more\n"),
                                     HasSubstr("115 messages would be given to mapping again: 115 as of pas; "
                                               "nothing was changed\n")));
    EXPECT_EQ(now_is(many.front()), "as it was pas");
    EXPECT_EQ(release({.reason = "no-usable-identifier", .of_source = "pas"}), exit_done);
    EXPECT_EQ(now_is(many[0]), "waiting pas");
    EXPECT_EQ(now_is(many[1]), "as it was ris");
    EXPECT_EQ(release({.reason = "no-usable-identifier"}), exit_done);
    EXPECT_THAT(out_, testing::StartsWith("115 messages wait for mapping again: 115 as of ris\n"));
    EXPECT_EQ(now_is(other), "as it was pas");
    EXPECT_EQ(release({.reason = "no-usable-identifier"}), exit_usage);
    EXPECT_EQ(errors_, "no message is held for this reason\n");
    EXPECT_EQ(release({.reason = "identity-conflict"}, message_state::quarantined), exit_usage);
}

TEST_F(MessageRelease, AMessageOfAnUnknownSenderIsOfTheSourceThatItsHeaderFitsByNow) {
    const auto pas = append("", "PAS", message_state::held, "unknown-source");
    const auto ris = append("", "RIS", message_state::held, "unknown-source");
    const auto lab = append("", "LAB", message_state::held, "unknown-source");
    EXPECT_EQ(release({.reason = "unknown-source"}), exit_findings);
    EXPECT_EQ(now_is(pas), "waiting pas");
    EXPECT_EQ(now_is(ris), "as it was ") << "of ris at one listener only, and nobody knows by which it came";
    EXPECT_EQ(now_is(lab), "as it was ");
    EXPECT_THAT(errors_, HasSubstr("message " + std::to_string(lab) + " fits no source"));
    config_.listeners.erase(config_.listeners.begin()); // the only listener is theatre
    EXPECT_EQ(release({.reason = "unknown-source"}), exit_findings);
    EXPECT_EQ(now_is(ris), "waiting ris");
    EXPECT_EQ(release({.reason = "unknown-source", .source = "pas"}), exit_done);
    EXPECT_EQ(now_is(lab), "waiting pas");
}

TEST_F(MessageRelease, ListsSayOnceForEachReasonWhatIsToBeDone) {
    append("", "PAS", message_state::held, "unknown-source");
    append("", "PAS", message_state::held, "unknown-source");
    append("pas", "PAS", message_state::quarantined, "too-many-events");
    append("pas", "PAS", message_state::refused, "header-error");
    const auto messages = store_->messages({}).value();
    const std::string steps = next_steps(messages);
    EXPECT_THAT(steps, HasSubstr("auditgate holds release-message --reason unknown-source --dry-run"));
    EXPECT_EQ(steps.find("unknown-source: "), steps.rfind("unknown-source: "));
    EXPECT_THAT(steps, HasSubstr("auditgate quarantine replay --reason too-many-events"));
    EXPECT_THAT(steps, HasSubstr("header-error: its sender got a negative answer"));
    std::vector<store::held_record> records(2);
    records[0].destination = "registry";
    records[0].reason = "http-403";
    records[1].reason = "no-consent";
    EXPECT_THAT(next_steps(records),
                testing::AllOf(HasSubstr("auditgate holds release-record registry --reason http-403"),
                               HasSubstr("no-consent: it rests"), Not(HasSubstr("--reason no-consent"))));
    EXPECT_EQ(next_steps(std::vector<store::held_record>{}), "");
}

} // namespace
