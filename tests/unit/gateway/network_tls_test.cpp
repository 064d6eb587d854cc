// Certificates that are replaced while a port is open.
#include "gateway/network/tls_server.hpp"
#include "tests/support/certificate.hpp"
#include "tests/support/recording_logger.hpp"
#include "tests/support/support.hpp"

#include <boost/asio/ssl/context.hpp>
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <filesystem>

namespace auditgate::gateway::network {
namespace {

using namespace std::chrono_literals;

class CertificateRenewal : public testing::Test {
protected:
    CertificateRenewal() {
        test::write_self_signed_certificate(folder_.path(), "port", "first");
        settings_.certificate_file = folder_.path() / "port.pem";
        settings_.key_file = folder_.path() / "port.key";
    }

    std::shared_ptr<tls_server> open() {
        auto opened = tls_server::open(settings_, "main", log_, [this] { return now_; });
        EXPECT_TRUE(opened) << opened.error().message;
        return *opened;
    }

    // The common name that a new connection is shown.
    static std::string shown_by(tls_server& server) {
        const X509* certificate = SSL_CTX_get0_certificate(server.current()->native_handle());
        std::array<char, 100> name{};
        X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name.data(),
                                  static_cast<int>(name.size()));
        return name.data();
    }

    // A file of another length would do; of the same, the time of writing must differ.
    void replace(const std::string& host) {
        const auto before = std::filesystem::last_write_time(settings_.certificate_file);
        test::write_self_signed_certificate(folder_.path(), "port", host);
        std::filesystem::last_write_time(settings_.certificate_file, before + 1s);
    }

    test::temporary_folder folder_;
    test::recording_logger log_;
    tls_settings settings_;
    std::chrono::steady_clock::time_point now_{1h};
};

TEST_F(CertificateRenewal, ShowsTheNewOneToNewConnections) {
    const auto server = open();
    const auto held = server->current();
    replace("second");
    EXPECT_EQ(shown_by(*server), "first"); // it does not look at the disk for every connection
    now_ += tls_server::look_interval;
    EXPECT_EQ(shown_by(*server), "second");
    EXPECT_NE(server->current(), held);
    EXPECT_TRUE(log_.has("certificate-renewed"));
}

TEST_F(CertificateRenewal, KeepsTheOldOneUntilTheFilesFitTogether) {
    const auto server = open();
    const std::string key = test::read_file(settings_.key_file);
    replace("second");
    test::write_file(settings_.key_file, key); // the old one: not written yet
    now_ += tls_server::look_interval;
    EXPECT_EQ(shown_by(*server), "first");
    EXPECT_TRUE(log_.has("certificate-unusable"));
    replace("third");
    std::filesystem::last_write_time(settings_.key_file,
                                     std::filesystem::last_write_time(settings_.key_file) + 2s);
    now_ += tls_server::look_interval;
    EXPECT_EQ(shown_by(*server), "third");
}

TEST_F(CertificateRenewal, TellsOfAFileOnce) {
    const auto server = open();
    std::filesystem::remove(settings_.certificate_file);
    for (int i = 0; i < 3; ++i) {
        now_ += tls_server::look_interval;
        EXPECT_EQ(shown_by(*server), "first");
    }
    const auto lines = log_.lines();
    EXPECT_EQ(std::count_if(lines.begin(), lines.end(),
                            [](const std::string& line) {
                                return line.find("certificate-unusable") != std::string::npos;
                            }),
              1);
}

TEST_F(CertificateRenewal, WarnsOfOneThatIsOverSoon) {
    const auto server = open();
    const auto left = server->expires_at() - std::chrono::system_clock::now();
    EXPECT_GT(left, 23h); // those of tests last a day
    EXPECT_LT(left, 25h);
    EXPECT_TRUE(log_.has("certificate-expires"));
}

TEST_F(CertificateRenewal, RefusesFilesThatAreNone) {
    settings_.key_file = folder_.path() / "nothing.key";
    const auto opened = tls_server::open(settings_, "main", log_);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, errc::configuration);
    EXPECT_NE(opened.error().message.find("nothing.key"), std::string::npos);
}

} // namespace
} // namespace auditgate::gateway::network
