// The two ends of OpenSSL's transport inside an Engine: it reads what feed() was given and appends to what is to be
// sent, without a buffer of its own in between.
#pragma once

#include <openssl/bio.h>
#include <string>
#include <string_view>

namespace quoll::tls {

struct Wires {
  std::string_view incoming;  // not yet taken by OpenSSL
  std::string outgoing;
};

// A BIO over `wires`, which outlives it. nullptr: out of memory.
BIO* new_wires_bio(Wires& wires);

}  // namespace quoll::tls
