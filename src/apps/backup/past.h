// Znodes as they were at a point in time, from a backup, an archive or a dataDir.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "apps/backup/extract.h"
#include "apps/backup/past_tree.h"
#include "types/create_mode.h"

namespace quoll::apps::backup {

using PastNodes = std::vector<std::pair<std::string, PastNode>>;  // parents first, without ephemerals

OwnerKind kind_of(const PastNode& node);
// A line for people on a znode that is to be written.
std::string line_of(const std::string& path, const PastNode& node);

// Every transaction of the part, decoded.
std::expected<void, Trouble> for_each_txn(env::Disk& disk, const Source& source, const Part& part,
                                          const std::function<void(const Txn&)>& look);

// Znodes but for ephemerals, which are counted.
struct Writable {
  PastNodes nodes;
  std::int64_t ephemerals = 0;
};

// What can be written of the znodes below `root`, as they were at a point in time; "" is the root of all.
struct Past {
  Zxid as_of;
  Writable found;
};
std::expected<Past, Trouble> load_past(env::Disk& disk, const Source& source, const Until& until,
                                       const std::string& root);

}  // namespace quoll::apps::backup
