// Transactions as the log would hold them, for tests of rooms that know nothing of bytes themselves.
#pragma once

#include "wire/txn_record.h"

namespace quoll::sim {

inline std::string bytes_of(const Txn& txn) {
  std::string bytes;
  wire::append_txn(txn, bytes);
  return bytes;
}

// The views point into `bytes`, which came from bytes_of().
inline Txn txn_of(std::string_view bytes) {
  return wire::decode_txn(bytes).value();
}

}  // namespace quoll::sim
