// Why a TLS connection broke, as a sentence that tells an operator what to look at.
#pragma once

#include <string>

#include "tls/openssl.h"
#include "tls/options.h"

namespace quoll::tls {

// Reads and empties OpenSSL's error queue. `role`: ours.
std::string failure_text(const SSL* ssl, Role role);

}  // namespace quoll::tls
