#include "tls/failure_text.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/sslerr.h>
#include <openssl/x509_vfy.h>

namespace quoll::tls {
namespace {

// OpenSSL's reason codes from here on are alerts received from the peer.
constexpr int kFirstAlert = SSL_AD_REASON_OFFSET;

std::string certificate_refused(const SSL* ssl, Role role) {
  const long result = SSL_get_verify_result(ssl);
  std::string text = fmt::format("the {}'s certificate was refused: {}", role == Role::server ? "client" : "server",
                                 X509_verify_cert_error_string(result));
  switch (result) {
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
      return text + "; no certificate authority in the trust store signed it";
    default:
      return text;
  }
}

}  // namespace

std::string failure_text(const SSL* ssl, Role role) {
  const int reason = ERR_GET_REASON(ERR_peek_error());
  const std::string words = openssl_reason();
  switch (reason) {
    case SSL_R_CERTIFICATE_VERIFY_FAILED:
      return certificate_refused(ssl, role);
    case SSL_R_HTTP_REQUEST:
    case SSL_R_HTTPS_PROXY_REQUEST:
      return "the peer speaks plain HTTP, not TLS";
    case SSL_R_WRONG_VERSION_NUMBER:
    case SSL_R_RECORD_TOO_SMALL:
    case SSL_R_PACKET_LENGTH_TOO_LONG:
      return fmt::format("the peer does not speak TLS, or its bytes were damaged ({})", words);
    case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
      return "the client sent no certificate, but clientAuth=need requires one";
    case SSL_R_UNSUPPORTED_PROTOCOL:
      return fmt::format("the peer's TLS version is not enabled here ({})", words);
    case SSL_R_NO_SHARED_CIPHER:
      return "the peer offers no cipher suite that is enabled here and fits the key";
    default:
      break;
  }
  if (reason >= kFirstAlert) return fmt::format("the peer refused the connection: {}", words);
  return fmt::format("TLS failed: {}", words);
}

}  // namespace quoll::tls
