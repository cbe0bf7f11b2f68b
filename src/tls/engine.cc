#include "tls/engine.h"

#include <algorithm>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "base/check.h"
#include "base/release_memory.h"
#include "tls/distinguished_name.h"
#include "tls/failure_text.h"

namespace quoll::tls {
namespace {

constexpr std::size_t kRecordBytes = SSL3_RT_MAX_PLAIN_LENGTH;
// The buffer for decrypted data grows with the data received, so that an idle connection does not hold memory for a
// whole record. This is its smallest size.
constexpr std::size_t kReadBytesMin = 256;
// The largest overhead (header, nonce, tag, padding) of any suite, for estimating the length of ciphertext.
constexpr std::size_t kRecordOverhead = 64;

}  // namespace

Engine::Engine(const Context& context, std::string_view peer_host)
    : role_(context.role()), ssl_(SSL_new(context.current())) {
  QUOLL_CHECK(ssl_ != nullptr, "OpenSSL has no memory for a connection");
  BIO* bio = new_wires_bio(wires_);
  QUOLL_CHECK(bio != nullptr, "OpenSSL has no memory for a connection");
  SSL_set_bio(ssl_.get(), bio, bio);
  expect_host(context.options(), peer_host);
  if (role_ == Role::server) {
    SSL_set_accept_state(ssl_.get());
  } else {
    SSL_set_connect_state(ssl_.get());
  }
}

Engine::~Engine() = default;

void Engine::expect_host(const Options& options, std::string_view host) {
  const std::string name(host.substr(0, host.find('%')));  // an IPv6 zone is not part of a name in a certificate
  const bool wanted = options.hostname_verification == Switch::on &&
                      (role_ == Role::client || options.client_hostname_verification == Switch::on);
  if (wanted && role_ == Role::server && !options.client_names.empty()) {
    client_host_ = name;
    client_names_ = options.client_names;
    return;
  }
  X509_VERIFY_PARAM* rules = SSL_get0_param(ssl_.get());
  const std::unique_ptr<ASN1_OCTET_STRING, FreedBy<ASN1_OCTET_STRING_free>> address(a2i_IPADDRESS(name.c_str()));
  ERR_clear_error();
  if (address) {
    if (wanted) X509_VERIFY_PARAM_set1_ip_asc(rules, name.c_str());
    return;
  }
  if (role_ == Role::client && !name.empty()) SSL_set_tlsext_host_name(ssl_.get(), name.c_str());
  // If no name was given, no certificate may match. The top-level domain .invalid is never assigned (RFC 6761).
  if (wanted) X509_VERIFY_PARAM_set1_host(rules, name.empty() ? "host-not-given.invalid" : name.c_str(), 0);
}

void Engine::start() {
  if (state_ == State::handshaking) continue_handshake();
}

void Engine::feed(std::string_view ciphertext) {
  if (ciphertext.empty()) return;
  wires_.incoming = ciphertext;
  if (state_ == State::handshaking) continue_handshake();
  if (state_ == State::open) read_all(std::clamp(ciphertext.size(), kReadBytesMin, kRecordBytes));
  wires_.incoming = {};
}

void Engine::continue_handshake() {
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_.get());
  if (result == 1) {
    opened();
  } else if (const int error = SSL_get_error(ssl_.get(), result); error != SSL_ERROR_WANT_READ) {
    fail(error);
  }
}

bool Engine::names_client(X509* certificate) const {
  const auto names = [&](const std::string& name) {
    if (X509_check_ip_asc(certificate, name.c_str(), 0) == 1) return true;
    return X509_check_host(certificate, name.c_str(), name.size(), 0, nullptr) == 1;
  };
  return names(client_host_) || std::ranges::any_of(client_names_, names);
}

void Engine::opened() {
  state_ = State::open;
  if (X509* certificate = SSL_get0_peer_certificate(ssl_.get())) {
    peer_.subject = rfc2253(X509_get_subject_name(certificate));
    if (!client_host_.empty() && !names_client(certificate)) {
      state_ = State::failed;
      failure_ = "the certificate of " + peer_.subject + " names neither the address " + client_host_ +
                 ", from which it came, nor the host of a server line";
      ERR_clear_error();
      return;
    }
    unsigned char* der = nullptr;
    if (const int bytes = i2d_X509(certificate, &der); bytes > 0) {
      peer_.certificate_der.assign(reinterpret_cast<const char*>(der), static_cast<std::size_t>(bytes));
    }
    OPENSSL_free(der);
  }
  encrypt(waiting_);
  base::release_memory(waiting_);
}

void Engine::read_all(std::size_t chunk_bytes) {
  ERR_clear_error();
  for (;;) {
    std::size_t got = 0;
    int result = 0;
    const std::size_t before = received_.size();
    received_.resize_and_overwrite(before + chunk_bytes, [&](char* memory, std::size_t /*size*/) {
      result = SSL_read_ex(ssl_.get(), memory + before, chunk_bytes, &got);
      return before + (result == 1 ? got : 0);
    });
    if (result == 1) continue;
    const int error = SSL_get_error(ssl_.get(), result);
    if (error == SSL_ERROR_WANT_READ) return;
    if (error != SSL_ERROR_ZERO_RETURN) return fail(error);
    SSL_shutdown(ssl_.get());  // replies with close_notify, unless ours was sent before
    ERR_clear_error();
    state_ = State::closed;
    return;
  }
}

void Engine::write(std::string_view plaintext) {
  if (state_ == State::handshaking) {
    waiting_ += plaintext;
  } else if (state_ == State::open && (SSL_get_shutdown(ssl_.get()) & SSL_SENT_SHUTDOWN) == 0) {
    encrypt(plaintext);
  }
}

void Engine::encrypt(std::string_view plaintext) {
  if (plaintext.empty()) return;
  std::string& out = wires_.outgoing;
  const std::size_t needed = out.size() + plaintext.size() + (plaintext.size() / kRecordBytes + 1) * kRecordOverhead;
  if (needed > out.capacity()) out.reserve(std::max(needed, 2 * out.capacity()));
  ERR_clear_error();
  std::size_t written = 0;
  const int result = SSL_write_ex(ssl_.get(), plaintext.data(), plaintext.size(), &written);
  if (result != 1) return fail(SSL_get_error(ssl_.get(), result));
  QUOLL_CHECK(written == plaintext.size(), "an unlimited buffer takes all that is written");
}

void Engine::close() {
  if (state_ == State::handshaking) {
    state_ = State::closed;  // close_notify cannot be sent during the handshake
  } else if (state_ == State::open) {
    SSL_shutdown(ssl_.get());
    ERR_clear_error();
  }
}

void Engine::transport_closed() {
  if (state_ == State::closed || state_ == State::failed) return;
  if (state_ == State::open && (SSL_get_shutdown(ssl_.get()) & SSL_SENT_SHUTDOWN) != 0) {
    state_ = State::closed;
    return;
  }
  failure_ = state_ == State::handshaking
                 ? "the connection ended in the middle of the TLS handshake"
                 : "the connection ended without a TLS close_notify; the last data may be missing";
  state_ = State::failed;
}

void Engine::fail(int ssl_error) {
  failure_ =
      ssl_error == SSL_ERROR_SSL ? failure_text(ssl_.get(), role_) : fmt::format("TLS failed with code {}", ssl_error);
  ERR_clear_error();
  state_ = State::failed;
}

std::string_view Engine::protocol() const {
  return state_ == State::handshaking ? "" : SSL_get_version(ssl_.get());
}

std::string_view Engine::cipher_suite() const {
  const SSL_CIPHER* suite = SSL_get_current_cipher(ssl_.get());
  return suite == nullptr ? "" : SSL_CIPHER_standard_name(suite);
}

}  // namespace quoll::tls
