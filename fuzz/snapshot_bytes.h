// A snapshot split into parts that can be changed and put together again with correct seals.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/prng.h"
#include "store/options.h"
#include "store/snapshot_reader.h"

namespace quoll::fuzz {

struct SnapshotParts {
  struct Node {
    std::string path;
    std::optional<std::string> data;
    std::int64_t acl = 0;
    StatPersisted stat;
  };
  std::vector<std::pair<std::int64_t, std::int32_t>> sessions;
  std::vector<std::pair<std::int64_t, AclList>> acls;
  std::vector<Node> nodes;
  store::SnapshotEnd end;

  // Returns nullopt if it is not a snapshot.
  static std::optional<SnapshotParts> of(std::string_view file);
  void change(base::Prng& chance);
  // Counts are sometimes wrong.
  [[nodiscard]] std::string bytes(base::Prng& chance) const;
};

std::string compressed(std::string_view bytes, store::Options::Compression compression);

}  // namespace quoll::fuzz
