#include "tree.h"

#include <algorithm>
#include <cstring>

namespace forgetful {

namespace {

void carry_out(Entries& entries, const Change& change) {
  for (const auto& [name, node] : change) {
    if (node == nullptr) {
      entries.erase(name);
    } else {
      entries[name] = node;
    }
  }
}

}  // namespace

void Node::write(std::size_t offset, const char* bytes, std::size_t count) {
  if (offset + count > seen.size()) resize(offset + count);
  std::memcpy(seen.data() + offset, bytes, count);
  for (std::size_t sector = offset / kSector; sector * kSector < offset + count; ++sector) unsynced.insert(sector);
}

void Node::resize(std::size_t bytes) {
  if (bytes < seen.size()) {
    // The removed bytes must not come back when the file grows again: their sectors are written as zeros.
    for (std::size_t sector = bytes / kSector; sector * kSector < seen.size(); ++sector) unsynced.insert(sector);
  }
  seen.resize(bytes);
  resized = true;
}

void Node::sync() {
  if (resized) durable.resize(seen.size());
  for (const std::size_t sector : unsynced) {
    const std::size_t from = sector * kSector;
    if (from >= durable.size()) continue;
    std::memcpy(durable.data() + from, seen.data() + from, std::min(kSector, durable.size() - from));
  }
  unsynced.clear();
  resized = false;
  for (const Change& change : unsynced_changes) carry_out(durable_entries, change);
  unsynced_changes.clear();
}

void Node::lose_unsynced() {
  unsynced.clear();
}

void Node::change(Change change) {
  carry_out(entries, change);
  unsynced_changes.push_back(std::move(change));
}

void Node::cut(std::mt19937_64* chance) {
  if (is_directory) {
    if (chance != nullptr) {
      const std::size_t kept = (*chance)() % (unsynced_changes.size() + 1);
      for (std::size_t i = 0; i < kept; ++i) carry_out(durable_entries, unsynced_changes[i]);
    }
    unsynced_changes.clear();
    entries = durable_entries;
    for (const auto& [name, node] : entries) node->cut(chance);
    return;
  }
  if (chance != nullptr) {
    // The length and each sector are kept or lost independently.
    if (resized && (*chance)() % 2 == 0) durable.resize(seen.size());
    for (const std::size_t sector : unsynced) {
      const std::size_t from = sector * kSector;
      if (from >= std::min(seen.size(), durable.size()) || (*chance)() % 2 == 0) continue;
      std::memcpy(durable.data() + from, seen.data() + from,
                  std::min(kSector, std::min(seen.size(), durable.size()) - from));
    }
  }
  unsynced.clear();
  resized = false;
  seen = durable;
}

void sync_directories_below(Node& directory) {
  directory.sync();
  for (const auto& [name, node] : directory.entries) {
    if (node->is_directory) sync_directories_below(*node);
  }
}

std::size_t bytes_below(const Node& directory) {
  std::size_t sum = 0;
  for (const auto& [name, node] : directory.entries) sum += node->is_directory ? bytes_below(*node) : node->seen.size();
  return sum;
}

}  // namespace forgetful
