#include "gateway/network/tls_server.hpp"

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/verify_context.hpp>

#include <openssl/asn1.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <ctime>
#include <string_view>
#include <system_error>

namespace auditgate::gateway::network {
namespace {

namespace ssl = boost::asio::ssl;
using boost::system::error_code;

// OpenSSL ends every handshake that resumes a session of a client with a certificate, unless its context has a name.
constexpr std::string_view session_id_context = "auditgate";

constexpr std::chrono::days expiry_warning{21};

error unusable(const std::filesystem::path& file, const error_code& failure) {
    return {errc::configuration, "cannot use " + file.string() + ": " + failure.message()};
}

std::chrono::sys_seconds expiry_of(const ssl::context& context) {
    const X509* certificate = SSL_CTX_get0_certificate(const_cast<ssl::context&>(context).native_handle());
    std::tm parts{};
    if (certificate == nullptr || ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &parts) != 1)
        return {};
    return std::chrono::sys_seconds(std::chrono::seconds(timegm(&parts)));
}

bool has_name(X509* certificate, const std::string& name) {
    constexpr unsigned exactly = X509_CHECK_FLAG_NO_WILDCARDS | X509_CHECK_FLAG_ALWAYS_CHECK_SUBJECT;
    return X509_check_host(certificate, name.data(), name.size(), exactly, nullptr) == 1;
}

// Asks of the client's own certificate, after its signatures were found good.
bool may_enter(const std::vector<std::string>& names, bool is_signed, ssl::verify_context& context) {
    X509_STORE_CTX* chain = context.native_handle();
    if (!is_signed || names.empty() || X509_STORE_CTX_get_error_depth(chain) != 0)
        return is_signed;
    X509* certificate = X509_STORE_CTX_get_current_cert(chain);
    const bool known = std::any_of(names.begin(), names.end(), [certificate](const std::string& name) {
        return has_name(certificate, name);
    });
    if (!known)
        X509_STORE_CTX_set_error(chain, X509_V_ERR_APPLICATION_VERIFICATION);
    return known;
}

tls_server::file_marks marks_of(const tls_settings& settings) {
    tls_server::file_marks marks;
    const auto add = [&marks](const std::filesystem::path& file) {
        std::error_code missing;
        const auto written = std::filesystem::last_write_time(file, missing);
        const auto bytes = std::filesystem::file_size(file, missing);
        marks.emplace_back(missing ? std::filesystem::file_time_type::min() : written, missing ? 0 : bytes);
    };
    add(settings.certificate_file);
    add(settings.key_file);
    if (settings.client_authorities_file)
        add(*settings.client_authorities_file);
    return marks;
}

} // namespace

tls_server::tls_server(tls_settings settings, std::string name, observe::logger& log, clock_function now)
    : settings_(std::move(settings)), name_(std::move(name)), log_(log), now_(std::move(now)) {}

result<tls_server::loaded> tls_server::load(const tls_settings& settings) {
    auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
    SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
    SSL_CTX_set_session_id_context(context->native_handle(),
                                   reinterpret_cast<const unsigned char*>(session_id_context.data()),
                                   static_cast<unsigned>(session_id_context.size()));
    error_code failure;
    context->use_certificate_chain_file(settings.certificate_file.string(), failure);
    if (failure)
        return unusable(settings.certificate_file, failure);
    context->use_private_key_file(settings.key_file.string(), ssl::context::pem, failure);
    if (failure)
        return unusable(settings.key_file, failure);
    if (settings.client_authorities_file) {
        context->load_verify_file(settings.client_authorities_file->string(), failure);
        if (failure)
            return unusable(*settings.client_authorities_file, failure);
        context->set_verify_mode(ssl::verify_peer | ssl::verify_fail_if_no_peer_cert);
        context->set_verify_callback(
            [names = settings.client_names](bool is_signed, ssl::verify_context& chain) {
                return may_enter(names, is_signed, chain);
            });
    }
    loaded made{std::move(context), {}};
    made.expires_at = expiry_of(*made.context);
    return made;
}

result<std::shared_ptr<tls_server>> tls_server::open(const tls_settings& settings, const std::string& name,
                                                     observe::logger& log, clock_function now) {
    std::shared_ptr<tls_server> made(new tls_server(settings, name, log, std::move(now)));
    made->marks_ = marks_of(settings);
    auto first = load(settings);
    if (!first)
        return first.error();
    made->loaded_ = std::move(*first);
    made->looked_at_ = made->now_();
    made->warn_of_expiry();
    return made;
}

std::shared_ptr<ssl::context> tls_server::current() {
    const std::scoped_lock lock(mutex_);
    look_at_files();
    return loaded_.context;
}

std::chrono::sys_seconds tls_server::expires_at() const {
    const std::scoped_lock lock(mutex_);
    return loaded_.expires_at;
}

void tls_server::look_at_files() {
    if (now_() - looked_at_ < look_interval)
        return;
    looked_at_ = now_();
    file_marks marks = marks_of(settings_);
    if (marks == marks_)
        return;
    marks_ = std::move(marks);
    auto renewed = load(settings_);
    if (!renewed) {
        log_.warning("certificate-unusable", renewed.error().message + "; the certificate of before stays",
                     {observe::field("port", name_)});
        return;
    }
    loaded_ = std::move(*renewed);
    log_.info("certificate-renewed", "new connections get the certificate that the files hold now",
              {observe::field("port", name_)});
    warn_of_expiry();
}

void tls_server::warn_of_expiry() const {
    const auto left = loaded_.expires_at - std::chrono::system_clock::now();
    if (left < expiry_warning)
        log_.warning("certificate-expires",
                     "the certificate is over soon, or is already: renew it, a restart is not needed",
                     {observe::field("port", name_),
                      observe::field("days_left", std::chrono::floor<std::chrono::days>(left).count())});
}

} // namespace auditgate::gateway::network
