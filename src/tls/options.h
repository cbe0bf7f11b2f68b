// The TLS settings zookeeper.ssl.* (or ssl.quorum.*) as values. Names and defaults follow X509Util.java.
#pragma once

#include <string>
#include <vector>

#include "tls/key_store.h"

namespace quoll::tls {

enum class Role { server, client };

// none: no certificate is requested. want: a certificate is optional but must be valid. need: a valid certificate is
// required.
enum class ClientAuth { none, want, need };

enum class Switch { off, on };

struct Options {
  StoreFile key_store;    // required for a server
  StoreFile trust_store;  // if missing, no peer certificate is accepted
  // ssl.protocol: "TLSv1.2" or "TLSv1.3" alone; empty (or "TLS"): both. ZooKeeper's own client port takes only TLSv1.3
  // by default on Java 11 and later; 1.2 is offered besides, for clients that know nothing newer.
  std::string protocol;
  // ssl.enabledProtocols, split at commas; wins over `protocol`. TLSv1.1 and older are passed over, as Java's own
  // jdk.tls.disabledAlgorithms does; nothing left is an error.
  std::vector<std::string> enabled_protocols;
  // ssl.ciphersuites, split at commas, Java's (IANA's) names or OpenSSL's; empty: X509Util's list for Java 9 and later,
  // in its order, without those in CBC mode.
  std::vector<std::string> cipher_suites;
  ClientAuth client_auth = ClientAuth::need;
  Switch hostname_verification = Switch::on;          // clients verify servers; off disables the next one too
  Switch client_hostname_verification = Switch::off;  // servers verify clients by address; for the quorum: on
  // Between servers: the hosts of the server lines. With client_hostname_verification a certificate may also name one
  // of these instead of the address that the other server comes from.
  std::vector<std::string> client_names;
  Switch crl = Switch::off;   // not supported: on is an error
  Switch ocsp = Switch::off;  // not supported: on is an error
  // For the owner of the connection: a handshake that takes longer is cut off. handshakeDetectionTimeoutMillis; below
  // 1: 5000.
  int handshake_timeout_ms = 5000;
};

}  // namespace quoll::tls
