// Where a running server's nonces come from; the simulator brings its own.
#pragma once

#include "sasl/digest_server.h"

namespace quoll::sasl {

// OpenSSL's generator, seeded by the system.
NonceSource secure_nonces();

}  // namespace quoll::sasl
