// Work, clusters and write sets.
#include "tests/unit/gateway/store_conformance.hpp"

#include <algorithm>
#include <numeric>
#include <random>
#include <set>
#include <thread>

namespace auditgate::test {

using gs::commit_result;

class StoreClusters : public StoreConformance {
protected:
    // Tries until it is told something else than a conflict or that nobody knows.
    [[nodiscard]] bool is_told_that_work_is_gone(const gs::write_set& changes) {
        for (int attempts = 0; attempts < 200; ++attempts) {
            const auto outcome = store().commit(changes).value();
            if (outcome != commit_result::conflict && outcome != commit_result::unknown)
                return outcome == commit_result::work_gone;
        }
        return false;
    }
};

TEST_P(StoreClusters, HandsOutAPieceOfWorkOnceUntilItsLeaseRunsOut) {
    append(message("c1", "one"));
    append(message("c2", "two"));
    std::set<gs::work_id> first, second;
    while (first.size() + second.size() < 2) {
        for (const auto& one : store().claim("a", 1, now, 1min).value())
            EXPECT_TRUE(first.insert(one.id).second);
        for (const auto& one : store().claim("b", 1, now, 1min).value())
            EXPECT_TRUE(second.insert(one.id).second && !first.contains(one.id));
    }
    EXPECT_TRUE(store().claim("c", 8, now + 59s, 1min).value().empty());
    EXPECT_FALSE(store().claim("c", 8, now + 1min, 1min).value().empty());
}

TEST_P(StoreClusters, HandsOutAtOnceWhatWasGivenBack) {
    append(message("c1", "one"));
    append(message("c2", "two"));
    std::vector<gs::work> claimed;
    while (claimed.size() < 2)
        for (gs::work& one : store().claim("a", 2, now, 1min).value())
            claimed.push_back(std::move(one));
    ASSERT_TRUE(store().give_back({&claimed[1], 1}));
    const auto again = store().claim("b", 2, now, 1min).value();
    ASSERT_EQ(again.size(), 1U);
    EXPECT_EQ(again[0].id, claimed[1].id);
    EXPECT_TRUE(store().claim("b", 2, now, 1min).value().empty());
}

TEST_P(StoreClusters, KeepsAClusterAsWrittenThroughReopening) {
    const std::vector<std::string> keys{"nhs|9990000018", "local|RXX|4711"};
    commit([&] {
        auto write = cluster_with(keys, 7, "events of 7");
        write.cases = {{std::string(64, 'a'), "case one"}, {std::string(64, 'b'), "case two"}};
        write.next_change_on = std::chrono::sys_days(std::chrono::year(2026) / 4 / 1);
        return gs::write_set{.done = {}, .messages = {}, .clusters = {write}, .desired = {}};
    });
    reopen();
    const auto found = only_cluster_with("local|RXX|4711");
    EXPECT_EQ(std::set<std::string>(found.keys.begin(), found.keys.end()),
              std::set<std::string>(keys.begin(), keys.end()));
    ASSERT_EQ(found.events.size(), 1U);
    EXPECT_EQ(found.events[0].message, 7);
    EXPECT_EQ(found.events[0].events, "events of 7");
    ASSERT_EQ(found.cases.size(), 2U);
    EXPECT_EQ(found.next_change_on, std::chrono::sys_days(std::chrono::year(2026) / 4 / 1));
    EXPECT_EQ(store().cluster(found.id).value()->revision, found.revision);
    EXPECT_EQ(store().cluster_of_record(std::string(64, 'b')).value()->id, found.id);
    EXPECT_FALSE(store().cluster_of_record(std::string(64, 'c')).value());
    EXPECT_FALSE(store().cluster(found.id + 1000).value());
}

TEST_P(StoreClusters, ShowsEveryClusterOnceAndStopsWhereToldTo) {
    for (const std::string key : {"k1", "k2", "k3"})
        commit([&] { return gs::write_set{{}, {}, {cluster_with({key}, 1, "events of " + key)}, {}}; });
    std::vector<std::string> seen;
    const auto note = [&](const gs::cluster_snapshot& one) -> gateway::result<void> {
        EXPECT_EQ(one.events.at(0).events, "events of " + one.keys.at(0));
        seen.push_back(one.keys.at(0));
        return {};
    };
    ASSERT_TRUE(store().each_cluster(note));
    std::sort(seen.begin(), seen.end());
    EXPECT_EQ(seen, (std::vector<std::string>{"k1", "k2", "k3"}));

    int shown = 0;
    const auto stopped = store().each_cluster([&](const gs::cluster_snapshot&) -> gateway::result<void> {
        ++shown;
        return gateway::error{gateway::errc::store_corrupt, "enough"};
    });
    ASSERT_FALSE(stopped);
    EXPECT_EQ(stopped.error().message, "enough");
    EXPECT_EQ(shown, 1);
}

TEST_P(StoreClusters, ShowsClustersAsOfOneInstant) {
    for (const std::string key : {"k1", "k2"})
        commit([&] { return gs::write_set{{}, {}, {cluster_with({key}, 1, "before")}, {}}; });
    int shown = 0;
    ASSERT_TRUE(store().each_cluster([&](const gs::cluster_snapshot& one) -> gateway::result<void> {
        EXPECT_EQ(one.events.at(0).events, "before");
        if (++shown == 1) {
            for (const std::string key : {"k1", "k2", "k3"})
                commit([&] { return gs::write_set{{}, {}, {cluster_with({key}, 1, "after")}, {}}; });
        }
        return {};
    }));
    EXPECT_EQ(shown, 2);
}

TEST_P(StoreClusters, FindsThoseWithSomethingReceivedLatelyInSteps) {
    const std::chrono::sys_days today = std::chrono::floor<std::chrono::days>(now);
    std::vector<gs::cluster_id> ids;
    for (const int age : {3, 2, 1, 0}) {
        const std::string key = "k" + std::to_string(age);
        commit([&] {
            auto write = cluster_with({key}, 10 + age, "events");
            write.put_events.at(0).received_on = today - std::chrono::days(age);
            return gs::write_set{{}, {}, {write}, {}};
        });
        ids.push_back(only_cluster_with(key).id);
    }
    const auto found = [&](std::chrono::days age) {
        std::vector<gs::cluster_id> all;
        gs::cluster_id from = 0;
        do {
            const gs::cluster_step step = store().find_clusters(today - age, from, 2).value();
            all.insert(all.end(), step.found.begin(), step.found.end());
            from = step.next;
        } while (from != 0);
        return all;
    };
    EXPECT_EQ(found(std::chrono::days(3)), ids);
    EXPECT_EQ(found(std::chrono::days(2)), (std::vector<gs::cluster_id>{ids[1], ids[2], ids[3]}));
    EXPECT_TRUE(found(std::chrono::days(-1)).empty());
}

TEST_P(StoreClusters, ReplacesAndRemovesTheEventsOfMessages) {
    for (const gs::message_id id : {1, 2, 3})
        commit([&] { return gs::write_set{{}, {}, {cluster_with({"k"}, id, "first")}, {}}; });
    commit([&] {
        auto write = cluster_with({"k"}, 2, "second");
        write.remove_events_of = {1};
        return gs::write_set{{}, {}, {write}, {}};
    });
    const auto events = only_cluster_with("k").events;
    ASSERT_EQ(events.size(), 2U);
    EXPECT_EQ(events[0].message, 2);
    EXPECT_EQ(events[0].events, "second");
    EXPECT_EQ(events[1].message, 3);
    EXPECT_EQ(events[1].events, "first");
}

TEST_P(StoreClusters, FindsClustersByTheMessagesThatGaveTheirEvents) {
    commit([&] { return gs::write_set{{}, {}, {cluster_with({"k1"}, 1, "one")}, {}}; });
    commit([&] { return gs::write_set{{}, {}, {cluster_with({"k2"}, 1, "one, too")}, {}}; });
    commit([&] { return gs::write_set{{}, {}, {cluster_with({"k3"}, 2, "two")}, {}}; });
    const auto found = [&](std::vector<std::string> keys, std::vector<gs::message_id> messages) {
        std::set<std::string> keys_found;
        const auto clusters = store().clusters_with(keys, messages).value();
        for (const gs::cluster_snapshot& one : clusters)
            keys_found.insert(one.keys.begin(), one.keys.end());
        EXPECT_EQ(keys_found.size(), clusters.size()) << "each cluster once";
        return keys_found;
    };
    EXPECT_EQ(found({}, {1}), (std::set<std::string>{"k1", "k2"}));
    EXPECT_EQ(found({"k1"}, {1, 2}), (std::set<std::string>{"k1", "k2", "k3"}));
    EXPECT_EQ(found({"k1"}, {3}), (std::set<std::string>{"k1"}));
    commit([&] {
        auto write = cluster_with({"k2"}, 3, "three");
        write.remove_events_of = {1};
        return gs::write_set{{}, {}, {write}, {}};
    });
    EXPECT_EQ(found({}, {1}), (std::set<std::string>{"k1"}));
}

TEST_P(StoreClusters, RefusesAWriteSetMadeFromAnOldSnapshotAsAWhole) {
    commit([&] { return gs::write_set{{}, {}, {cluster_with({"k"}, 1, "one")}, {}}; });
    append(message("c1", "x"));
    std::vector<gs::work> claimed;
    while (claimed.empty())
        claimed = store().claim("mapper", 1, now, 1min).value();
    const auto old_write = cluster_with({"k"}, 2, "two");
    commit([&] { return gs::write_set{{}, {}, {cluster_with({"k"}, 3, "three")}, {}}; });

    gs::write_set changes{
        {claimed[0].id}, {{claimed[0].message.id, gs::message_state::applied, ""}}, {old_write}, {}};
    changes.desired.push_back({"registry", std::string(64, 'a'), "content", "", ""});
    EXPECT_NE(store().commit(changes).value(), commit_result::committed);
    EXPECT_EQ(only_cluster_with("k").events.size(), 2U);
    EXPECT_EQ(store().work_backlog().value(), 1);
    EXPECT_EQ(counts().at(gs::message_state::waiting), 1);
    EXPECT_TRUE(store().lease("registry", "sender", 10, now, 1min).value().empty());
}

TEST_P(StoreClusters, RefusesAKeyThatBelongsToAnotherClusterByNow) {
    const auto stale = cluster_with({"k1", "k2"}, 1, "one"); // when neither key was known
    commit([&] { return gs::write_set{{}, {}, {cluster_with({"k2"}, 2, "two")}, {}}; });
    EXPECT_NE(store().commit({{}, {}, {stale}, {}}).value(), commit_result::committed);
    const std::vector<std::string> keys{"k1"};
    EXPECT_TRUE(store().clusters_with(keys, {}).value().empty());
}

TEST_P(StoreClusters, AbsorbsClustersThatTurnOutToBeOne) {
    commit([&] { return gs::write_set{{}, {}, {cluster_with({"k1"}, 1, "one")}, {}}; });
    commit([&] {
        auto write = cluster_with({"k2"}, 2, "two");
        write.cases = {{std::string(64, 'd'), "case"}};
        return gs::write_set{{}, {}, {write}, {}};
    });
    const auto second = only_cluster_with("k2").id;
    commit([&] { return gs::write_set{{}, {}, {cluster_with({"k1", "k2"}, 3, "three")}, {}}; });
    const auto merged = only_cluster_with("k2");
    EXPECT_EQ(merged.keys, (std::vector<std::string>{"k1", "k2"}));
    EXPECT_EQ(merged.events.size(), 3U);
    EXPECT_EQ(merged.cases.size(), 1U);
    EXPECT_EQ(only_cluster_with("k1").id, merged.id);
    EXPECT_TRUE(merged.id == second || !store().cluster(second).value());
}

TEST_P(StoreClusters, RefusesToAbsorbAClusterWhoseEventsWouldBeLost) {
    commit([&] { return gs::write_set{{}, {}, {cluster_with({"k1"}, 1, "one")}, {}}; });
    commit([&] { return gs::write_set{{}, {}, {cluster_with({"k2"}, 2, "two")}, {}}; });
    auto write = cluster_with({"k1", "k2"}, 3, "three");
    ASSERT_EQ(write.absorbs.size(), 1U);
    std::erase_if(write.put_events, [](const auto& one) { return one.message != 3; });
    for (int attempts = 0; attempts < 20; ++attempts) {
        const auto outcome = store().commit({{}, {}, {write}, {}});
        if (outcome)
            EXPECT_NE(*outcome, commit_result::committed);
        else
            EXPECT_EQ(outcome.error().code, gateway::errc::store_corrupt);
    }
    EXPECT_EQ(only_cluster_with("k1").events.size(), 1U);
    EXPECT_EQ(only_cluster_with("k2").events.size(), 1U);

    const gs::message_id absorbed = only_cluster_with("k1").id == write.id ? 2 : 1;
    commit([&] {
        write.remove_events_of = {absorbed};
        return gs::write_set{{}, {}, {write}, {}};
    });
    const auto merged = only_cluster_with("k1");
    EXPECT_EQ(merged.id, only_cluster_with("k2").id);
    ASSERT_EQ(merged.events.size(), 2U);
    EXPECT_NE(merged.events[0].message, absorbed);
}

TEST_P(StoreClusters, FinishesAPieceOfWorkOnce) {
    append(message("c1", "one"));
    std::vector<gs::work> mine;
    while (mine.empty())
        mine = store().claim("a", 1, now, 1min).value();
    const gs::write_set changes{
        {mine[0].id}, {{mine[0].message.id, gs::message_state::not_relevant, ""}}, {}, {}};
    while (store().work_backlog().value() > 0)
        (void)store().commit(changes).value();
    EXPECT_TRUE(is_told_that_work_is_gone(changes));
    EXPECT_EQ(counts().at(gs::message_state::not_relevant), 1);
}

TEST_P(StoreClusters, MakesWorkOfClustersWhoseDayHasCome) {
    const auto day = std::chrono::sys_days(std::chrono::year(2026) / 4 / 1);
    commit([&] {
        auto write = cluster_with({"k"}, 1, "one");
        write.next_change_on = day;
        return gs::write_set{{}, {}, {write}, {}};
    });
    const auto id = only_cluster_with("k").id;
    EXPECT_EQ(store().enqueue_due(day - std::chrono::days(1)).value(), 0);
    EXPECT_EQ(store().enqueue_due(day).value(), 1);
    EXPECT_EQ(store().enqueue_due(day).value(), 0) << "it is work already";
    map_everything([&](const gs::work& one) {
        EXPECT_EQ(one.kind, gs::work_kind::cluster);
        EXPECT_EQ(one.cluster, id);
        const auto snapshot = store().cluster(one.cluster).value().value();
        gs::cluster_write write;
        write.id = snapshot.id;
        write.expected_revision = snapshot.revision;
        write.keys = snapshot.keys;
        return gs::write_set{{}, {}, {write}, {}};
    });
    EXPECT_EQ(store().enqueue_due(day).value(), 0);
}

TEST_P(StoreClusters, ComputesEveryClusterAgainUnderAnotherConfiguration) {
    EXPECT_EQ(store().active_configuration().value(), "");
    commit([&] { return gs::write_set{{}, {}, {cluster_with({"k1"}, 1, "one")}, {}}; });
    commit([&] { return gs::write_set{{}, {}, {cluster_with({"k2"}, 2, "two")}, {}}; });
    ASSERT_TRUE(store().activate_configuration("r1"));
    EXPECT_EQ(store().active_configuration().value(), "r1");
    EXPECT_EQ(store().work_backlog().value(), 2);
    ASSERT_TRUE(store().activate_configuration("r1"));
    EXPECT_EQ(store().work_backlog().value(), 2);
}

TEST_P(StoreClusters, ComputesClustersWithCasesFirstUnderAnotherConfiguration) {
    commit([&] { return gs::write_set{{}, {}, {cluster_with({"k1"}, 1, "one")}, {}}; });
    commit([&] {
        auto with_case = cluster_with({"k2"}, 2, "two");
        with_case.cases = {{std::string(64, 'a'), "case"}};
        return gs::write_set{{}, {}, {with_case}, {}};
    });
    ASSERT_TRUE(store().activate_configuration("r1"));
    std::vector<gs::cluster_id> order; // by the ids of work, for a hostile store shuffles what it hands out
    std::map<gs::work_id, gs::cluster_id> found;
    while (found.size() < 2)
        for (const gs::work& one : store().claim("a", 2, now, 1min).value())
            found[one.id] = one.cluster;
    for (const auto& [work, cluster] : found)
        order.push_back(cluster);
    EXPECT_EQ(order, (std::vector<gs::cluster_id>{only_cluster_with("k2").id, only_cluster_with("k1").id}));
}

TEST_P(StoreClusters, CommitsNothingThatWasMadeWithAnotherConfiguration) {
    const auto outcome_of = [&](const std::string& made_with) {
        gs::write_set changes;
        changes.clusters = {cluster_with({"k"}, 1, "one")};
        changes.made_with = made_with;
        for (int attempts = 0; attempts < 200; ++attempts) {
            const auto outcome = store().commit(changes).value();
            if (outcome == commit_result::committed || outcome == commit_result::outdated)
                return outcome;
            changes.clusters = {cluster_with({"k"}, 1, "one")};
        }
        return commit_result::unknown;
    };
    EXPECT_EQ(outcome_of("r1"), commit_result::committed) << "none is active yet";
    ASSERT_TRUE(store().activate_configuration("r2"));
    const auto before = only_cluster_with("k").revision;
    EXPECT_EQ(outcome_of("r1"), commit_result::outdated);
    EXPECT_EQ(only_cluster_with("k").revision, before);
    EXPECT_EQ(outcome_of("r2"), commit_result::committed);
    EXPECT_EQ(outcome_of(""), commit_result::committed);
}

TEST_P(StoreClusters, DoesNotCountAComputationBegunUnderTheConfigurationBefore) {
    commit([&] { return gs::write_set{{}, {}, {cluster_with({"k"}, 1, "one")}, {}}; });
    ASSERT_TRUE(store().activate_configuration("r1"));
    std::vector<gs::work> begun;
    while (begun.empty())
        begun = store().claim("a", 1, now, 1min).value();
    ASSERT_TRUE(store().activate_configuration("r2"));
    EXPECT_TRUE(is_told_that_work_is_gone({{begun[0].id}, {}, {}, {}}));
    EXPECT_EQ(store().work_backlog().value(), 1);
}

// Messages name patients by keys; which belong together is known from the messages alone. Several mappers at once,
// conflicts and lost answers must lead to the same clusters as an undisturbed one.
TEST_P(StoreClusters, ConvergesWithSeveralMappersAtOnce) {
    constexpr int messages = 120, patients = 30, mappers = 3;
    std::mt19937 random(7);
    std::vector<std::vector<std::string>> keys_of;
    std::vector<int> group(patients);
    std::iota(group.begin(), group.end(), 0);
    for (int i = 0; i < messages; ++i) {
        const int a = static_cast<int>(random() % patients);
        const int b = i % 8 == 0 ? static_cast<int>(random() % patients) : a;
        keys_of.push_back({"p" + std::to_string(a), "p" + std::to_string(b)});
        const int from = group[static_cast<std::size_t>(b)], to = group[static_cast<std::size_t>(a)];
        std::replace(group.begin(), group.end(), from, to);
        append(message("c" + std::to_string(i), std::to_string(i)));
    }

    std::vector<std::thread> threads;
    for (int mapper = 0; mapper < mappers; ++mapper) {
        threads.emplace_back([&, time = now]() mutable {
            while (store().work_backlog().value() > 0) {
                time += 2min;
                for (const auto& one : store().claim("mapper", 8, time, 1min).value()) {
                    const auto& keys = keys_of[static_cast<std::size_t>(std::stoi(one.message.bytes))];
                    gs::write_set changes{
                        {one.id}, {{one.message.id, gs::message_state::applied, ""}}, {}, {}};
                    changes.clusters.push_back(cluster_with(keys, one.message.id, one.message.bytes));
                    (void)store().commit(changes).value();
                }
            }
        });
    }
    for (std::thread& thread : threads)
        thread.join();

    EXPECT_EQ(counts(), (std::map<gs::message_state, std::int64_t>{{gs::message_state::applied, messages}}));
    std::map<gs::cluster_id, std::size_t> clusters;
    std::map<int, gs::cluster_id> cluster_of_group;
    std::size_t events = 0;
    for (const auto& keys : keys_of) {
        const auto cluster = only_cluster_with(keys[0]);
        EXPECT_EQ(only_cluster_with(keys[1]).id, cluster.id);
        const int mine = group[static_cast<std::size_t>(std::stoi(keys[0].substr(1)))];
        EXPECT_EQ(cluster_of_group.emplace(mine, cluster.id).first->second, cluster.id);
        clusters[cluster.id] = cluster.events.size();
    }
    for (const auto& [id, count] : clusters)
        events += count;
    EXPECT_EQ(clusters.size(), cluster_of_group.size());
    EXPECT_EQ(events, static_cast<std::size_t>(messages)) << "every message in one cluster, once";
}

INSTANTIATE_TEST_SUITE_P(Engines, StoreClusters, testing::Values(sqlite_engine(), hostile_sqlite_engine()),
                         [](const auto& engine) { return engine.param.name; });

} // namespace auditgate::test
