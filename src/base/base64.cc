#include "base/base64.h"

#include <openssl/evp.h>

#include "base/narrow.h"

namespace quoll::base {

std::string base64(std::string_view bytes) {
  std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0');  // OpenSSL ends it with a zero
  const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                     reinterpret_cast<const unsigned char*>(bytes.data()), narrow32(bytes.size()));
  out.resize(static_cast<std::size_t>(length));
  return out;
}

}  // namespace quoll::base
