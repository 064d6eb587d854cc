// What a changed configuration would change, told before it is in force: on a real store, and true when it is done.
#include "gateway/cli/diff.hpp"
#include "gateway/pipeline/work_round.hpp"
#include "gateway/store/sqlite_store.hpp"
#include "tests/support/sample_journey.hpp"
#include "tests/support/shipped_configuration.hpp"
#include "tests/unit/gateway/pipeline_support.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <sstream>

namespace auditgate::test {
namespace {

namespace fs = std::filesystem;
using gateway::acceptance::item_difference;
using gateway::cli::change_kind;
using gateway::cli::diff_report;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

constexpr std::chrono::sys_days operation{std::chrono::year{2026} / 3 / 9};

void replace_once(const fs::path& file, const std::string& old, const std::string& by) {
    std::string text = read_file(file);
    const std::size_t at = text.find(old);
    ASSERT_NE(at, std::string::npos) << file;
    write_file(file, text.replace(at, old.size(), by));
}

// Who is a patient is told by a number of one type, or of several.
std::string admission(const std::string& control_id, const std::string& identifiers,
                      const std::string& procedures = "") {
    return "MSH|^~\\&|PAS|RXX|A|RXX|202603060900||ADT^A03^ADT_A03|" + control_id + "|P|2.4\rPID|1||" +
           identifiers + "||NAME^SOME||19580712|F\r" + procedures;
}

constexpr const char* ablation = "PR1|1||Y13.4^^OPCS4||20260305\rPR1|2||V43.8^^OPCS4||20260305\r";

class Diff : public PipelineOnAStore {
protected:
    void receive_journeys(int patients) {
        for (int patient = 0; patient < patients; ++patient)
            receive(sample_journey(patient, operation));
        map_all(64);
    }

    // The shipped configuration with other files, for the same destination.
    pipeline::setup changed_files(const std::function<void(const fs::path& folder)>& edit) {
        pipeline::setup changed = *shipped_configuration(shipped_datasets::mapped, edit).mapping;
        changed.destinations = with_.destinations;
        return changed;
    }

    pipeline::setup with_local_numbers(const std::vector<std::string>& types) {
        pipeline::setup changed = with_;
        changed.profiles.clear();
        changed.default_profile.identifiers.local_types = types;
        return changed;
    }

    gateway::configuration configuration_with(const pipeline::setup& changed) {
        gateway::configuration all = *configuration_;
        all.mapping = std::make_shared<const pipeline::setup>(changed);
        return all;
    }

    diff_report diff(const pipeline::setup& changed, const gateway::cli::diff_options& options = {}) {
        auto report =
            gateway::cli::compare_configuration(*store_, configuration_with(changed), options, now + 1h);
        EXPECT_TRUE(report) << report.error().message;
        return report ? std::move(*report) : diff_report{};
    }

    // What is, or would be, of the records that anybody hears of.
    struct told {
        pipeline::record_states before, after;
    };
    told run(const pipeline::setup& changed) {
        told all;
        pipeline::shadow_options options;
        options.sources = {"hospital"};
        options.received_before = now + 1h;
        options.today = today;
        const auto heard_of = [](const auto& states, pipeline::record_states& to) {
            for (const auto& [name, state] : states)
                if (state.content || state.state == mapping::case_state::held) {
                    EXPECT_TRUE(to.emplace(name, state).second) << "a record is told twice";
                }
        };
        const auto counts = pipeline::shadow_run(*store_, changed, options,
                                                 {.part =
                                                      [&](const pipeline::shadow_part& part) {
                                                          heard_of(part.before, all.before);
                                                          heard_of(part.read_again, all.after);
                                                      },
                                                  .progress = {}});
        EXPECT_TRUE(counts) << counts.error().message;
        return all;
    }

    // Puts it in force and reads every message again: then it is as it was told, and nothing is left to be told.
    void expect_it_comes_true(const pipeline::setup& changed) {
        const told before = run(changed);
        with_ = changed;
        activate_another_configuration();
        gs::replay_filter all;
        all.states = {gs::message_state::applied, gs::message_state::not_relevant, gs::message_state::held,
                      gs::message_state::quarantined};
        ASSERT_TRUE(store_->replay_some(all, 0, 10'000, false));
        map_all(64);
        const told after = run(changed);
        EXPECT_EQ(before.after.size(), after.before.size());
        for (const auto& [name, state] : after.before) {
            const auto as_told = before.after.find(name);
            ASSERT_NE(as_told, before.after.end()) << name.record_id;
            EXPECT_EQ(as_told->second.content, state.content);
            EXPECT_TRUE(as_told->second == state) << name.record_id;
        }
        EXPECT_FALSE(diff(changed).would_change());
    }
};

TEST_F(Diff, TellsNothingWhenNothingHasChanged) {
    receive_journeys(3);
    const diff_report report = diff(with_);
    EXPECT_FALSE(report.would_change());
    EXPECT_EQ(report.records, 3);
    EXPECT_EQ(report.counts.clusters, 9) << "three people in each journey";
    EXPECT_EQ(report.counts.messages, 75);
    EXPECT_EQ(gateway::cli::to_text(report),
              "3 records of 9 patients compared, 75 messages looked at: no record would change\n");
}

TEST_F(Diff, TellsTheItemsOfAChangedWindow) {
    receive_journeys(2);
    const pipeline::setup changed = changed_files([](const fs::path& folder) {
        replace_once(folder / "datasets/nice-rfa-spinal-metastases.yaml", "window: [21, 45]",
                     "window: [31, 45]");
    });
    const diff_report report = diff(changed);
    EXPECT_EQ(report.by_kind, (std::map<change_kind, std::int64_t>{{change_kind::amended, 2}}));
    EXPECT_EQ(report.need_replay, 0);
    ASSERT_EQ(report.changes.size(), 2U);
    const auto& one = report.changes.front();
    EXPECT_THAT(one.change.items, Contains(item_difference{"efficacy.M1.pain.worst", "3", "nothing"}));
    EXPECT_FALSE(one.needs_replay);
    EXPECT_EQ(report.by_item.at("efficacy.M1.pain.worst"), 2);
    EXPECT_THAT(gateway::cli::to_text(report),
                testing::AllOf(HasSubstr(one.change.name.record_id + "  registry  changed\n"),
                               HasSubstr("    efficacy.M1.pain.worst: 3 -> nothing\n"),
                               HasSubstr("compared, 50 messages looked at: 2 changed\n"),
                               Not(HasSubstr("auditgate replay"))));
    expect_it_comes_true(changed);
}

TEST_F(Diff, TellsWhatAnotherCodeMapGives) {
    const auto with_local_code = [](std::string message) {
        const std::string known = "RFA-LESION-TYPE^Lesion type^L";
        if (const std::size_t at = message.find(known); at != std::string::npos)
            message.replace(at, known.size(), "LT^Lesion^99RIS");
        return message;
    };
    auto messages = sample_journey(0, operation);
    std::transform(messages.begin(), messages.end(), messages.begin(), with_local_code);
    receive(messages);
    receive(sample_journey(1, operation));
    map_all(64);
    const pipeline::setup changed = changed_files([](const fs::path& folder) {
        const fs::path systems = folder / "terminology/code-systems.csv";
        write_file(systems, read_file(systems) + "urn:my-trust:ris,99RIS,,\n");
        const fs::path map = folder / "terminology/concept-maps/local-codes.csv";
        write_file(map, read_file(map) + "local-codes,99RIS,LT,L,RFA-LESION-TYPE,,verified,\n");
    });
    const diff_report report = diff(changed);
    ASSERT_EQ(report.changes.size(), 1U);
    EXPECT_EQ(report.records, 2);
    EXPECT_THAT(report.changes[0].change.items,
                Contains(item_difference{"selection.lesion_type", "unknown", "sclerotic"}));
    expect_it_comes_true(changed);
}

TEST_F(Diff, ANewVersionAloneChangesNothing) {
    receive_journeys(1);
    const diff_report report = diff(changed_files([](const fs::path& folder) {
        const fs::path file = folder / "terminology/terminology.yaml";
        const std::string text = read_file(file);
        const std::size_t at = text.find("terminology_version:");
        write_file(file,
                   text.substr(0, at) + "terminology_version: \"2099.1\"" + text.substr(text.find('\n', at)));
    }));
    EXPECT_FALSE(report.would_change());
}

TEST_F(Diff, FindsThePatientsOfMessagesThatGaveNothingSoFar) {
    with_ = with_local_numbers({"XX"});
    receive({admission("M1", "H1^^^RXX^MR", ablation), admission("M2", "H1^^^RXX^MR"), "no message at all"});
    map_all(64);
    ASSERT_EQ(counts()[gs::message_state::held], 2);
    const pipeline::setup changed = with_local_numbers({"MR"});
    const diff_report report = diff(changed);
    ASSERT_EQ(report.changes.size(), 1U);
    EXPECT_EQ(report.changes[0].change.kind, change_kind::created);
    EXPECT_TRUE(report.changes[0].needs_replay);
    EXPECT_EQ(report.replay_since, now);
    EXPECT_THAT(gateway::cli::to_text(report),
                testing::AllOf(HasSubstr("  registry  new, by replay\n"),
                               HasSubstr("held (no-usable-identifier) -> applied        2\n"),
                               HasSubstr("auditgate replay --since 2026-07-08\n")));
    expect_it_comes_true(changed);
}

TEST_F(Diff, FollowsAMessageToAnotherPatient) {
    receive({admission("M1", "H1^^^RXX^MR~H2^^^RXX^PI", ablation), admission("M0", "H1^^^RXX^MR")});
    with_ = with_local_numbers({"MR"});
    map_all(64);
    const pipeline::setup changed = with_local_numbers({"PI"});
    const diff_report report = diff(changed);
    EXPECT_EQ(report.by_kind,
              (std::map<change_kind, std::int64_t>{{change_kind::created, 1}, {change_kind::taken_back, 1}}));
    EXPECT_EQ(report.by_reason.at({change_kind::taken_back, "no-longer-a-case"}), 1);
    EXPECT_EQ(report.need_replay, 2);
    expect_it_comes_true(changed);
}

// Nothing stored says so yet that two clusters are of one patient.
TEST_F(Diff, JoinsClustersByKeysThatAreReadOnlyNow) {
    with_ = with_local_numbers({"MR"});
    receive({admission("M1", "H1^^^RXX^MR", ablation), admission("M2", "H1^^^RXX^MR~H3^^^RXX^PI"),
             admission("M3", "H2^^^RXX^MR~H3^^^RXX^PI", ablation), admission("M4", "H9^^^RXX^MR", ablation)});
    map_all(64);
    ASSERT_EQ(desired_and_present().size(), 3U);
    const pipeline::setup changed = with_local_numbers({"MR", "PI"});
    const diff_report report = diff(changed);
    EXPECT_TRUE(report.would_change());
    EXPECT_EQ(report.counts.clusters, 3);
    expect_it_comes_true(changed);
}

TEST_F(Diff, LeavesOutPatientsOfWhomTooManyWouldBecomeOne) {
    with_ = with_local_numbers({"MR"});
    for (int patient = 0; patient < 6; ++patient)
        receive({admission("M" + std::to_string(patient),
                           "H" + std::to_string(patient) + "^^^RXX^MR~WARD^^^RXX^PI", ablation)});
    receive({admission("M9", "H9^^^RXX^MR", ablation)});
    map_all(64);
    const pipeline::setup changed = with_local_numbers({"MR", "PI"});
    pipeline::shadow_options options;
    options.sources = {"hospital"};
    options.received_before = now + 1h;
    options.today = today;
    for (const std::size_t limit : {std::size_t{5}, std::size_t{6}}) {
        options.joined_clusters_max = limit;
        std::size_t parts = 0;
        const auto counts =
            pipeline::shadow_run(*store_, changed, options,
                                 {.part = [&](const pipeline::shadow_part&) { ++parts; }, .progress = {}});
        ASSERT_TRUE(counts);
        EXPECT_EQ(counts->clusters_not_joined, limit == 5 ? 6 : 0);
        EXPECT_EQ(counts->clusters, limit == 5 ? 1 : 7);
        EXPECT_EQ(parts, limit == 5 ? 1U : 2U);
    }
}

// A number that stands beside two NHS numbers is nobody's: what carries only that one waits.
TEST_F(Diff, TellsWhatWouldBeHeld) {
    with_ = with_local_numbers({"MR"});
    receive({admission("M1", "9000008689^^^NHS^NH~H7^^^RXX^PI"),
             admission("M2", "9000071127^^^NHS^NH~H7^^^RXX^PI"), admission("M3", "H7^^^RXX^MR", ablation)});
    map_all(64);
    ASSERT_EQ(desired_and_present().size(), 1U);
    const pipeline::setup changed = with_local_numbers({"MR", "PI"});
    const diff_report report = diff(changed);
    EXPECT_THAT(gateway::cli::to_text(report),
                HasSubstr("  registry  held (identity-conflict), by replay\n"));
    EXPECT_EQ(report.counts.clusters, 3);
    expect_it_comes_true(changed);
}

TEST_F(Diff, KeepsTheNeighboursInABundleApart) {
    const auto patient = [](const std::string& id, const std::string& number) {
        return R"({"fullUrl":"http://x/Patient/)" + id + R"(","resource":{"resourceType":"Patient","id":")" +
               id +
               R"(","gender":"female","birthDate":"1958-07-12","identifier":[{"type":{"coding":[{"system":)" +
               R"("http://terminology.hl7.org/CodeSystem/v2-0203","code":"MR"}]},"value":")" + number +
               R"(","assigner":{"identifier":{"system":"https://fhir.nhs.uk/Id/ods-organization-code",)" +
               R"("value":"RXX"}}}]}})";
    };
    const auto numbers_of = [](const pipeline::setup& with) {
        return with.default_profile.identifiers.local_types;
    };
    receive({R"({"resourceType":"Bundle","type":"collection","timestamp":"2026-03-01T10:00:00Z","entry":[)" +
                 patient("p1", "H1") + "," + patient("p2", "H2") + "]}",
             admission("M1", "H1^^^RXX^MR", ablation), admission("M2", "H2^^^RXX^MR", ablation)});
    map_all(64);
    ASSERT_EQ(numbers_of(with_).size(), numbers_of(*configuration_->mapping).size());
    const diff_report report = diff(with_);
    EXPECT_FALSE(report.would_change()) << gateway::cli::to_text(report);
    EXPECT_EQ(report.counts.clusters, 2);
    EXPECT_EQ(report.counts.messages, 3);
    EXPECT_EQ(report.records, 2);
}

TEST_F(Diff, CountsWhatErasedMessagesSaid) {
    receive_journeys(1);
    const gs::utc_time later = now + std::chrono::days(100);
    ASSERT_TRUE(store_->erase_messages({later, later}, 0, 1000, later));
    const pipeline::setup changed = changed_files([](const fs::path& folder) {
        replace_once(folder / "datasets/nice-rfa-spinal-metastases.yaml", "window: [21, 45]",
                     "window: [31, 45]");
    });
    const diff_report report = diff(changed);
    EXPECT_EQ(report.counts.erased_messages, report.counts.messages);
    EXPECT_GT(report.counts.erased_messages, 10);
    ASSERT_EQ(report.changes.size(), 1U);
    EXPECT_THAT(report.changes[0].change.items,
                Contains(item_difference{"efficacy.M1.pain.worst", "3", "nothing"}));
    EXPECT_THAT(gateway::cli::to_text(report), HasSubstr("messages whose bytes were erased by retention"));
    EXPECT_EQ(diff(with_local_numbers({"XX"})).changes.size(), 0U) << "what they said counts";
}

TEST_F(Diff, LooksAtThosePatientsOnlyOfWhomSomethingCame) {
    receive_journeys(1);
    const pipeline::setup changed = changed_files([](const fs::path& folder) {
        replace_once(folder / "datasets/nice-rfa-spinal-metastases.yaml", "window: [21, 45]",
                     "window: [31, 45]");
    });
    gateway::cli::diff_options options;
    const auto at = [&](std::chrono::days later) {
        return gateway::cli::compare_configuration(*store_, configuration_with(changed), options,
                                                   now + 1h + later);
    };
    EXPECT_EQ(at(std::chrono::days(6)).value().changes.size(), 1U);
    EXPECT_EQ(at(std::chrono::days(9)).value().changes.size(), 0U);
    options.all = true;
    EXPECT_EQ(at(std::chrono::days(9)).value().changes.size(), 1U);
    options = {.since = "soon"};
    EXPECT_EQ(at({}).error().code, gateway::errc::usage);
}

TEST_F(Diff, LeavesACaseThatClosesAsItIs) {
    receive(sample_journey(0, std::chrono::sys_days{today.time_since_epoch()} - std::chrono::days(505)));
    map_all(64);
    ASSERT_EQ(desired_and_present().size(), 1U);
    const pipeline::setup changed = changed_files([](const fs::path& folder) {
        replace_once(folder / "datasets/nice-rfa-spinal-metastases.yaml", "window: [21, 45]",
                     "window: [31, 45]");
    });
    gateway::cli::diff_options options;
    options.all = true;
    const auto at = [&](std::chrono::days later) {
        return gateway::cli::compare_configuration(*store_, configuration_with(changed), options, now + later)
            .value();
    };
    EXPECT_EQ(at(std::chrono::days(4)).changes.size(), 1U);
    const diff_report closing = at(std::chrono::days(5));
    EXPECT_EQ(closing.changes.size(), 0U);
    EXPECT_EQ(closing.records, 1);
}

// The gateway has not been running: time alone changes something.
TEST_F(Diff, SaysWhenSomethingIsDueAnyway) {
    receive_journeys(1);
    gateway::cli::diff_options options;
    options.all = true;
    const auto later = gateway::cli::compare_configuration(*store_, configuration_with(with_), options,
                                                           now + std::chrono::days(150));
    ASSERT_TRUE(later);
    EXPECT_EQ(later->counts.clusters_due, 1);
    EXPECT_EQ(later->changed_records(), 1);
    EXPECT_THAT(gateway::cli::to_text(*later),
                HasSubstr("  1 patients with something due today: part of what differs comes of the day\n"));
    EXPECT_EQ(diff(with_).counts.clusters_due, 0);
}

TEST_F(Diff, ListsSoManyAndCountsAll) {
    receive_journeys(3);
    const pipeline::setup changed = changed_files([](const fs::path& folder) {
        replace_once(folder / "datasets/nice-rfa-spinal-metastases.yaml", "window: [21, 45]",
                     "window: [31, 45]");
    });
    gateway::cli::diff_options options;
    options.limit = 3;
    EXPECT_EQ(diff(changed, options).not_listed, 0);
    options.limit = 2;
    const diff_report report = diff(changed, options);
    EXPECT_EQ(report.changes.size(), 2U);
    EXPECT_EQ(report.not_listed, 1);
    EXPECT_EQ(report.changed_records(), 3);
    EXPECT_THAT(gateway::cli::to_text(report), HasSubstr("and 1 more record (--limit)\n"));
    const auto json = gateway::cli::to_json(report);
    EXPECT_EQ(json["changes"].size(), 2U);
    EXPECT_EQ(json["records_that_would_change"].text(), "3");
    EXPECT_EQ(json["changes"][0]["items"][0]["item"].text(), report.changes[0].change.items[0].item);
}

TEST_F(Diff, WritesNothing) {
    receive_journeys(2);
    store_.reset();
    const auto keys = gateway::security::key_ring::open(database().parent_path() / "keys").value();
    const auto on_the_disk = [&] {
        std::map<std::string, std::string> files;
        for (const auto& entry : fs::recursive_directory_iterator(database().parent_path()))
            if (entry.is_regular_file() && entry.path().extension() != ".sqlite-shm") // SQLite's locks
                files[entry.path().string()] = read_file(entry.path());
        std::erase_if(files, [](const auto& file) { return file.second.empty(); });
        return files;
    };
    const auto before = on_the_disk();
    {
        gs::sqlite_options options;
        options.role = gs::sqlite_role::reader;
        store_ = gs::create_sqlite_store(database(), *keys, options).value();
        const diff_report report = diff(with_local_numbers({"XX"}));
        EXPECT_EQ(report.records, 2);
        EXPECT_EQ(store_->commit({}).error().code, gateway::errc::store_unavailable);
        EXPECT_EQ(store_->probe().error().code, gateway::errc::store_unavailable);
        store_.reset();
    }
    EXPECT_TRUE(on_the_disk() == before);
}

TEST_F(Diff, WorksBesideAGatewayThatGoesOn) {
    receive_journeys(2);
    const auto keys = gateway::security::key_ring::open(database().parent_path() / "keys").value();
    gs::sqlite_options options;
    options.role = gs::sqlite_role::reader;
    const auto reader = gs::create_sqlite_store(database(), *keys, options).value();
    const auto records = [&] {
        return gateway::cli::compare_configuration(*reader, configuration_with(with_), {}, now + 1h)
            .value()
            .records;
    };
    EXPECT_EQ(records(), 2);
    receive(sample_journey(2, operation));
    map_all(64);
    EXPECT_EQ(records(), 3);
}

} // namespace
} // namespace auditgate::test
