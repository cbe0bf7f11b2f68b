// Describes why a TLS connection failed, in a sentence for operators.
#pragma once

#include <string>

#include "tls/openssl.h"
#include "tls/options.h"

namespace quoll::tls {

// Takes the reason from OpenSSL's error queue and clears the queue. `role`: this side's.
std::string failure_text(const SSL* ssl, Role role);

}  // namespace quoll::tls
