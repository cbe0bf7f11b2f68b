#include "apps/backup/restore_into.h"

#include <algorithm>
#include <fmt/format.h>

#include "apps/backup/past.h"
#include "apps/backup/write_tree.h"
#include "types/path.h"

namespace quoll::apps::backup {

namespace {

// What a backup has, sorted by how it is written.
struct Sorted {
  Zxid as_of;
  PastNodes nodes;
  PastNode root;
  std::int64_t ephemerals = 0;
  bool has_quotas = false;
};

bool is_of_server(std::string_view path) {
  return path == "/zookeeper" || path.starts_with("/zookeeper/");
}

Sorted sort(Past past) {
  Sorted sorted{.as_of = past.as_of, .nodes = {}, .root = {}, .ephemerals = past.found.ephemerals};
  for (auto& [path, node] : past.found.nodes) {
    if (path.empty()) {
      sorted.root = std::move(node);
    } else if (is_of_server(path)) {
      sorted.has_quotas = sorted.has_quotas || path.starts_with("/zookeeper/quota/");
    } else {
      sorted.nodes.emplace_back(path, std::move(node));
    }
  }
  return sorted;
}

std::optional<Trouble> refuse_existing(sdk::Blocking& zk, const PastNodes& nodes) {
  const auto there = zk.children("/");
  if (!there) return Trouble{Trouble::disk, there.error().text};
  for (const auto& [path, node] : nodes) {
    if (!path::parent(path).empty() || std::ranges::find(there->names, path::name(path)) == there->names.end())
      continue;
    return bad(fmt::format(
        "{} exists: nothing was written. Move it away first, as by quoll shell mv, or restore into an empty ensemble",
        path));
  }
  return std::nullopt;
}

// The root exists everywhere. Its ACL comes last: it may take the right to create from this client.
std::expected<bool, Trouble> change_root(sdk::Blocking& zk, const PastNode& root, bool dry_run) {
  const auto data = zk.get("/");
  if (!data) return std::unexpected(Trouble{Trouble::disk, data.error().text});
  const auto acl = zk.get_acl("/");
  if (!acl) return std::unexpected(Trouble{Trouble::disk, acl.error().text});
  const bool has_other_data = data->data.value_or("") != root.data.value_or("");
  const bool has_other_acl = root.acl && acl->acl != *root.acl;
  if (dry_run) return has_other_data || has_other_acl;
  const auto failed = [](const client::Failure& failure) {
    return std::unexpected(
        bad(fmt::format("All znodes are written, but the root has not got its data or its ACL: {}", failure.text)));
  };
  if (has_other_data) {
    if (const auto done = zk.set("/", root.data, -1); !done) return failed(done.error());
  }
  if (has_other_acl) {
    if (const auto done = zk.set_acl("/", *root.acl, -1); !done) return failed(done.error());
  }
  return has_other_data || has_other_acl;
}

}  // namespace

std::expected<IntoResult, Trouble> restore_into(env::Disk& disk, const Source& source, const Until& until,
                                                const IntoWish& wish) {
  auto loaded = load_past(disk, source, until, "");
  if (!loaded) return std::unexpected(loaded.error());
  const Sorted past = sort(std::move(*loaded));
  const auto session = Session::open(wish.server, wish.auth, wish.security);
  if (!session) return std::unexpected(session.error());
  sdk::Blocking& zk = (*session)->zk();
  if (const auto trouble = refuse_existing(zk, past.nodes)) return std::unexpected(*trouble);
  IntoResult result{.as_of = past.as_of, .znodes = past.nodes.size(), .ephemerals = past.ephemerals};
  if (past.has_quotas) result.notes.emplace_back("Quotas are not restored: set them by quoll shell setquota");
  if (wish.dry_run) {
    for (const auto& [path, node] : past.nodes) result.lines.push_back(line_of(path, node));
  } else {
    TreeWriter writer(zk, past.nodes);
    const auto done = writer.run();
    if (!done) return std::unexpected(writer.trouble(done.error()));
    result.written = writer.written();
    result.notes.insert(result.notes.end(), writer.notes().begin(), writer.notes().end());
  }
  const auto changed = change_root(zk, past.root, wish.dry_run);
  if (!changed) return std::unexpected(changed.error());
  result.is_root_changed = *changed;
  return result;
}

}  // namespace quoll::apps::backup
