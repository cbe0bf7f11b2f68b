// One znode in memory: stat, links to its relatives, and name and data in one allocation.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "base/nullable.h"
#include "types/stat.h"

namespace quoll::tree {

// Index into the node table. Ids are reused after a delete.
using NodeId = std::uint32_t;
inline constexpr NodeId kNoNode = 0;
inline constexpr NodeId kRoot = 1;

using AclId = std::uint32_t;

// Links are 32-bit ids instead of pointers, to save memory. Children form a ring through prev and next, oldest first.
class Node {
 public:
  StatPersisted stat;
  NodeId parent = kNoNode;
  NodeId first_child = kNoNode;
  NodeId prev = kNoNode;
  NodeId next = kNoNode;
  std::uint32_t child_count = 0;
  std::uint32_t descendants = 0;
  AclId acl = 0;
  std::uint32_t digest = 0;  // CRC32 of path, data and stat; 0 below /zookeeper/ and while digests are off

  [[nodiscard]] std::string_view name() const { return {bytes_.get(), name_bytes_}; }
  [[nodiscard]] base::NullableView data() const {
    if (data_bytes_ == kNullData) return {};
    return std::string_view(bytes_.get() + name_bytes_, data_bytes_);
  }
  [[nodiscard]] std::uint32_t data_bytes() const { return data_bytes_ == kNullData ? 0 : data_bytes_; }

  void assign(std::string_view name, base::NullableView data);
  void set_data(base::NullableView data);
  void clear();
  [[nodiscard]] bool in_use() const { return parent != kNoNode; }

 private:
  static constexpr std::uint32_t kNullData = 0xffffffff;
  std::unique_ptr<char[]> bytes_;
  std::uint32_t name_bytes_ = 0;
  std::uint32_t data_bytes_ = kNullData;
};

}  // namespace quoll::tree
