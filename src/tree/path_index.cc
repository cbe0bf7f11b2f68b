#include "tree/path_index.h"

#include "base/check.h"

namespace quoll::tree {

namespace {

bool is_path_of(const NodeTable& nodes, NodeId id, std::string_view path) {
  while (id != kRoot) {
    const Node& node = nodes[id];
    const std::string_view name = node.name();
    if (path.size() <= name.size() || !path.ends_with(name) || path[path.size() - name.size() - 1] != '/') return false;
    path.remove_suffix(name.size() + 1);
    id = node.parent;
  }
  return path.empty();
}

}  // namespace

NodeId PathIndex::find(const NodeTable& nodes, std::string_view path) const {
  if (path.empty()) return kRoot;
  const std::uint64_t h = hash(path);
  const Shard& shard = shards_[h >> 56];
  if (shard.slots.empty()) return kNoNode;
  const std::size_t mask = shard.slots.size() - 1;
  const auto tag = static_cast<std::uint32_t>(h);
  for (std::size_t at = tag & mask; shard.slots[at].id != kNoNode; at = (at + 1) & mask) {
    if (shard.slots[at].tag == tag && is_path_of(nodes, shard.slots[at].id, path)) return shard.slots[at].id;
  }
  return kNoNode;
}

void PathIndex::place(Shard& shard, Slot slot) {
  const std::size_t mask = shard.slots.size() - 1;
  std::size_t at = slot.tag & mask;
  while (shard.slots[at].id != kNoNode) at = (at + 1) & mask;
  shard.slots[at] = slot;
}

void PathIndex::grow(Shard& shard) {
  std::vector<Slot> old(std::max<std::size_t>(8, shard.slots.size() * 2));
  old.swap(shard.slots);
  for (const Slot& slot : old) {
    if (slot.id != kNoNode) place(shard, slot);
  }
}

void PathIndex::insert(std::string_view path, NodeId id) {
  const std::uint64_t h = hash(path);
  Shard& shard = shards_[h >> 56];
  if ((shard.used + 1) * 4 > shard.slots.size() * 3) grow(shard);
  place(shard, Slot{static_cast<std::uint32_t>(h), id});
  ++shard.used;
}

void PathIndex::erase(std::string_view path, NodeId id) {
  const std::uint64_t h = hash(path);
  Shard& shard = shards_[h >> 56];
  QUOLL_CHECK(!shard.slots.empty(), "a path that is erased was indexed");
  const std::size_t mask = shard.slots.size() - 1;
  std::size_t hole = static_cast<std::uint32_t>(h) & mask;
  while (shard.slots[hole].id != id) {
    QUOLL_CHECK(shard.slots[hole].id != kNoNode, "a path that is erased was indexed");
    hole = (hole + 1) & mask;
  }
  // Linear probing without tombstones: entries after the erased slot that were displaced by it are moved back.
  for (std::size_t at = (hole + 1) & mask; shard.slots[at].id != kNoNode; at = (at + 1) & mask) {
    const std::size_t home = shard.slots[at].tag & mask;
    if (((at - home) & mask) >= ((at - hole) & mask)) {
      shard.slots[hole] = shard.slots[at];
      hole = at;
    }
  }
  shard.slots[hole] = Slot{};
  --shard.used;
}

}  // namespace quoll::tree
