// Computes the encoded size of a transaction's body in the log and in proposals from its fields.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <variant>
#include <vector>

#include "types/txn.h"

namespace quoll {

inline std::size_t field_bytes(const base::NullableView& bytes) {
  return 4 + bytes.size();
}
inline std::size_t field_bytes(const std::string& bytes) {
  return 4 + bytes.size();
}
template <typename Number>
  requires std::is_arithmetic_v<Number>
std::size_t field_bytes(Number) {
  return sizeof(Number);
}
template <typename Record>
  requires requires { Record::fields(); }
std::size_t record_bytes(const Record& record);
template <typename Record>
  requires requires { Record::fields(); }
std::size_t field_bytes(const Record& record) {
  return record_bytes(record);
}
template <typename Item>
std::size_t field_bytes(const std::vector<Item>& items) {
  std::size_t bytes = 4;
  for (const Item& item : items) bytes += field_bytes(item);
  return bytes;
}
template <typename Item>
std::size_t field_bytes(const std::optional<std::vector<Item>>& items) {
  return items ? field_bytes(*items) : 4;
}

template <typename Record>
  requires requires { Record::fields(); }
std::size_t record_bytes(const Record& record) {
  return std::apply([&](auto... field) { return (std::size_t{0} + ... + field_bytes(record.*field)); },
                    Record::fields());
}

// For a multi only its own four bytes; its parts are counted one by one when they are prepared.
inline std::size_t body_bytes(const TxnBody& body) {
  return std::visit(
      [](const auto& record) -> std::size_t {
        if constexpr (std::is_same_v<std::decay_t<decltype(record)>, MultiTxn>) {
          return 4;
        } else {
          return record_bytes(record);
        }
      },
      body);
}

}  // namespace quoll
