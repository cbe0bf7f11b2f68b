#include "apps/backup/past.h"

#include <fmt/format.h>
#include <optional>

#include "apps/files/report.h"
#include "store/snapshot_reader.h"
#include "wire/txn_record.h"

namespace quoll::apps::backup {

namespace {

// " container", " ttl=1000", or nothing.
std::string kind_text(const PastNode& node) {
  switch (kind_of(node)) {
    case OwnerKind::container:
      return " container";
    case OwnerKind::ttl:
      return fmt::format(" ttl={}", quoll::ttl_ms(node.owner, {.extended = true}));
    default:
      return "";
  }
}

Writable writable(const PastTree& tree) {
  Writable found;
  for (const auto& [path, node] : tree.nodes()) {
    if (kind_of(node) == OwnerKind::session) {
      ++found.ephemerals;
    } else {
      found.nodes.emplace_back(path, node);
    }
  }
  return found;
}

}  // namespace

OwnerKind kind_of(const PastNode& node) {
  return owner_kind(node.owner, {.extended = true});
}

std::string line_of(const std::string& path, const PastNode& node) {
  return fmt::format("{} bytes={} cversion={}{}", files::shown(path, 4096), node.data.value_or("").size(),
                     node.cversion, kind_text(node));
}

std::expected<void, Trouble> for_each_txn(env::Disk& disk, const Source& source, const Part& part,
                                          const std::function<void(const Txn&)>& look) {
  std::optional<std::string> undecodable;
  const auto walked = walk_transactions(disk, source, part, [&](const auto&, const store::LogEntry& entry) {
    const auto txn = wire::decode_txn(entry.bytes);
    if (!txn) {
      undecodable = fmt::format("Transaction {} cannot be decoded: {}", files::hex(entry.header.zxid), txn.error());
      return env::DiskResult<bool>(false);
    }
    look(*txn);
    return env::DiskResult<bool>(true);
  });
  if (undecodable) return std::unexpected(bad(*undecodable));
  return walked;
}

std::expected<Past, Trouble> load_past(env::Disk& disk, const Source& source, const Until& until,
                                       const std::string& root) {
  const auto part = choose(disk, source, until);
  if (!part) return std::unexpected(part.error());
  PastTree tree(root);
  if (const auto loaded = store::load_snapshot(disk, part->snapshot, tree); !loaded)
    return std::unexpected(bad(fmt::format("{}: {}", part->snapshot.path, loaded.error())));
  Past past{.as_of = part->snapshot.zxid, .found = {}};
  const auto walked = for_each_txn(disk, source, *part, [&](const Txn& txn) {
    tree.apply(txn);
    past.as_of = Zxid{txn.header.zxid};
  });
  if (!walked) return std::unexpected(walked.error());
  past.found = writable(tree);
  return past;
}

}  // namespace quoll::apps::backup
