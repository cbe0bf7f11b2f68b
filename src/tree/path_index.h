// A hash table from paths to node ids. It stores no paths: a hit is verified by walking from the node up to the root.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/keyed_hash.h"
#include "tree/node_table.h"

namespace quoll::tree {

class PathIndex {
 public:
  explicit PathIndex(const base::HashKey& key) : key_(key) {}
  [[nodiscard]] const base::HashKey& key() const { return key_; }

  // `path` is "" for the root. Returns kNoNode if there is no such node.
  [[nodiscard]] NodeId find(const NodeTable& nodes, std::string_view path) const;
  // insert: the path must not be in the index. erase: it must be. Both use the node's current parents.
  void insert(std::string_view path, NodeId id);
  void erase(std::string_view path, NodeId id);

 private:
  struct Slot {
    std::uint32_t tag = 0;  // lower half of the hash
    NodeId id = kNoNode;
  };
  // 256 tables that grow one at a time, so that a rehash moves only 1/256 of the entries.
  struct Shard {
    std::vector<Slot> slots;
    std::size_t used = 0;
  };

  [[nodiscard]] std::uint64_t hash(std::string_view path) const { return base::keyed_hash(key_, path); }
  static void place(Shard& shard, Slot slot);
  static void grow(Shard& shard);

  base::HashKey key_;
  std::array<Shard, 256> shards_;
};

}  // namespace quoll::tree
