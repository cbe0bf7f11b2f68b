// The OpenSSL transport of an Engine: OpenSSL reads directly from the bytes given to feed() and writes directly to the
// bytes to send.
#pragma once

#include <openssl/bio.h>
#include <string>
#include <string_view>

namespace quoll::tls {

struct Wires {
  std::string_view incoming;  // not yet read by OpenSSL
  std::string outgoing;
};

// Creates a BIO over `wires`, which must outlive it. nullptr: out of memory.
BIO* new_wires_bio(Wires& wires);

}  // namespace quoll::tls
