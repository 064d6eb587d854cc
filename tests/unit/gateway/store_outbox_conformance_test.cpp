// The outbox: desired states, leases, sealing, receipts, holds.
#include "tests/unit/gateway/store_conformance.hpp"

#include <random>

namespace auditgate::test {

using gs::attempt_end;
using gs::record_action;
using gs::seal_state;

class StoreOutbox : public StoreConformance {
protected:
    const std::string record_ = std::string(64, 'a');

    void desire(std::optional<std::string> content, const std::string& record) {
        commit([&] {
            return gs::write_set{
                {}, {}, {}, {{"registry", record, content, "facts", content ? "" : "not-done"}}};
        });
    }
    void desire(std::optional<std::string> content) { desire(std::move(content), record_); }

    // The one row that is due, leased.
    gs::outbox_row lease() {
        auto rows = store().lease("registry", "sender", 10, now, 1min).value();
        EXPECT_EQ(rows.size(), 1U);
        return rows.empty() ? gs::outbox_row{} : rows.front();
    }
    [[nodiscard]] bool nothing_is_due() {
        return store().lease("registry", "other", 10, now, 1min).value().empty();
    }

    // Leases again when the lease is said to be lost, as a sender would.
    template <class Step>
    void under_lease(gs::outbox_row& row, Step step) {
        for (;;) {
            const auto done = step();
            if (done)
                return;
            ASSERT_EQ(done.error().code, gateway::errc::lease_lost);
            now += 2min;
            row = lease();
        }
    }
    void seal(gs::outbox_row& row, const gs::sealed_record& sealed) {
        under_lease(row, [&] { return store().seal(row, sealed, now); });
    }
    void finish(gs::outbox_row& row, const gs::attempt_outcome& outcome) {
        under_lease(row, [&] { return store().finish(row, outcome, now); });
    }
    static gs::sealed_record version(int number, record_action action, const std::string& content,
                                     std::vector<std::string> slots = {"head"}) {
        return {number,
                action,
                content.empty() ? "" : "hash of " + content,
                content,
                "body of " + content,
                std::move(slots)};
    }
    std::map<seal_state, std::int64_t> record_counts() {
        std::map<seal_state, std::int64_t> found;
        for (const auto& count : store().record_counts().value())
            found[count.state] = count.count;
        return found;
    }
    void deliver(int number, record_action action, const std::string& content,
                 std::vector<std::string> slots = {"head"}) {
        auto row = lease();
        seal(row, version(number, action, content, std::move(slots)));
        finish(row, {attempt_end::receipted, {}, "", ""});
    }
};

TEST_P(StoreOutbox, LeasesADesiredStateOnce) {
    desire("one");
    const auto row = lease();
    EXPECT_EQ(row.destination, "registry");
    EXPECT_EQ(row.record_id, record_);
    EXPECT_EQ(row.desired_content, "one");
    EXPECT_EQ(row.gate_facts, "facts");
    EXPECT_EQ(row.last_version, 0);
    EXPECT_FALSE(row.live || row.may_be_there || row.sealed);
    EXPECT_TRUE(nothing_is_due());
    EXPECT_TRUE(store().lease("elsewhere", "sender", 10, now, 1min).value().empty());
    now += 1min;
    EXPECT_GT(lease().lease_epoch, row.lease_epoch);
}

TEST_P(StoreOutbox, RefusesWhatComesUnderALeaseOfSomebodyElse) {
    desire("one");
    const auto old = lease();
    now += 2min;
    auto row = lease();
    EXPECT_EQ(store().seal(old, version(1, record_action::create, "one"), now).error().code,
              gateway::errc::lease_lost);
    EXPECT_EQ(store().finish(old, {attempt_end::unchanged, {}, "", ""}, now).error().code,
              gateway::errc::lease_lost);
    finish(row, {attempt_end::unchanged, {}, "", ""});
    EXPECT_EQ(store().finish(row, {attempt_end::unchanged, {}, "", ""}, now).error().code,
              gateway::errc::lease_lost);
}

TEST_P(StoreOutbox, RemembersASealedVersionUntilItIsReceipted) {
    desire("one");
    auto row = lease();
    seal(row, version(1, record_action::create, "one", {"head", "patient"}));
    EXPECT_EQ(record_counts(), (std::map<seal_state, std::int64_t>{{seal_state::pending, 1}}));
    finish(row, {attempt_end::retry, now + 5min, "network", "connection refused"});
    EXPECT_TRUE(nothing_is_due());
    reopen();
    EXPECT_TRUE(nothing_is_due());
    now += 5min;
    row = lease();
    ASSERT_TRUE(row.sealed);
    EXPECT_EQ(row.sealed->version, 1);
    EXPECT_EQ(row.sealed->action, record_action::create);
    EXPECT_EQ(row.sealed->body, "body of one");
    EXPECT_EQ(row.sealed->content, "one");
    EXPECT_EQ(row.sealed->slots, (std::vector<std::string>{"head", "patient"}));
    EXPECT_EQ(row.attempts, 1);
    EXPECT_EQ(row.sealed_revision, row.desired_revision);
    EXPECT_TRUE(row.live && row.may_be_there);
    finish(row, {attempt_end::receipted, {}, "", ""});
    EXPECT_EQ(record_counts(), (std::map<seal_state, std::int64_t>{{seal_state::receipted, 1}}));
    now += 24h;
    EXPECT_TRUE(nothing_is_due());
}

TEST_P(StoreOutbox, KnowsWhatIsAtTheDestination) {
    desire("one");
    deliver(1, record_action::create, "one", {"head", "pain"});
    desire("two");
    auto row = lease();
    EXPECT_EQ(row.last_version, 1);
    EXPECT_EQ(row.last_content, "one");
    EXPECT_EQ(row.last_content_hash, "hash of one");
    seal(row, version(2, record_action::amend, "two", {"head", "score"}));
    finish(row, {attempt_end::retry, now, "", ""});
    row = lease();
    EXPECT_EQ(row.slots_out, (std::vector<std::string>{"head", "pain", "score"}))
        << "of both, until the receipt";
    finish(row, {attempt_end::receipted, {}, "", ""});
    desire(std::nullopt);
    row = lease();
    EXPECT_EQ(row.slots_out, (std::vector<std::string>{"head", "score"}));
    EXPECT_FALSE(row.desired_content);
    EXPECT_EQ(row.desired_reason, "not-done");
    seal(row, version(3, record_action::retract, "", {}));
    finish(row, {attempt_end::receipted, {}, "", ""});
    desire("three");
    row = lease();
    EXPECT_TRUE(row.slots_out.empty());
    EXPECT_EQ(row.last_version, 3);
    EXPECT_FALSE(row.live || row.may_be_there);
    EXPECT_EQ(row.last_content, "");
}

TEST_P(StoreOutbox, ReplacesADesiredStateAndIgnoresAnEqualOne) {
    desire("one");
    desire("two");
    const auto row = lease();
    EXPECT_EQ(row.desired_content, "two");
    EXPECT_EQ(row.desired_revision, 2);
    auto leased = row;
    finish(leased, {attempt_end::unchanged, {}, "", ""});
    desire("two");
    EXPECT_TRUE(nothing_is_due());
}

TEST_P(StoreOutbox, StaysDueForADesiredStateThatCameDuringTheAttempt) {
    desire("one");
    auto row = lease();
    seal(row, version(1, record_action::create, "one"));
    desire("two");
    finish(row, {attempt_end::receipted, {}, "", ""});
    row = lease();
    EXPECT_EQ(row.desired_content, "two");
    EXPECT_FALSE(row.sealed);
    desire("three");
    finish(row, {attempt_end::held, {}, "bad-request", "400"});
    EXPECT_TRUE(store().held_records(10).value().empty());
    EXPECT_EQ(lease().desired_content, "three");
}

TEST_P(StoreOutbox, HoldsUntilSomebodyActs) {
    desire("one");
    auto row = lease();
    seal(row, version(1, record_action::create, "one"));
    finish(row, {attempt_end::held, {}, "refused-by-destination", "422 code-invalid"});
    EXPECT_EQ(record_counts(), (std::map<seal_state, std::int64_t>{{seal_state::held, 1}}));
    const auto held = store().held_records(10).value();
    ASSERT_EQ(held.size(), 1U);
    EXPECT_EQ(held[0].record_id, record_);
    EXPECT_EQ(held[0].reason, "refused-by-destination");
    EXPECT_EQ(held[0].detail, "422 code-invalid");
    EXPECT_EQ(held[0].since, now);
    EXPECT_TRUE(nothing_is_due());
    EXPECT_EQ(store().recheck("registry", record_).value(), 1);
    EXPECT_EQ(record_counts(), (std::map<seal_state, std::int64_t>{{seal_state::pending, 1}}));
    row = lease();
    finish(row, {attempt_end::held, {}, "again", ""});
    desire("two");
    EXPECT_TRUE(store().held_records(10).value().empty());
    EXPECT_EQ(lease().desired_content, "two");
}

TEST_P(StoreOutbox, AHoldOutlastsAQuestionToTheGate) {
    desire("one");
    auto row = lease();
    seal(row, version(1, record_action::create, "one"));
    finish(row, {attempt_end::held, {}, "http-422", "code-invalid"});
    const auto since = store().held_records(10).value().at(0).since;
    now += 1h;
    EXPECT_EQ(store().recheck("registry", std::nullopt).value(), 1);
    row = lease();
    EXPECT_EQ(row.hold_reason, "http-422");
    EXPECT_EQ(row.hold_detail, "code-invalid");
    finish(row, {attempt_end::held, {}, row.hold_reason, row.hold_detail});
    EXPECT_EQ(store().held_records(10).value().at(0).since, since);
    EXPECT_EQ(record_counts(), (std::map<seal_state, std::int64_t>{{seal_state::held, 1}}));
    EXPECT_TRUE(nothing_is_due());
    EXPECT_EQ(store().recheck("registry", std::nullopt).value(), 1);
    row = lease();
    seal(row, version(2, record_action::retract, "", {}));
    EXPECT_TRUE(store().held_records(10).value().empty()) << "the retract is under way";
    finish(row, {attempt_end::receipted, {}, "", ""});
    EXPECT_EQ(record_counts(),
              (std::map<seal_state, std::int64_t>{{seal_state::receipted, 1}, {seal_state::discarded, 1}}));
}

TEST_P(StoreOutbox, HandsARowThatIsGivenBackOutAtOnce) {
    desire("one");
    const auto row = lease();
    EXPECT_TRUE(nothing_is_due());
    store().give_back(row);
    const auto again = lease();
    EXPECT_EQ(again.desired_content, "one");
    store().give_back(row); // a lease of before says nothing of this one
    EXPECT_TRUE(nothing_is_due());
}

TEST_P(StoreOutbox, AHoldOutlastsALookThatDecidedNothing) {
    desire("one");
    auto row = lease();
    finish(row, {attempt_end::held, {}, "cannot-seal", "why"});
    EXPECT_EQ(store().recheck("registry", std::nullopt).value(), 1);
    row = lease();
    finish(row, {attempt_end::later, now, "", ""});
    EXPECT_EQ(store().held_records(10).value().size(), 1U);
    row = lease();
    finish(row, {attempt_end::later, now, "retry", ""});
    EXPECT_TRUE(store().held_records(10).value().empty());
}

TEST_P(StoreOutbox, AHoldEndsWhenAnAttemptEndsOtherwise) {
    desire("one");
    auto row = lease();
    seal(row, version(1, record_action::create, "one"));
    finish(row, {attempt_end::held, {}, "opt-out-list-stale", "by the gate"});
    EXPECT_EQ(store().recheck("registry", std::nullopt).value(), 1);
    row = lease();
    finish(row, {attempt_end::retry, now + 5min, "network", ""});
    EXPECT_TRUE(store().held_records(10).value().empty());
    EXPECT_EQ(record_counts(), (std::map<seal_state, std::int64_t>{{seal_state::pending, 1}}));
}

TEST_P(StoreOutbox, RefusesToSealWhatHasChangedSinceItWasLeased) {
    desire("one");
    const auto leased = lease();
    desire("two");
    EXPECT_EQ(store().seal(leased, version(1, record_action::create, "one"), now).error().code,
              gateway::errc::lease_lost);
    now += 2min; // a hostile store lost the lease without giving it back
    const auto again = lease();
    EXPECT_EQ(again.desired_content, "two");
    EXPECT_FALSE(again.sealed);
    EXPECT_EQ(store().recheck("registry", std::nullopt).value(), 1);
    EXPECT_EQ(store().seal(again, version(1, record_action::create, "two"), now).error().code,
              gateway::errc::lease_lost);
    now += 2min;
    auto row = lease();
    seal(row, version(1, record_action::create, "two"));
    EXPECT_EQ(record_counts(), (std::map<seal_state, std::int64_t>{{seal_state::pending, 1}}));
}

TEST_P(StoreOutbox, APauseOutlastsADesiredStateAndAQuestionToTheGateButNoRelease) {
    desire("one");
    auto row = lease();
    seal(row, version(1, record_action::create, "one"));
    const auto until = now + 8h;
    finish(row, {attempt_end::retry, until, "http-429", ""});
    desire("two");
    row = lease();
    EXPECT_EQ(row.retry_at, until);
    EXPECT_EQ(row.attempts, 1);
    finish(row, {attempt_end::later, until, "retry", ""});
    EXPECT_TRUE(nothing_is_due());
    EXPECT_EQ(store().recheck("registry", std::nullopt).value(), 1);
    row = lease();
    EXPECT_EQ(row.retry_at, until);
    EXPECT_EQ(row.attempts, 1) << "nothing was tried";
    finish(row, {attempt_end::later, until, "retry", ""});
    EXPECT_EQ(store().recheck("registry", record_).value(), 1);
    EXPECT_EQ(lease().retry_at, gs::utc_time{});
}

TEST_P(StoreOutbox, KnowsWhetherWhatIsDesiredIsOfTheActiveConfiguration) {
    ASSERT_TRUE(store().activate_configuration("first"));
    desire("one");
    auto row = lease();
    EXPECT_TRUE(row.of_active_configuration);
    finish(row, {attempt_end::retry, now + 8h, "", ""});
    ASSERT_TRUE(store().activate_configuration("second"));
    now += 8h;
    row = lease();
    EXPECT_FALSE(row.of_active_configuration);
    finish(row, {attempt_end::later, now + 8h, "", ""});
    desire("one");
    row = lease(); // at once
    EXPECT_TRUE(row.of_active_configuration);
    EXPECT_EQ(row.desired_revision, 1);
    finish(row, {attempt_end::unchanged, {}, "", ""});
    ASSERT_TRUE(store().activate_configuration("third"));
    desire("one");
    EXPECT_TRUE(nothing_is_due()) << "nobody waited for it";
}

TEST_P(StoreOutbox, FinishesManyAtOnceButThoseWhoseLeaseIsLost) {
    for (const char name : {'a', 'b', 'c'})
        desire("one", std::string(64, name));
    const auto rows_due = [&] { return store().lease("registry", "sender", 10, now, 1min).value(); };
    auto rows = rows_due();
    ASSERT_EQ(rows.size(), 3U);
    const auto finish_them = [&](const std::vector<gs::outbox_row>& those) {
        std::vector<gs::ended_attempt> ended;
        for (const gs::outbox_row& one : those)
            ended.push_back({one, {attempt_end::unchanged, {}, "", ""}});
        EXPECT_TRUE(store().finish_all(ended, now));
    };
    now += 2min;
    const auto theirs = rows_due(); // the first leases have run out
    finish_them(rows);
    now += 2min;
    rows = rows_due();
    EXPECT_EQ(rows.size(), 3U) << "nothing was finished";
    for (int rounds = 0; rounds < 100 && !rows.empty(); ++rounds) {
        finish_them(rows);
        now += 2min;
        rows = rows_due();
    }
    EXPECT_TRUE(rows.empty());
}

TEST_P(StoreOutbox, TellsWhatWaitsForADestinationAndWhatIsThere) {
    desire("one");
    EXPECT_EQ(store().destination_counts().value().at(0).pending, 0) << "not sealed yet";
    gs::outbox_row row = lease();
    const gs::utc_time sealed_at = now;
    seal(row, version(1, record_action::create, "one"));
    now += 1h;
    const auto pending = store().destination_counts().value();
    ASSERT_EQ(pending.size(), 1U);
    EXPECT_EQ(pending[0].destination, "registry");
    EXPECT_EQ(pending[0].pending, 1);
    EXPECT_GE(pending[0].pending_since, sealed_at);
    EXPECT_LT(pending[0].pending_since, now);
    EXPECT_TRUE(pending[0].held.empty());
    EXPECT_EQ(store().records_there("registry").value(), 1);
    finish(row, {attempt_end::held, {}, "http-403", ""});
    const auto held = store().destination_counts().value();
    EXPECT_EQ(held.at(0).pending, 0);
    EXPECT_FALSE(held.at(0).pending_since);
    EXPECT_EQ(held.at(0).held, (std::map<std::string, std::int64_t>{{"http-403", 1}}));
    EXPECT_EQ(store().records_there("other").value(), 0);
}

TEST_P(StoreOutbox, DiscardsASealedVersionAndStaysDueForTheRetract) {
    desire("one");
    deliver(1, record_action::create, "one");
    desire("two");
    auto row = lease();
    seal(row, version(2, record_action::amend, "two"));
    finish(row, {attempt_end::discarded, {}, "opt-out", ""});
    EXPECT_EQ(record_counts(),
              (std::map<seal_state, std::int64_t>{{seal_state::receipted, 1}, {seal_state::discarded, 1}}));
    row = lease();
    EXPECT_FALSE(row.sealed);
    EXPECT_TRUE(row.live) << "version 1 is";
    EXPECT_TRUE(row.may_be_there);
    EXPECT_EQ(row.last_content, "") << "nobody knows which content is there";
    EXPECT_EQ(row.last_version, 2);
    seal(row, version(3, record_action::retract, "", {}));
    finish(row, {attempt_end::receipted, {}, "", ""});
    EXPECT_TRUE(nothing_is_due());
}

TEST_P(StoreOutbox, CountsAVersionSealedOverAsDiscarded) {
    desire("one");
    auto row = lease();
    seal(row, version(1, record_action::create, "one"));
    seal(row, version(8, record_action::create, "one")); // the destination said that it has version 7
    finish(row, {attempt_end::receipted, {}, "", ""});
    EXPECT_EQ(record_counts(),
              (std::map<seal_state, std::int64_t>{{seal_state::receipted, 1}, {seal_state::discarded, 1}}));
}

TEST_P(StoreOutbox, NeverSealsAVersionTwice) {
    desire("one");
    deliver(1, record_action::create, "one");
    desire("two");
    const auto row = lease();
    EXPECT_FALSE(store().seal(row, version(1, record_action::amend, "two"), now));
    EXPECT_EQ(record_counts(), (std::map<seal_state, std::int64_t>{{seal_state::receipted, 1}}));
}

TEST_P(StoreOutbox, AsksAgainForEveryRowOfADestination) {
    desire("one");
    deliver(1, record_action::create, "one");
    EXPECT_EQ(store().recheck("registry", std::nullopt).value(), 1);
    const auto row = lease();
    EXPECT_EQ(store().recheck("registry", std::nullopt).value(), 1);
    (void)store().finish(row, {attempt_end::unchanged, {}, "", ""}, now);
    now += 2min;
    EXPECT_FALSE(nothing_is_due()) << "the second recheck came during the attempt";
}

// A registry that takes every version once and in order; in the end it has what was desired last.
TEST_P(StoreOutbox, ShowsWhatIsDesiredOfRecords) {
    const std::string other(64, 'b');
    desire("one");
    desire(std::nullopt, other);
    const std::vector<gs::record_name> names{
        {"registry", record_}, {"registry", other}, {"registry", std::string(64, 'c')}, {"another", record_}};
    auto found = store().desired(names).value();
    std::sort(found.begin(), found.end(), [](const auto& left, const auto& right) {
        return left.desired.record_id < right.desired.record_id;
    });
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].desired.destination, "registry");
    EXPECT_EQ(found[0].desired.record_id, record_);
    EXPECT_EQ(found[0].desired.content, "one");
    EXPECT_EQ(found[0].desired.gate_facts, "facts");
    EXPECT_FALSE(found[0].closed || found[0].damaged);
    EXPECT_EQ(found[1].desired.content, std::nullopt);
    EXPECT_EQ(found[1].desired.reason, "not-done");
    commit([&] { return gs::write_set{{}, {}, {}, {}, {{"registry", record_, "remainder", {}}}}; });
    found = store().desired(std::span(names).first(1)).value();
    ASSERT_EQ(found.size(), 1U);
    EXPECT_TRUE(found[0].closed);
    EXPECT_EQ(found[0].desired.content, "one") << "not erased yet";
}

TEST_P(StoreOutbox, GivesTheGateFactsOfWhatIsWantedAtADestination) {
    const auto want = [&](const char* destination, char record, const std::optional<std::string>& content,
                          const char* facts) {
        commit([&] {
            return gs::write_set{{}, {}, {}, {{destination, std::string(64, record), content, facts, ""}}};
        });
    };
    EXPECT_TRUE(store().gate_facts("registry").value().empty());
    want("registry", 'a', "content", "of a");
    gs::outbox_row row = lease();
    finish(row, {attempt_end::held, {}, "opt-out-not-requested", ""});
    want("registry", 'b', "content", "of b");
    want("registry", 'c', std::nullopt, "");
    want("other", 'd', "content", "of d");
    EXPECT_EQ(store().gate_facts("registry").value(), (std::vector<std::string>{"of a", "of b"}));
    EXPECT_EQ(store().gate_facts("other").value(), std::vector<std::string>{"of d"});
}

TEST_P(StoreOutbox, BringsEveryRecordToItsLastDesiredState) {
    struct at_registry {
        int version = 0;
        std::string content;
    };
    std::map<std::string, at_registry> registry;
    std::map<std::string, std::string> wanted;
    std::mt19937 random(11);
    const auto send_what_is_due = [&] {
        now += 2min;
        for (auto& row : store().lease("registry", "sender", 5, now, 1min).value()) {
            if (!row.sealed) {
                const std::string content = row.desired_content.value_or("");
                const bool same =
                    row.may_be_there ? content == row.last_content && !content.empty() : content.empty();
                if (same) {
                    (void)store().finish(row, {attempt_end::unchanged, {}, "", ""}, now);
                    continue;
                }
                const auto action = content.empty()
                                        ? record_action::retract
                                        : (row.live ? record_action::amend : record_action::create);
                const auto sealed = version(row.last_version + 1, action, content);
                if (!store().seal(row, sealed, now))
                    continue;
                row.sealed = sealed;
            }
            if (random() % 3 == 0) {
                (void)store().finish(row, {attempt_end::retry, now + 1min, "network", ""}, now);
                continue;
            }
            auto& there = registry[row.record_id];
            EXPECT_GE(row.sealed->version, there.version);
            there = {row.sealed->version, row.sealed->content};
            (void)store().finish(row, {attempt_end::receipted, {}, "", ""}, now);
        }
    };
    for (int i = 0; i < 60; ++i) {
        const std::string record = std::string(63, 'a') + static_cast<char>('a' + random() % 6);
        const bool gone = random() % 4 == 0;
        wanted[record] = gone ? "" : "content " + std::to_string(i);
        desire(gone ? std::nullopt : std::optional(wanted[record]), record);
        send_what_is_due();
    }
    for (int quiet = 0; quiet < 40; ++quiet)
        send_what_is_due();
    for (const auto& [record, content] : wanted)
        EXPECT_EQ(registry[record].content, content) << record;
    const auto counted = record_counts();
    EXPECT_FALSE(counted.contains(seal_state::pending));
}

INSTANTIATE_TEST_SUITE_P(Engines, StoreOutbox, testing::Values(sqlite_engine(), hostile_sqlite_engine()),
                         [](const auto& engine) { return engine.param.name; });

} // namespace auditgate::test
