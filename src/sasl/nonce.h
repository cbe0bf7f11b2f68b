// The source of nonces for a real server; the simulator has its own.
#pragma once

#include "sasl/digest_server.h"

namespace quoll::sasl {

// Uses OpenSSL's random generator, which the operating system seeds.
NonceSource secure_nonces();

}  // namespace quoll::sasl
