// Transactions as bytes: TxnHeader, the body that its type names, and a TxnDigest when there is one. The same bytes
// stand in the log and travel in proposals (org.apache.zookeeper.server.util.SerializeUtils).
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "types/txn.h"

namespace quoll::wire {

void append_txn(const Txn& txn, std::string& out);

// The views of the result point into `bytes`. The error is a sentence for a person.
std::expected<Txn, std::string> decode_txn(std::string_view bytes);

// Only the header, for readers that need no more. nullopt: cut short.
std::optional<TxnHeader> decode_txn_header(std::string_view bytes);

}  // namespace quoll::wire
