#include "sasl/nonce.h"

#include <openssl/rand.h>

#include "base/check.h"
#include "base/narrow.h"

namespace quoll::sasl {

NonceSource secure_nonces() {
  return [](std::size_t bytes) {
    std::string random(bytes, '\0');
    QUOLL_CHECK(RAND_bytes(reinterpret_cast<unsigned char*>(random.data()), base::narrow32(bytes)) == 1,
                "the operating system provides no random bytes");
    return random;
  };
}

}  // namespace quoll::sasl
