#include "tests/support/certificate.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <memory>
#include <stdexcept>

namespace auditgate::test {
namespace {

using key_pointer = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using certificate_pointer = std::unique_ptr<X509, decltype(&X509_free)>;
using file_pointer = std::unique_ptr<std::FILE, decltype(&std::fclose)>;

void require(bool good) {
    if (!good)
        throw std::runtime_error("cannot make a certificate");
}

file_pointer create(const std::filesystem::path& path) {
    file_pointer file(std::fopen(path.c_str(), "w"), &std::fclose);
    require(file != nullptr);
    return file;
}

} // namespace

void write_self_signed_certificate(const std::filesystem::path& folder, const std::string& name,
                                   const std::string& host) {
    constexpr long day_seconds = 86'400;
    const key_pointer key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"), &EVP_PKEY_free);
    const certificate_pointer certificate(X509_new(), &X509_free);
    require(key != nullptr && certificate != nullptr);
    X509* made = certificate.get();
    require(X509_set_version(made, X509_VERSION_3) == 1);
    ASN1_INTEGER_set(X509_get_serialNumber(made), 1);
    X509_gmtime_adj(X509_getm_notBefore(made), -day_seconds);
    X509_gmtime_adj(X509_getm_notAfter(made), day_seconds);
    require(X509_set_pubkey(made, key.get()) == 1);
    X509_NAME* subject = X509_get_subject_name(made);
    const auto* common_name = reinterpret_cast<const unsigned char*>(host.c_str());
    require(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, common_name, -1, -1, 0) == 1);
    require(X509_set_issuer_name(made, subject) == 1);
    require(X509_sign(made, key.get(), EVP_sha256()) > 0);
    require(PEM_write_X509(create(folder / (name + ".pem")).get(), made) == 1);
    require(PEM_write_PrivateKey(create(folder / (name + ".key")).get(), key.get(), nullptr, nullptr, 0,
                                 nullptr, nullptr) == 1);
}

} // namespace auditgate::test
