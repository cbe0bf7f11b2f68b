#include "tls/openssl.h"

#include <openssl/err.h>

namespace quoll::tls {

std::string openssl_reason() {
  std::string reason = "no reason given";
  if (const unsigned long code = ERR_get_error(); code != 0) {
    if (const char* text = ERR_reason_error_string(code)) {
      reason = text;
    } else {
      char buffer[160];
      ERR_error_string_n(code, buffer, sizeof buffer);
      reason = buffer;
    }
  }
  ERR_clear_error();
  return reason;
}

}  // namespace quoll::tls
