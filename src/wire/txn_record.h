// Encodes transactions: TxnHeader, the body for its type, and optionally a TxnDigest. The log and proposals contain the
// same bytes (org.apache.zookeeper.server.util.SerializeUtils).
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "types/txn.h"

namespace quoll::wire {

void append_txn(const Txn& txn, std::string& out);

// The views of the result point into `bytes`. The error is a sentence for people.
std::expected<Txn, std::string> decode_txn(std::string_view bytes);

// Decodes only the header. nullopt if it is truncated.
std::optional<TxnHeader> decode_txn_header(std::string_view bytes);

}  // namespace quoll::wire
