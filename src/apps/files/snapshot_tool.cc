// quoll snapshot show, stats, verify, tree, diff.
#include <functional>
#include <map>
#include <unordered_map>

#include "apps/files/report.h"
#include "store/snapshot_reader.h"
#include "types/path.h"

namespace quoll::apps::files {

namespace {

// Calls a function for each znode, and counts the rest.
class Nodes : public store::SnapshotVisitor {
 public:
  using OnNode =
      std::function<void(std::string_view path, std::string_view data, std::int64_t acl, const StatPersisted&)>;
  explicit Nodes(OnNode on_node) : on_node_(std::move(on_node)) {}
  bool on_session(std::int64_t, std::int32_t) override { return ++sessions > 0; }
  bool on_acl(std::int64_t, AclList) override { return ++acls > 0; }
  bool on_node(std::string_view path, base::NullableView data, std::int64_t acl, const StatPersisted& stat) override {
    ++nodes;
    // The root has an empty path in a snapshot.
    on_node_(path.empty() ? "/" : path, data.is_null() ? std::string_view() : data.view(), acl, stat);
    return true;
  }
  std::int64_t sessions = 0;
  std::int64_t acls = 0;
  std::int64_t nodes = 0;

 private:
  OnNode on_node_;
};

std::expected<store::SnapshotEnd, std::string> load(env::Disk& disk, const std::string& path, Nodes& nodes) {
  const auto file = file_of(disk, path);
  if (!file) return std::unexpected(file.error());
  auto end = store::load_snapshot(disk, *file, nodes);
  if (!end) return std::unexpected(fmt::format("{}: {}", path, end.error()));
  return end;
}

int depth_of(std::string_view path) {
  return path == "/" ? 0 : static_cast<int>(std::ranges::count(path, '/'));
}

// The first `depth` components: "/a/b" of "/a/b/c".
std::string_view beginning(std::string_view path, int depth) {
  std::size_t at = 0;
  for (int i = 0; i < depth && at != std::string_view::npos; ++i) at = path.find('/', at + 1);
  return depth == 0 ? "/" : path.substr(0, at);
}

// 128 bits of what a znode is, so that two snapshots can be compared without keeping one of them.
struct Print {
  std::size_t data = 0;
  std::size_t stat = 0;
  friend bool operator==(const Print&, const Print&) = default;
};

Print print_of(std::string_view data, const StatPersisted& stat) {
  const auto numbers = fmt::format("{} {} {} {} {} {} {}", stat.czxid, stat.mzxid, stat.version, stat.cversion,
                                   stat.aversion, stat.ephemeral_owner, stat.pzxid);
  return {std::hash<std::string_view>{}(data) ^ data.size(), std::hash<std::string>{}(numbers)};
}

void print_difference(std::string_view what, std::string_view path, Form form) {
  if (form == Form::text) {
    fmt::print("{} {}\n", what == "added" ? '+' : what == "removed" ? '-' : '~', shown(path, 4096));
    return;
  }
  admin::JsonText json;
  json.begin_object();
  json.field(what, path);
  json.end_object();
  print_json(json);
}

}  // namespace

int show_snapshot(env::Disk& disk, const std::string& path, Form form) {
  Nodes nodes([&](std::string_view node, std::string_view data, std::int64_t acl, const StatPersisted& stat) {
    if (form == Form::text) {
      fmt::print("{} bytes={} czxid={} mzxid={} pzxid={} version={} cversion={} aversion={} owner={} mtime={}\n",
                 shown(node, 4096), data.size(), hex(stat.czxid), hex(stat.mzxid), hex(stat.pzxid), stat.version,
                 stat.cversion, stat.aversion, hex(stat.ephemeral_owner), time_text(stat.mtime));
      return;
    }
    admin::JsonText json;
    json.begin_object();
    json.field("path", node);
    json.field("bytes", data.size());
    json.field("acl", acl);
    json.field("czxid", hex(stat.czxid));
    json.field("mzxid", hex(stat.mzxid));
    json.field("pzxid", hex(stat.pzxid));
    json.field("ctime_ms", stat.ctime);
    json.field("mtime_ms", stat.mtime);
    json.field("version", std::int64_t{stat.version});
    json.field("cversion", std::int64_t{stat.cversion});
    json.field("aversion", std::int64_t{stat.aversion});
    json.field("owner", hex(stat.ephemeral_owner));
    json.end_object();
    print_json(json);
  });
  const auto end = load(disk, path, nodes);
  if (end) return kGood;
  fmt::print(stderr, "{}\n", end.error());
  return kBad;
}

int snapshot_stats(env::Disk& disk, const std::string& path, Form form) {
  std::int64_t bytes = 0;
  std::int64_t path_bytes = 0;
  std::int64_t owned = 0;
  int deepest = 0;
  std::size_t largest = 0;
  std::string largest_path;
  Nodes nodes([&](std::string_view node, std::string_view data, std::int64_t, const StatPersisted& stat) {
    bytes += static_cast<std::int64_t>(data.size());
    path_bytes += static_cast<std::int64_t>(node.size());
    owned += stat.ephemeral_owner != 0 ? 1 : 0;
    deepest = std::max(deepest, depth_of(node));
    if (data.size() < largest) return;
    largest = data.size();
    largest_path = node;
  });
  const auto end = load(disk, path, nodes);
  if (!end) {
    fmt::print(stderr, "{}\n", end.error());
    return kBad;
  }
  if (form == Form::text) {
    fmt::print(
        "{}: {} znodes ({} with an owner: ephemerals, containers, TTL), {} sessions, {} ACL lists\n"
        "  {} bytes of data, {} bytes of paths, {} levels; the largest znode is {} ({} bytes)\n",
        path, nodes.nodes, owned, nodes.sessions, nodes.acls, bytes, path_bytes, deepest, shown(largest_path), largest);
    if (end->digest) fmt::print("  digest {}\n", end->digest->digest);
    return kGood;
  }
  admin::JsonText json;
  json.begin_object();
  json.field("file", path);
  json.field("znodes", nodes.nodes);
  json.field("with_owner", owned);
  json.field("sessions", nodes.sessions);
  json.field("acl_lists", nodes.acls);
  json.field("data_bytes", bytes);
  json.field("path_bytes", path_bytes);
  json.field("levels", std::int64_t{deepest});
  json.field("largest", largest_path);
  json.field("largest_bytes", largest);
  if (end->digest) json.field("digest", static_cast<std::int64_t>(end->digest->digest));
  json.end_object();
  print_json(json);
  return kGood;
}

int verify_snapshots(env::Disk& disk, const std::vector<std::string>& paths, Form form) {
  int code = kGood;
  for (const std::string& path : paths) {
    const auto file = file_of(disk, path);
    if (!file) return complain(file.error());
    const auto end = store::check_snapshot(disk, *file);
    if (!end) code = kBad;
    if (form == Form::json) {
      admin::JsonText json;
      json.begin_object();
      json.field("file", path);
      json.field("good", end.has_value());
      if (!end) json.field("problem", end.error());
      json.end_object();
      print_json(json);
    } else {
      fmt::print("{}: {}\n", path, end ? "good" : "DAMAGED: " + end.error());
    }
  }
  return code;
}

int snapshot_tree(env::Disk& disk, const std::string& path, int depth, Form form) {
  // So many subtrees are told apart; the znodes of others count for their parents.
  constexpr std::size_t kSubtreesMax = 1'000'000;
  struct Sums {
    std::int64_t nodes = 0;
    std::int64_t bytes = 0;
    int levels = 0;
  };
  std::map<std::string, Sums, std::less<>> subtrees;
  Nodes nodes([&](std::string_view node, std::string_view data, std::int64_t, const StatPersisted&) {
    const int levels = depth_of(node);
    for (int level = 0; level <= std::min(depth, levels); ++level) {
      const std::string_view top = beginning(node, level);
      auto at = subtrees.find(top);
      if (at == subtrees.end()) {
        if (subtrees.size() >= kSubtreesMax) break;
        at = subtrees.emplace(std::string(top), Sums{}).first;
      }
      ++at->second.nodes;
      at->second.bytes += static_cast<std::int64_t>(data.size());
      at->second.levels = std::max(at->second.levels, levels - level);
    }
  });
  if (const auto end = load(disk, path, nodes); !end) {
    fmt::print(stderr, "{}\n", end.error());
    return kBad;
  }
  if (form == Form::text) fmt::print("{:>10} {:>14} {:>6}  {}\n", "znodes", "bytes", "levels", "path");
  for (const auto& [top, sums] : subtrees) {
    if (form == Form::text) {
      fmt::print("{:>10} {:>14} {:>6}  {}\n", sums.nodes, sums.bytes, sums.levels, shown(top, 4096));
      continue;
    }
    admin::JsonText json;
    json.begin_object();
    json.field("path", top);
    json.field("znodes", sums.nodes);
    json.field("bytes", sums.bytes);
    json.field("levels", std::int64_t{sums.levels});
    json.end_object();
    print_json(json);
  }
  return kGood;
}

int snapshot_diff(env::Disk& disk, const std::string& before, const std::string& after, Form form) {
  std::unordered_map<std::string, Print> known;  // what is left in it at the end has been removed
  Nodes old_nodes([&](std::string_view node, std::string_view data, std::int64_t, const StatPersisted& stat) {
    known.emplace(node, print_of(data, stat));
  });
  if (const auto end = load(disk, before, old_nodes); !end) return complain(end.error());
  bool differs = false;
  Nodes new_nodes([&](std::string_view node, std::string_view data, std::int64_t, const StatPersisted& stat) {
    const auto at = known.find(std::string(node));
    const bool is_same = at != known.end() && at->second == print_of(data, stat);
    if (!is_same) print_difference(at == known.end() ? "added" : "changed", node, form);
    differs = differs || !is_same;
    if (at != known.end()) known.erase(at);
  });
  if (const auto end = load(disk, after, new_nodes); !end) return complain(end.error());
  std::vector<std::string> removed;
  for (const auto& [node, print] : known) removed.push_back(node);
  std::ranges::sort(removed);
  for (const std::string& node : removed) print_difference("removed", node, form);
  return differs || !removed.empty() ? kBad : kGood;
}

}  // namespace quoll::apps::files
