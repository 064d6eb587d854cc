// Erasing through the pipeline: cases are closed, their facts go, and nothing is sent because of it.
#include "gateway/cli/patient_record.hpp"
#include "gateway/cli/retract.hpp"
#include "gateway/delivery/sealing.hpp"
#include "gateway/pipeline/eraser.hpp"
#include "gateway/pipeline/pipeline.hpp"
#include "gateway/pipeline/work_round.hpp"
#include "gateway/security/key_file.hpp"
#include "gateway/store/sqlite_store.hpp"
#include "tests/support/hostile_store.hpp"
#include "tests/support/recording_logger.hpp"
#include "tests/support/shipped_configuration.hpp"
#include "tests/support/support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

namespace auditgate::test {
namespace {

namespace fs = std::filesystem;
namespace gs = gateway::store;
namespace pipeline = gateway::pipeline;
using std::chrono::days;
using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr std::chrono::sys_days operation{std::chrono::year{2026} / 3 / 5};

const std::string header = "MSH|^~\\&|PAS|RXX|A|RXX|";
const std::string patient = "PID|1||H1^^^RXX^MR~9000008689^^^NHS^NH||NAME^SOME||19580712|F\r";

std::string procedure_message(const std::string& id = "M1") {
    return header + "202603060900||ADT^A03^ADT_A03|" + id + "|P|2.4\r" + patient +
           "PR1|1||Y13.4^^OPCS4||20260305\rPR1|2||V43.8^^OPCS4||20260305\r";
}

std::string score_message(const std::string& id, const std::string& day, const std::string& value) {
    return header + day + "1100||ORU^R01^ORU_R01|" + id + "|P|2.4\r" + patient + "OBR|1||R" + id +
           "|PROM^form^L|||" + day + "1000\rOBX|1|NM|BPI-WORST^pain^L||" + value + "|||||F|||" + day +
           "1000\r";
}

std::string blood_count_message(const std::string& id, const std::string& day) {
    return header + day + "1100||ORU^R01^ORU_R01|" + id + "|P|2.4\r" +
           "PID|1||H2^^^RXX^MR||NAME^OTHER||19600101|M\r" + "OBR|1||R" + id + "|FBC^count^L|||" + day +
           "1000\rOBX|1|NM|HB^haemoglobin^L||130|g/L||||F|||" + day + "1000\r";
}

class RetentionInThePipeline : public testing::Test {
protected:
    void SetUp() override { open(std::nullopt); }

    void open(std::optional<std::uint32_t> hostile_seed) {
        store_.reset();
        folder_ = std::make_unique<temporary_folder>();
        ASSERT_TRUE(gateway::security::key_ring::create(folder_->path() / "keys", {}));
        keys_ = gateway::security::key_ring::open(folder_->path() / "keys").value();
        store_ = gs::create_sqlite_store(gs::database_path(folder_->path()), *keys_).value();
        if (hostile_seed)
            store_ = make_hostile(std::move(store_), *hostile_seed);
    }

    void receive(const std::string& bytes) {
        gs::incoming_message message;
        message.source = "hospital";
        message.transport = "file";
        message.format = "hl7v2";
        message.received_at = now_;
        message.bytes = bytes;
        ASSERT_TRUE(store_->append({&message, 1}));
        map_all();
    }

    void activate_another_configuration() {
        with_.revision = "another";
        ASSERT_TRUE(store_->activate_configuration(with_.revision));
    }

    void map_all() {
        for (int round = 0; round < 2'000; ++round) {
            lease_time_ += 2min;
            const auto claimed = store_->claim("mapper", 16, lease_time_, 1min);
            ASSERT_TRUE(claimed);
            if (claimed->empty() && store_->work_backlog().value() == 0)
                return;
            ASSERT_TRUE(pipeline::work_round(*store_, *claimed, with_, today(), may_erase_));
        }
        FAIL() << "work is left";
    }

    // What the gateway's tick does on that day, until nothing is left to do.
    void erase_on(std::chrono::sys_days date) {
        now_ = date + 12h;
        ASSERT_TRUE(store_->note_retention_run(now_)); // it has run all along
        pipeline::eraser eraser(
            *store_, {}, [this] { return now_; }, [] { return false; }, log_, metrics_);
        while (eraser.tick(today()))
            map_all();
        now_ += 2h;
        (void)eraser.tick(today());
        map_all();
    }

    // Sends everything that is wanted; what was sent, by record and action.
    std::vector<std::pair<std::string, gs::record_action>> deliver() {
        std::vector<std::pair<std::string, gs::record_action>> sent;
        lease_time_ += 2min;
        for (const gs::outbox_row& row :
             store_->lease("registry", "sender", 100, lease_time_, 1min).value()) {
            const bool retract = !row.desired_content;
            if (retract && !row.may_be_there)
                continue;
            const auto action = retract    ? gs::record_action::retract
                                : row.live ? gs::record_action::amend
                                           : gs::record_action::create;
            const auto sealed =
                gateway::delivery::seal_record(row, action, row.last_version + 1, configuration().layouts);
            if (!sealed) {
                ADD_FAILURE() << sealed.error().message;
                continue;
            }
            EXPECT_TRUE(store_->seal(row, *sealed, lease_time_));
            EXPECT_TRUE(store_->finish(row, {gs::attempt_end::receipted, {}, "", ""}, lease_time_));
            sent.emplace_back(row.record_id, action);
        }
        return sent;
    }

    [[nodiscard]] std::map<gs::message_state, std::int64_t> counts() {
        std::map<gs::message_state, std::int64_t> by_state;
        for (const gs::message_count& one : store_->message_counts().value()) {
            EXPECT_TRUE(one.adds_up());
            for (const auto& [state, count] : one.states)
                by_state[state] += count;
        }
        return by_state;
    }

    [[nodiscard]] std::size_t clusters_with(const std::string& key) {
        return store_->clusters_with(std::vector<std::string>{key}, {}).value().size();
    }

    [[nodiscard]] std::chrono::local_days today() const {
        return std::chrono::local_days{std::chrono::floor<days>(now_).time_since_epoch()};
    }

    static const gateway::configuration& configuration() {
        static const gateway::configuration shipped = shipped_configuration();
        return shipped;
    }

    std::unique_ptr<temporary_folder> folder_;
    std::unique_ptr<gateway::security::key_ring> keys_;
    std::unique_ptr<gs::store> store_;
    gs::utc_time now_ = operation + days(1);
    gs::utc_time lease_time_ = operation;
    bool may_erase_ = true; // as the eraser tells the mappers
    recording_logger log_;
    pipeline::setup with_ = *configuration().mapping;
    gateway::observe::metrics metrics_;
};

TEST_F(RetentionInThePipeline, ClosesACaseAndSendsNothingMoreOfIt) {
    receive(procedure_message());
    receive(score_message("M2", "20260301", "8"));
    const auto created = deliver();
    ASSERT_EQ(created.size(), 1U);
    const std::string record = created[0].first;

    erase_on(operation + days(509));
    EXPECT_EQ(clusters_with("nhs|9000008689"), 1U);
    EXPECT_TRUE(store_->closed_records(record).value().empty());
    deliver(); // the months have passed: time points are due

    erase_on(operation + days(517)); // within a week of the day
    const auto closed = store_->closed_records(record).value();
    ASSERT_EQ(closed.size(), 1U);
    EXPECT_TRUE(closed[0].erased);
    EXPECT_TRUE(closed[0].may_be_there);
    EXPECT_EQ(clusters_with("nhs|9000008689"), 0U);
    EXPECT_TRUE(store_->gate_facts("registry").value().empty());
    EXPECT_TRUE(deliver().empty());
    EXPECT_EQ(store_->records_there("registry").value(), 1) << "at the destination the record stays";
    EXPECT_EQ(counts()[gs::message_state::applied], 2);
    EXPECT_EQ(store_->erasures().value().erased.at("messages"), 2);
}

TEST_F(RetentionInThePipeline, ALateMessageNeitherCreatesNorRetractsTheRecordOfAClosedCase) {
    receive(procedure_message());
    deliver();
    erase_on(operation + days(520));
    receive(procedure_message("M9"));
    receive(score_message("M10", "20260301", "8"));
    receive(header + "202708200900||ADT^A11^ADT_A09|M11|P|2.4\r" + patient + "PV1|1|I\r");
    EXPECT_TRUE(deliver().empty());
    EXPECT_EQ(counts()[gs::message_state::not_relevant], 2)
        << "the procedure and the score are of the closed case";
    erase_on(operation + days(600)); // they go again
    EXPECT_EQ(clusters_with("nhs|9000008689"), 1U) << "the cancelled visit tells who the patient is";
    erase_on(operation + days(900));
    EXPECT_EQ(clusters_with("nhs|9000008689"), 0U);
    EXPECT_TRUE(deliver().empty());
}

TEST_F(RetentionInThePipeline, TellsWhyALateMessageDoesNotCount) {
    erase_on(operation + days(520));
    receive(procedure_message());
    const auto messages = store_->messages({}).value();
    ASSERT_EQ(messages.size(), 1U);
    EXPECT_EQ(messages[0].state, gs::message_state::not_relevant);
    EXPECT_EQ(messages[0].reason, "case-closed");
}

TEST_F(RetentionInThePipeline, TakesTheRecordOfAClosedCaseBackByHand) {
    receive(procedure_message());
    const std::string record = deliver().at(0).first;
    EXPECT_EQ(gateway::cli::retract_closed(*store_, "registry", record).error().code, gateway::errc::refused)
        << "of an open case the release gate does it";
    erase_on(operation + days(520));
    ASSERT_TRUE(gateway::cli::retract_closed(*store_, "registry", record));
    const auto sent = deliver();
    ASSERT_EQ(sent.size(), 1U);
    EXPECT_EQ(sent[0].second, gs::record_action::retract);
    EXPECT_EQ(store_->records_there("registry").value(), 0);
    EXPECT_EQ(gateway::cli::retract_closed(*store_, "registry", record).error().code, gateway::errc::refused);
}

TEST_F(RetentionInThePipeline, FindsTheRecordOfAPatientByNumberAndDay) {
    receive(procedure_message());
    const std::string record = deliver().at(0).first;
    gateway::cli::patient_record which;
    which.procedure_date = "2026-03-05";
    const auto found = [&](const std::string& number) {
        std::istringstream in(number);
        return gateway::cli::id_of_patient_record(in, which, *configuration().mapping);
    };
    EXPECT_EQ(found("900 000 8689\r\n").value(), record);
    EXPECT_NE(found("local|RXX|H1\n").value(), record);
    for (const char* number : {"", "9000008688", "H1"})
        EXPECT_EQ(found(number).error().code, gateway::errc::usage) << number;
    which.destination = "registry";
    EXPECT_EQ(found("900 000 8689").value(), record);
    which.destination = "another";
    EXPECT_EQ(found("9000008689").error().code, gateway::errc::usage);
    which = {"", "5 March", ""};
    EXPECT_EQ(found("9000008689").error().code, gateway::errc::usage);
}

TEST_F(RetentionInThePipeline, ErasesThePatientsOfNoDataset) {
    receive(blood_count_message("M1", "20260305"));
    EXPECT_EQ(clusters_with("local|RXX|H2"), 1U);
    erase_on(operation + days(180));
    EXPECT_EQ(clusters_with("local|RXX|H2"), 1U);
    erase_on(operation + days(190));
    EXPECT_EQ(clusters_with("local|RXX|H2"), 0U);
    const auto state = store_->erasures().value();
    EXPECT_EQ(state.erased.at("clusters"), 1);
    EXPECT_EQ(state.keys_to_erase, 0);
    EXPECT_EQ(counts()[gs::message_state::applied], 1);
}

TEST_F(RetentionInThePipeline, HoldsAgainstAStoreThatIsHostile) {
    open(20261130);
    receive(procedure_message());
    receive(blood_count_message("M2", "20260305"));
    for (int day = 30; day <= 600; day += 30)
        erase_on(operation + days(day));
    EXPECT_EQ(clusters_with("nhs|9000008689"), 0U);
    EXPECT_EQ(clusters_with("local|RXX|H2"), 0U);
    EXPECT_EQ(store_->erasures().value().keys_to_erase, 0);
}

// What is wanted every ten days is compared with a store whose eraser never ran.
TEST_F(RetentionInThePipeline, WantsTheSameWhetherTheEraserRunsOrNot) {
    const std::vector<std::pair<int, std::string>> journey{{-60, blood_count_message("M0", "20260104")},
                                                           {-4, score_message("M1", "20260301", "8")},
                                                           {1, procedure_message("M2")},
                                                           {31, score_message("M3", "20260404", "4")},
                                                           {200, score_message("M4", "20260904", "3")},
                                                           {366, score_message("M5", "20270305", "2")},
                                                           {430, score_message("M6", "20260306", "5")}};
    const auto contents = [&](bool erasing) {
        open(std::nullopt);
        std::vector<std::string> wanted;
        auto next = journey.begin();
        for (int day = -60; day < 510; day += 10) {
            now_ = operation + days(day);
            for (; next != journey.end() && next->first <= day; ++next)
                receive(next->second);
            EXPECT_TRUE(store_->enqueue_due(std::chrono::floor<days>(now_)));
            map_all();
            if (erasing)
                erase_on(operation + days(day));
            lease_time_ += 2min;
            for (const auto& row : store_->lease("registry", "sender", 10, lease_time_, 1min).value())
                wanted.push_back(std::to_string(day) + ' ' + row.desired_content.value_or("nothing"));
        }
        return wanted;
    };
    const auto kept = contents(false);
    EXPECT_EQ(contents(true), kept);
    EXPECT_GT(kept.size(), 40U);
}

TEST_F(RetentionInThePipeline, WaitsForADayWhenTheClockMayBeWrong) {
    receive(blood_count_message("M1", "20260305"));
    ASSERT_TRUE(store_->note_retention_run(now_));
    now_ += days(4'000);
    pipeline::eraser eraser(
        *store_, {}, [this] { return now_; }, [] { return false; }, log_, metrics_);
    EXPECT_FALSE(eraser.tick(today()));
    EXPECT_TRUE(log_.has("retention-paused"));
    EXPECT_EQ(store_->messages({}).value().size(), 1U);
    now_ += 23h;
    EXPECT_FALSE(eraser.tick(today()));
    EXPECT_EQ(store_->messages({}).value().size(), 1U);
    now_ += 1h;
    (void)eraser.tick(today());
    EXPECT_TRUE(store_->messages({}).value().empty());
    EXPECT_TRUE(log_.has("retention-run"));
}

TEST_F(RetentionInThePipeline, GoesOnWhenAClockThatWasAheadIsPutBack) {
    ASSERT_TRUE(store_->note_retention_run(now_));
    pipeline::eraser eraser(
        *store_, {}, [this] { return now_; }, [] { return false; }, log_, metrics_);
    now_ += days(4'000);
    (void)eraser.tick(today());
    now_ -= days(4'000);
    (void)eraser.tick(today());
    EXPECT_TRUE(log_.has("retention-run"));
}

TEST_F(RetentionInThePipeline, ClosesAndErasesNothingWhileTheClockIsAhead) {
    now_ = operation + days(40);
    receive(procedure_message());
    receive(score_message("M2", "20260301", "8"));
    const std::string record = deliver().at(0).first;
    ASSERT_TRUE(store_->note_retention_run(now_));
    pipeline::eraser eraser(
        *store_, {}, [this] { return now_; }, [] { return false; }, log_, metrics_);

    now_ += days(730);
    EXPECT_FALSE(eraser.tick(today()));
    may_erase_ = eraser.allows(now_);
    EXPECT_FALSE(may_erase_);
    ASSERT_TRUE(store_->enqueue_due(std::chrono::floor<days>(now_)));
    activate_another_configuration();
    map_all();
    receive(procedure_message("M3"));
    EXPECT_TRUE(deliver().empty());

    now_ -= days(730);
    EXPECT_TRUE(eraser.tick(today())) << "what was computed by the wrong clock is computed again";
    may_erase_ = eraser.allows(now_);
    EXPECT_TRUE(may_erase_);
    map_all();
    deliver();
    EXPECT_TRUE(store_->closed_records(record).value().empty());
    EXPECT_FALSE(store_->erasures().value().erased.contains("events"));
    receive(score_message("M4", "20260404", "4"));
    const std::vector<std::pair<std::string, gs::record_action>> amended{{record, gs::record_action::amend}};
    EXPECT_EQ(deliver(), amended);
}

TEST_F(RetentionInThePipeline, ClosesWhatWasLeftOpenWhenTheEraserMayEraseAgain) {
    receive(procedure_message());
    const std::string record = deliver().at(0).first;
    now_ = operation + days(520);
    may_erase_ = false;
    activate_another_configuration();
    map_all();
    EXPECT_TRUE(store_->closed_records(record).value().empty());
    may_erase_ = true;
    erase_on(operation + days(521));
    EXPECT_EQ(store_->closed_records(record).value().size(), 1U);
    EXPECT_EQ(clusters_with("nhs|9000008689"), 0U);
}

TEST_F(RetentionInThePipeline, AllowsMappersNothingBeforeItHasLookedAtTheClock) {
    ASSERT_TRUE(store_->note_retention_run(now_));
    pipeline::eraser eraser(
        *store_, {}, [this] { return now_; }, [] { return false; }, log_, metrics_);
    EXPECT_FALSE(eraser.allows(now_));
    (void)eraser.tick(today());
    EXPECT_TRUE(eraser.allows(now_ + 1min));
    EXPECT_FALSE(eraser.allows(now_ + days(32))) << "the clock has jumped since";
}

TEST_F(RetentionInThePipeline, WaitsForADayWhenTheConfigurationHasChanged) {
    ASSERT_TRUE(store_->note_retention_run(now_));
    pipeline::eraser eraser(
        *store_, {}, [this] { return now_; }, [] { return false; }, log_, metrics_);
    eraser.configuration_changed();
    (void)eraser.tick(today());
    EXPECT_TRUE(log_.has("retention-paused"));
    EXPECT_FALSE(eraser.allows(now_));
    now_ += 24h;
    (void)eraser.tick(today());
    EXPECT_TRUE(eraser.allows(now_));
}

TEST_F(RetentionInThePipeline, FindsThatTheConfigurationHasChangedWhenItStarts) {
    ASSERT_TRUE(store_->note_retention_run(now_));
    ASSERT_TRUE(store_->activate_configuration("another"));
    for (const bool is_new : {true, false}) {
        recording_logger log;
        pipeline::pipeline started(
            *store_, configuration().mapping, {}, [this] { return now_; }, log, metrics_, [] {});
        ASSERT_TRUE(started.start());
        started.stop();
        EXPECT_EQ(log.has("retention-paused"), is_new);
    }
}

TEST_F(RetentionInThePipeline, RunsOnceAnHourAndSaysWhatWent) {
    receive(blood_count_message("M1", "20260305"));
    ASSERT_TRUE(store_->note_retention_run(now_));
    pipeline::eraser eraser(
        *store_, {}, [this] { return now_; }, [] { return false; }, log_, metrics_);
    const auto runs = [&] {
        const auto lines = log_.lines();
        return std::ranges::count_if(
            lines, [](const std::string& line) { return line.find("retention-run") != std::string::npos; });
    };
    (void)eraser.tick(today());
    now_ += 59min;
    (void)eraser.tick(today());
    EXPECT_EQ(runs(), 1);
    now_ += 1min;
    (void)eraser.tick(today());
    EXPECT_EQ(runs(), 2);
}

TEST_F(RetentionInThePipeline, ForgetsDuplicatesAlsoWhenNoMessageArrives) {
    for (const char* id : {"C1", "C2", "C3", "C4", "C5"}) {
        gs::incoming_message message;
        message.source = "hospital";
        message.transport = "mllp";
        message.format = "hl7v2";
        message.received_at = now_;
        message.control_id = id;
        message.bytes = procedure_message(id);
        message.duplicate_horizon = 1h;
        ASSERT_TRUE(store_->append({&message, 1}));
    }
    ASSERT_TRUE(store_->note_retention_run(now_));
    pipeline::retention_options options;
    options.seen_max = 2;
    pipeline::eraser eraser(
        *store_, options, [this] { return now_; }, [] { return false; }, log_, metrics_);
    now_ += 2h;
    (void)eraser.tick(today());
    EXPECT_EQ(store_->forget_seen(10, now_).value(), 0) << "nothing is left to be forgotten";
    EXPECT_FALSE(log_.has("retention-failed"));
}

TEST_F(RetentionInThePipeline, GoesOnWithALongJournalInTheNextTick) {
    for (const char* id : {"M1", "M2", "M3"})
        receive(blood_count_message(id, "20260305"));
    ASSERT_TRUE(store_->note_retention_run(now_ + days(91)));
    now_ += days(92);
    pipeline::retention_options little;
    little.step_max = 1;
    little.journal_max = 0s;
    pipeline::eraser eraser(
        *store_, little, [this] { return now_; }, [] { return false; }, log_, metrics_);
    for (const std::size_t left : {2U, 1U, 0U}) {
        (void)eraser.tick(today());
        EXPECT_EQ(store_->messages({}).value().size(), left);
    }
}

} // namespace
} // namespace auditgate::test
