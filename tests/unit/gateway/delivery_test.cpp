// Delivery over real sockets, from the outbox of the embedded store to a registry.
#include "gateway/delivery/delivery.hpp"
#include "gateway/store/sqlite_store.hpp"
#include "mapping/feed/feed.hpp"
#include "mapping/feed/places.hpp"
#include "tests/support/answering_server.hpp"
#include "tests/support/registry_fixture.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace auditgate::gateway::delivery {
namespace {

namespace json = fhir::json;
namespace feed = mapping::feed;
using namespace std::chrono_literals;

const std::string record_id(64, 'a');
const std::string other_id(64, 'b');

// A gate that a test opens and closes.
class switched_gate final : public release_gate {
public:
    mapping::gate_verdict ask(const store::outbox_row& row, store::utc_time) override {
        if (when_asked) {
            when_asked(row);
        }
        const std::lock_guard lock(mutex_);
        ++asked_;
        changed_.notify_all();
        return verdict_;
    }
    std::string revision(store::utc_time) override {
        const std::lock_guard lock(mutex_);
        ++rounds_;
        changed_.notify_all();
        return std::to_string(revision_);
    }
    void set(mapping::gate_state state) {
        const std::lock_guard lock(mutex_);
        verdict_ = {state, state == mapping::gate_state::open ? "" : "opt-out"};
        ++revision_;
        asked_ = 0;
    }
    bool wait_until_asked(int times) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, 20s, [&] { return asked_ >= times; });
    }
    // Until the one worker has looked whether there is something to do, and waits again.
    bool wait_for_a_whole_round() {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, 20s, [&, seen = rounds_] { return rounds_ >= seen + 2; });
    }

    std::function<void(const store::outbox_row&)> when_asked; // on the worker's thread; set before it starts

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    mapping::gate_verdict verdict_{mapping::gate_state::open, ""};
    int revision_ = 0;
    int asked_ = 0;
    int rounds_ = 0;
};

// A port that nothing listens on, for the registry to come up at later.
std::uint16_t free_port() {
    boost::asio::io_context io;
    const boost::asio::ip::tcp::acceptor probe(io, {boost::asio::ip::make_address("127.0.0.1"), 0});
    return probe.local_endpoint().port();
}

class Delivery : public ::testing::Test {
protected:
    Delivery() {
        const auto keys_folder = folder_.path() / "keys";
        EXPECT_TRUE(security::key_ring::create(keys_folder, std::chrono::sys_seconds{}));
        keys_ = security::key_ring::open(keys_folder).value();
        store_ = store::create_sqlite_store(folder_.path() / "gateway.db", *keys_).value();
        test::write_file(folder_.path() / "token", "sender-token");
    }
    ~Delivery() override {
        if (delivery_) {
            delivery_->stop();
        }
    }

    void deliver_to(const std::string& url) {
        destination to;
        to.name = "registry";
        to.endpoint.base_url = url;
        to.endpoint.token_file = folder_.path() / "token";
        to.retry = {1ms, 5ms, 24h};
        to.schedule = mapping::release_schedule::immediate;
        to.poll_interval_ms = 5ms;
        const delivery_context context{*store_, layouts_, gate_, log_, metrics_, clock_};
        delivery_ = delivery::create(to, context).value();
        delivery_->start();
    }

    json::value content(std::string_view sex, const std::string& record = record_id) const {
        json::value made =
            test::make_record(layouts_[0], record, 1, "create", [](std::size_t bound) { return bound - 1; });
        made.set("provider_org", json::value("RXX"));
        feed::set_path(made, "patient.sex", json::value(sex));
        made.erase("record_version");
        made.erase("record_action");
        return made;
    }

    void desire(const std::optional<json::value>& wanted, const std::string& record = record_id) {
        store::write_set changes;
        changes.desired.push_back({"registry", record,
                                   wanted ? std::optional(json::write(*wanted)) : std::nullopt, "facts",
                                   "test"});
        EXPECT_TRUE(store_->commit(changes));
        if (delivery_) {
            delivery_->notify();
        }
    }

    // Waits until the registry's records are so; the deadline only ends a test that fails.
    template <class Predicate>
    bool eventually(Predicate holds) {
        const auto deadline = std::chrono::steady_clock::now() + 20s;
        while (!holds()) {
            if (std::chrono::steady_clock::now() > deadline) {
                return false;
            }
            std::this_thread::yield();
        }
        return true;
    }

    bool registry_shows(test::registry_fixture& registry, int version, std::string_view sex) {
        return eventually([&] {
            const auto records = registry.records();
            return records.size() == 1 && records[0]["record_version"].as_integer() == version &&
                   records[0]["patient"]["sex"].text() == sex;
        });
    }

    std::int64_t count(store::seal_state state) {
        std::int64_t all = 0;
        for (const store::record_count& one : store_->record_counts().value()) {
            all += one.state == state ? one.count : 0;
        }
        return all;
    }

    test::temporary_folder folder_;
    [[nodiscard]] std::vector<std::string> lines_of(std::string_view code) const {
        std::vector<std::string> found;
        for (const std::string& line : log_.lines()) {
            if (line.find(code) != std::string::npos) {
                found.push_back(line);
            }
        }
        return found;
    }

    test::recording_logger log_;
    observe::clock_function clock_ = observe::system_now;
    observe::metrics metrics_;
    std::vector<feed::layout> layouts_{test::load_feed_layout()};
    std::unique_ptr<security::key_ring> keys_;
    std::unique_ptr<store::store> store_;
    switched_gate gate_;
    std::unique_ptr<delivery> delivery_;
};

TEST_F(Delivery, CreatesAmendsShrinksRetractsAndReturns) {
    test::registry_fixture registry;
    deliver_to(registry.base_url());
    desire(content("female"));
    ASSERT_TRUE(registry_shows(registry, 1, "female"));
    desire(content("male"));
    ASSERT_TRUE(registry_shows(registry, 2, "male"));
    json::value shrunk = content("male");
    feed::set_path(shrunk, "safety.events", json::value::array());
    desire(shrunk);
    ASSERT_TRUE(registry_shows(registry, 3, "male"));
    EXPECT_EQ(registry.records()[0]["safety"]["events"].size(), 0U);
    desire(std::nullopt);
    ASSERT_TRUE(eventually([&] { return registry.records().empty(); }));
    desire(content("female"));
    ASSERT_TRUE(registry_shows(registry, 5, "female"));
    EXPECT_EQ(registry.records()[0]["record_action"].text(), "create");
    EXPECT_TRUE(eventually([&] { return count(store::seal_state::receipted) == 5; }));
}

TEST_F(Delivery, AnOptOutThatComesWhileTheRegistryIsAwayNeverLetsTheRecordLeave) {
    const std::uint16_t port = free_port();
    deliver_to("http://127.0.0.1:" + std::to_string(port) + "/fhir");
    desire(content("female"));
    ASSERT_TRUE(gate_.wait_until_asked(3)); // sealed, and being sent again and again
    EXPECT_EQ(count(store::seal_state::pending), 1);
    gate_.set(mapping::gate_state::closed);
    ASSERT_TRUE(eventually([&] { return count(store::seal_state::discarded) == 1; }));
    test::registry_fixture registry(port);
    ASSERT_TRUE(eventually([&] { return count(store::seal_state::receipted) == 1; })); // the retract
    EXPECT_TRUE(registry.records().empty());
    const auto lines = registry.log().lines();
    EXPECT_TRUE(std::ranges::none_of(lines, [](const std::string& line) {
        return line.find("record-stored") != std::string::npos && line.find("retracted") == std::string::npos;
    }));
}

TEST_F(Delivery, AnOptOutRetractsWhatIsThereAndTakingItBackBringsItBack) {
    test::registry_fixture registry;
    deliver_to(registry.base_url());
    desire(content("female"));
    ASSERT_TRUE(registry_shows(registry, 1, "female"));
    gate_.set(mapping::gate_state::closed);
    delivery_->notify();
    ASSERT_TRUE(eventually([&] { return registry.records().empty(); }));
    gate_.set(mapping::gate_state::open);
    delivery_->notify();
    EXPECT_TRUE(registry_shows(registry, 3, "female"));
}

TEST_F(Delivery, AnOptOutRetractsARecordWhoseAmendmentTheDestinationRefused) {
    test::answering_server server([](const std::string& body) {
        return body.find("\"amend\"") == std::string::npos ? test::confirmation_of(body)
                                                           : test::canned_answer{422, "{}", ""};
    });
    deliver_to(server.base_url());
    desire(content("female"));
    ASSERT_TRUE(eventually([&] { return count(store::seal_state::receipted) == 1; }));
    desire(content("male"));
    ASSERT_TRUE(eventually([&] { return count(store::seal_state::held) == 1; }));
    gate_.set(mapping::gate_state::closed);
    ASSERT_TRUE(eventually([&] { return count(store::seal_state::receipted) == 2; }));
    EXPECT_NE(server.bodies().back().find("\"retract\""), std::string::npos);
    EXPECT_EQ(count(store::seal_state::held), 0);
}

TEST_F(Delivery, TheNextRecordIsReadAfterTheOneBefore) {
    test::registry_fixture registry;
    std::atomic<bool> other_offered{false}, other_seen{false};
    gate_.when_asked = [&](const store::outbox_row& row) {
        if (row.record_id == other_id) {
            other_offered = other_offered || row.desired_content.has_value();
            other_seen = true;
        } else if (!other_seen && !row.sealed) {
            desire(std::nullopt, other_id); // an opt-out, while the first one is under way
        }
    };
    desire(content("female"));
    desire(content("female", other_id), other_id);
    deliver_to(registry.base_url());
    ASSERT_TRUE(eventually([&] { return other_seen.load(); }));
    EXPECT_FALSE(other_offered);
    EXPECT_TRUE(registry_shows(registry, 1, "female"));
    delivery_->stop();
}

TEST_F(Delivery, WhatChangesWhileTheGateIsAskedDoesNotLeaveAsItWas) {
    test::answering_server server(test::confirmation_of);
    std::atomic<int> asked{0};
    gate_.when_asked = [&](const store::outbox_row&) {
        if (++asked == 1) {
            desire(std::nullopt);
        }
    };
    desire(content("female"));
    deliver_to(server.base_url());
    ASSERT_TRUE(eventually([&] { return asked == 2; }));
    ASSERT_TRUE(gate_.wait_for_a_whole_round());
    EXPECT_TRUE(store_->record_counts().value().empty());
    EXPECT_TRUE(server.bodies().empty());
    delivery_->stop();
}

TEST_F(Delivery, LeavesADestinationAloneForAsLongAsItAsks) {
    std::atomic<store::utc_time> now{std::chrono::sys_days{std::chrono::May / 5 / 2026} + 12h};
    clock_ = [&] { return now.load(); };
    std::atomic<int> requests{0};
    test::answering_server server([&](const std::string& body) {
        return ++requests == 1 ? test::canned_answer{429, "", "3600"} : test::confirmation_of(body);
    });
    deliver_to(server.base_url());
    desire(content("female"));
    ASSERT_TRUE(eventually([&] { return log_.has("destination-asks-for-time"); }));
    desire(content("male"));
    desire(content("female", other_id), other_id);
    gate_.set(mapping::gate_state::closed);
    gate_.set(mapping::gate_state::open);
    now = now.load() + 3600s - 1ms;
    ASSERT_TRUE(gate_.wait_for_a_whole_round());
    EXPECT_EQ(requests, 1);
    now = now.load() + 1ms;
    EXPECT_TRUE(eventually([&] { return count(store::seal_state::receipted) == 2; }));
    EXPECT_EQ(requests, 3);
    delivery_->stop();
}

TEST_F(Delivery, WarnsOnceOfARecordThatKeepsFailing) {
    deliver_to("http://127.0.0.1:" + std::to_string(free_port()) + "/fhir");
    desire(content("female"));
    const auto failures = [&] { return lines_of("delivery-retry").size(); };
    ASSERT_TRUE(eventually([&] { return failures() > attempts_until_warning + 1U; }));
    const auto warnings = lines_of("delivery-keeps-failing");
    ASSERT_EQ(warnings.size(), 1U);
    EXPECT_NE(warnings[0].find("registry"), std::string::npos);
    EXPECT_NE(warnings[0].find("connect"), std::string::npos);
    const auto lines = log_.lines();
    const auto warned = std::ranges::find(lines, warnings[0]);
    EXPECT_EQ(std::count_if(
                  lines.begin(), warned,
                  [](const std::string& line) { return line.find("delivery-retry") != std::string::npos; }),
              attempts_until_warning);
}

TEST_F(Delivery, RecordsWhatWasNotSentTogetherAndLosesNone) {
    gate_.set(mapping::gate_state::hold);
    store::write_set changes;
    for (std::size_t number = 0; number <= unsent_rows_max; ++number) {
        changes.desired.push_back({"registry", "record " + std::to_string(number),
                                   json::write(content("female")), "facts", "test"});
    }
    ASSERT_TRUE(store_->commit(changes));
    deliver_to("http://127.0.0.1:" + std::to_string(free_port()) + "/fhir");
    EXPECT_TRUE(eventually([&] { return store_->held_records(1000).value().size() == unsent_rows_max + 1; }));
}

TEST_F(Delivery, AHeldRecordGoesWhenTheGateOpens) {
    test::registry_fixture registry;
    gate_.set(mapping::gate_state::hold);
    deliver_to(registry.base_url());
    desire(content("female"));
    ASSERT_TRUE(eventually([&] { return store_->held_records(10).value().size() == 1; }));
    EXPECT_EQ(store_->held_records(10).value()[0].reason, "opt-out");
    gate_.set(mapping::gate_state::open);
    delivery_->notify();
    EXPECT_TRUE(registry_shows(registry, 1, "female"));
}

TEST_F(Delivery, SealsAboveALaterVersionOfTheRegistry) {
    test::registry_fixture registry;
    json::value later =
        test::make_record(layouts_[0], record_id, 7, "amend", [](std::size_t bound) { return bound - 1; });
    later.set("provider_org", json::value("RXX"));
    ASSERT_EQ(registry.send(json::write(feed::write_bundle(later, layouts_[0], {}).bundle.value())).status,
              200U);
    deliver_to(registry.base_url());
    desire(content("female"));
    EXPECT_TRUE(registry_shows(registry, 8, "female"));
    EXPECT_TRUE(log_.has("registry-has-later-version"));
}

TEST_F(Delivery, HoldsOnlyTheRecordThatTheRegistryRefuses) {
    test::registry_fixture registry;
    deliver_to(registry.base_url());
    json::value foreign = content("female");
    foreign.set("provider_org", json::value("RYY"));
    desire(foreign);
    ASSERT_TRUE(eventually([&] { return store_->held_records(10).value().size() == 1; }));
    EXPECT_EQ(store_->held_records(10).value()[0].reason, "http-403");
    desire(content("female"));
    EXPECT_TRUE(registry_shows(registry, 2, "female"));
}

} // namespace
} // namespace auditgate::gateway::delivery
