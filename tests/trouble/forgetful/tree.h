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

// A power failure may keep some of the sectors of a write and lose others.
inline constexpr std::size_t kSector = 512;

struct Node;
using Entries = std::map<std::string, std::shared_ptr<Node>>;

// One change of a directory: names and their new nodes (null: removed). A rename changes two names at once.
using Change = std::vector<std::pair<std::string, std::shared_ptr<Node>>>;

// A file or a directory: what programs see, and what is durable.
struct Node {
  bool is_directory = false;
  timespec changed{};

  // A file.
  std::string seen;
  std::string durable;
  std::set<std::size_t> unsynced;  // sectors written since the last sync
  bool resized = false;            // the length is unsynced, too

  // A directory.
  Entries entries;
  Entries durable_entries;
  std::vector<Change> unsynced_changes;  // in the order in which they were made

  void write(std::size_t offset, const char* bytes, std::size_t count);
  void resize(std::size_t bytes);
  void sync();
  // The effect of a failed fsync on Linux: the pages count as clean and are never written, although programs still see
  // them.
  void lose_unsynced();
  void change(Change change);

  // A power failure: only what is durable stays. With `chance`, some unsynced sectors and a random number of the first
  // unsynced changes stay, too.
  void cut(std::mt19937_64* chance);
};

void sync_directories_below(Node& directory);
std::size_t bytes_below(const Node& directory);

}  // namespace forgetful
