// The client's deadline on the lookup of a name, which the system gives none.
#include "gateway/delivery/http_client.hpp"

#include <gtest/gtest.h>

#include <condition_variable>
#include <cstring>
#include <mutex>
#include <thread>

#include <dlfcn.h>
#include <netdb.h>

namespace {

constexpr const char* hanging_name = "hanging.invalid";

// Holds up every lookup of hanging_name until it is released; its own end only ends a test that fails.
class held_lookups {
public:
    void wait() {
        std::unique_lock lock(mutex_);
        ++waiting_;
        changed_.notify_all();
        changed_.wait_for(lock, std::chrono::seconds{20}, [&] { return released_; });
        --waiting_;
    }
    bool wait_until_one_waits() {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, std::chrono::seconds{20}, [&] { return waiting_ > 0; });
    }
    void release(bool now) {
        const std::lock_guard lock(mutex_);
        released_ = now;
        changed_.notify_all();
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    int waiting_ = 0;
    bool released_ = false;
};

held_lookups& lookups() {
    static held_lookups all;
    return all;
}

} // namespace

// In place of the system's, which it calls for every other name.
extern "C" int getaddrinfo(const char* name, const char* service, const addrinfo* hints, addrinfo** found) {
    if (name != nullptr && std::strcmp(name, hanging_name) == 0) {
        lookups().wait();
        return EAI_AGAIN;
    }
    using function = int (*)(const char*, const char*, const addrinfo*, addrinfo**);
    static const auto of_system = reinterpret_cast<function>(dlsym(RTLD_NEXT, "getaddrinfo"));
    return of_system(name, service, hints, found);
}

namespace auditgate::gateway::delivery {
namespace {

std::unique_ptr<http_client> client_of_hanging_name(std::chrono::milliseconds connect_timeout) {
    lookups().release(false);
    http_client_options options;
    options.base_url = std::string{"http://"} + hanging_name + "/fhir";
    options.connect_timeout_ms = connect_timeout;
    return http_client::create(options).value();
}

TEST(HttpClient, ANameThatIsNotFoundInTimeIsATimeout) {
    const auto client = client_of_hanging_name(std::chrono::milliseconds{20});
    EXPECT_EQ(client->post("application/fhir+json", "{}").failure, "timeout");
    EXPECT_EQ(client->post("application/fhir+json", "{}").failure, "timeout") << "the next in the queue";
    EXPECT_TRUE(lookups().wait_until_one_waits());
    lookups().release(true); // the client waits for it before it goes
}

TEST(HttpClient, StoppingDoesNotWaitForTheLookupOfAName) {
    const auto client = client_of_hanging_name(std::chrono::hours{1});
    std::thread stopper([&] {
        lookups().wait_until_one_waits();
        client->stop();
    });
    EXPECT_EQ(client->post("application/fhir+json", "{}").failure, "stopped");
    EXPECT_TRUE(lookups().wait_until_one_waits());
    stopper.join();
    lookups().release(true);
}

} // namespace
} // namespace auditgate::gateway::delivery
