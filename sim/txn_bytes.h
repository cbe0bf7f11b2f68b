// Transactions in the encoding of the log, for tests of modules that may not include the encoder.
#pragma once

#include "wire/txn_record.h"

namespace quoll::sim {

inline std::string bytes_of(const Txn& txn) {
  std::string bytes;
  wire::append_txn(txn, bytes);
  return bytes;
}

// Decodes the result of bytes_of(); the views point into `bytes`.
inline Txn txn_of(std::string_view bytes) {
  return wire::decode_txn(bytes).value();
}

}  // namespace quoll::sim
