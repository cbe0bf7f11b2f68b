#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace forgetful {

// What a power cut may tear apart.
inline constexpr std::size_t kSector = 512;

struct Node;
using Entries = std::map<std::string, std::shared_ptr<Node>>;

// One change of a directory: names and what they lead to from now on (null: nothing). A rename changes two names at
// once.
using Change = std::vector<std::pair<std::string, std::shared_ptr<Node>>>;

// A file or a directory: what programs see, and what a power cut leaves of it.
struct Node {
  bool is_directory = false;
  timespec changed{};

  // A file.
  std::string seen;
  std::string durable;
  std::set<std::size_t> unsynced;  // sectors written since the last sync
  bool resized = false;            // the length is unsynced too

  // A directory.
  Entries entries;
  Entries durable_entries;
  std::vector<Change> unsynced_changes;  // in the order they were made

  void write(std::size_t offset, const char* bytes, std::size_t count);
  void resize(std::size_t bytes);
  void sync();
  // What a failed fsync of Linux does: the pages count as clean and never reach the disk, though programs go on seeing
  // them.
  void lose_unsynced();
  void change(Change change);

  // The power goes: only what is durable stays. With a `chance`, some unsynced sectors and a first part of the
  // unsynced changes have reached the disk all the same.
  void cut(std::mt19937_64* chance);
};

void sync_directories_below(Node& directory);
std::size_t bytes_below(const Node& directory);

}  // namespace forgetful
