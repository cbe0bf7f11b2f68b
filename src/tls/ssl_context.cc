#include "tls/ssl_context.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <vector>

#include "tls/cipher_suites.h"

namespace quoll::tls {
namespace {

using Outcome = std::expected<void, std::string>;

Outcome refuse_what_is_not_offered(const Options& options, Role role) {
  if (options.crl == Switch::on)
    return std::unexpected("ssl.crl=true is not offered: certificate revocation lists are not checked; remove the key");
  if (options.ocsp == Switch::on)
    return std::unexpected("ssl.ocsp=true is not offered: no OCSP responder is asked; remove the key");
  if (role == Role::server && options.key_store.path.empty()) {
    return std::unexpected("ssl.keyStore.location is not set: a TLS server needs a key and a certificate");
  }
  return {};
}

struct Versions {
  bool tls12 = false;
  bool tls13 = false;
};

std::expected<Versions, std::string> versions_of(const Options& options) {
  std::vector<std::string> names = options.enabled_protocols;
  const std::string_view setting = names.empty() ? "ssl.protocol" : "ssl.enabledProtocols";
  if (names.empty() && !options.protocol.empty()) names = {options.protocol};
  if (names.empty()) names = {"TLS"};
  Versions versions;
  for (const std::string& raw : names) {
    const std::size_t first = raw.find_first_not_of(' ');
    const std::string name = first == raw.npos ? "" : raw.substr(first, raw.find_last_not_of(' ') - first + 1);
    if (name == "TLS") {
      versions = {.tls12 = true, .tls13 = true};
    } else if (name == "TLSv1.2") {
      versions.tls12 = true;
    } else if (name == "TLSv1.3") {
      versions.tls13 = true;
    } else if (name != "TLSv1.1" && name != "TLSv1" && name != "SSLv3" && name != "SSLv2Hello") {
      return std::unexpected(fmt::format("{}: \"{}\" is not a protocol; use TLSv1.2 or TLSv1.3", setting, name));
    }
  }
  if (!versions.tls12 && !versions.tls13) {
    return std::unexpected(
        fmt::format("{}: none of the listed protocols is supported; add TLSv1.2 or TLSv1.3", setting));
  }
  return versions;
}

// Enables a version only if it has a suite: otherwise it could be negotiated, and the handshake would fail.
Outcome set_versions_and_suites(SSL_CTX* context, const Options& options) {
  const auto versions = versions_of(options);
  if (!versions) return std::unexpected(versions.error());
  const auto suites = cipher_suites_from(options.cipher_suites);
  if (!suites) return std::unexpected(suites.error());
  const bool tls12 = versions->tls12 && !suites->before_tls13.empty();
  const bool tls13 = versions->tls13 && !suites->tls13.empty();
  if (!tls12 && !tls13) return std::unexpected("ssl.ciphersuites: none of the suites belongs to an enabled protocol");
  SSL_CTX_set_min_proto_version(context, tls12 ? TLS1_2_VERSION : TLS1_3_VERSION);
  SSL_CTX_set_max_proto_version(context, tls13 ? TLS1_3_VERSION : TLS1_2_VERSION);
  if (tls12 && SSL_CTX_set_cipher_list(context, suites->before_tls13.c_str()) != 1) {
    return std::unexpected("ssl.ciphersuites: not accepted: " + openssl_reason());
  }
  if (tls13 && SSL_CTX_set_ciphersuites(context, suites->tls13.c_str()) != 1) {
    return std::unexpected("ssl.ciphersuites: not accepted: " + openssl_reason());
  }
  return {};
}

Outcome set_identity(SSL_CTX* context, env::Disk& disk, const StoreFile& file) {
  if (file.path.empty()) return {};
  const auto identity = load_key_store(disk, file);
  if (!identity) return std::unexpected(identity.error());
  const auto refused = [&] {
    return std::unexpected(fmt::format("{}: its key cannot be used: {}", file.path, openssl_reason()));
  };
  if (SSL_CTX_use_certificate(context, identity->certificate.get()) != 1) return refused();
  if (SSL_CTX_use_PrivateKey(context, identity->key.get()) != 1) return refused();
  for (const CertificatePtr& link : identity->chain) {
    if (SSL_CTX_add1_chain_cert(context, link.get()) != 1) return refused();
  }
  return {};
}

Outcome set_trust(SSL_CTX* context, env::Disk& disk, const StoreFile& file, Role role) {
  X509_STORE* store = SSL_CTX_get_cert_store(context);
  // In Java every certificate in a trust store is a trust anchor, even if it is not self-signed.
  X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
  if (file.path.empty()) return {};
  const auto trusted = load_trust_store(disk, file);
  if (!trusted) return std::unexpected(trusted.error());
  for (const CertificatePtr& one : *trusted) {
    if (X509_STORE_add_cert(store, one.get()) != 1)
      return std::unexpected(fmt::format("{}: {}", file.path, openssl_reason()));
    // Java's clients choose their certificate by the list of authorities that the server sends.
    if (role == Role::server) SSL_CTX_add_client_CA(context, one.get());
  }
  return {};
}

using CertificatesPtr =
    std::unique_ptr<STACK_OF(X509), decltype([](STACK_OF(X509) * all) { sk_X509_pop_free(all, X509_free); })>;

bool is_any_trusted(X509_STORE_CTX* verification, const X509_NAME* name, auto&& wanted) {
  const CertificatesPtr named(X509_STORE_CTX_get1_certs(verification, name));
  for (int i = 0; i < sk_X509_num(named.get()); ++i) {
    if (wanted(sk_X509_value(named.get(), i))) return true;
  }
  return false;
}

bool is_in_trust_store(X509_STORE_CTX* verification, X509* certificate) {
  return is_any_trusted(verification, X509_get_subject_name(certificate),
                        [&](X509* trusted) { return X509_cmp(trusted, certificate) == 0; });
}

bool is_signed_by_trusted(X509_STORE_CTX* verification, X509* certificate) {
  return is_any_trusted(verification, X509_get_issuer_name(certificate), [&](X509* trusted) {
    return X509_check_ca(trusted) > 0 && X509_verify(certificate, X509_get0_pubkey(trusted)) == 1;
  });
}

// True for errors of OpenSSL where Java accepts the certificate (sun.security.validator.PKIXValidator): certificates in
// the trust store are trusted whatever their dates and, for the peer's own certificate, their key usage. And a
// certificate with equal subject and issuer names need not be self-signed: its signature decides. The certificates made
// by gencerts.sh of Apache's C client are like this.
bool is_accepted_by_java(X509_STORE_CTX* verification) {
  X509* const certificate = X509_STORE_CTX_get_current_cert(verification);
  switch (X509_STORE_CTX_get_error(verification)) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return is_in_trust_store(verification, certificate);
    case X509_V_ERR_INVALID_PURPOSE:
      return X509_STORE_CTX_get_error_depth(verification) == 0 && is_in_trust_store(verification, certificate);
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
      return is_signed_by_trusted(verification, certificate);
    default:
      return false;
  }
}

int on_verified(int ok, X509_STORE_CTX* verification) {
  if (ok == 1 || !is_accepted_by_java(verification)) return ok;
  X509_STORE_CTX_set_error(verification, X509_V_OK);
  return 1;
}

int verify_mode(const Options& options, Role role) {
  if (role == Role::client) return SSL_VERIFY_PEER;
  switch (options.client_auth) {
    case ClientAuth::none:
      return SSL_VERIFY_NONE;
    case ClientAuth::want:
      return SSL_VERIFY_PEER;
    case ClientAuth::need:
      break;
  }
  return SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
}

// Session resumption is disabled: a ticket would stay valid after the trust settings that its certificate was checked
// against have changed.
void set_modes(SSL_CTX* context) {
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET |
                                   SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_NO_SESSION_RESUMPTION_ON_RENEGOTIATION);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context, 0);
  // Idle connections release their record buffers, and one read takes all records that have arrived.
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_NO_AUTO_CHAIN | SSL_MODE_AUTO_RETRY);
  SSL_CTX_set_read_ahead(context, 1);
}

}  // namespace

std::expected<SslContextPtr, std::string> make_ssl_context(env::Disk& disk, const Options& options, Role role) {
  ERR_clear_error();
  if (const auto offered = refuse_what_is_not_offered(options, role); !offered) return std::unexpected(offered.error());
  SslContextPtr context(SSL_CTX_new(role == Role::server ? TLS_server_method() : TLS_client_method()));
  if (!context) return std::unexpected("OpenSSL cannot start: " + openssl_reason());
  set_modes(context.get());
  if (const auto set = set_versions_and_suites(context.get(), options); !set) return std::unexpected(set.error());
  if (const auto set = set_identity(context.get(), disk, options.key_store); !set) return std::unexpected(set.error());
  if (const auto set = set_trust(context.get(), disk, options.trust_store, role); !set)
    return std::unexpected(set.error());
  SSL_CTX_set_verify(context.get(), verify_mode(options, role), on_verified);
  ERR_clear_error();
  return context;
}

}  // namespace quoll::tls
