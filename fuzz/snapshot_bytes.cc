#include "fuzz/snapshot_bytes.h"

#include <zlib.h>

#include "fuzz/record_bytes.h"
#include "sim/disk.h"
#include "store/compression.h"
#include "store/snapshot_format.h"

namespace quoll::fuzz {

namespace {

class Gatherer : public store::SnapshotVisitor {
 public:
  bool on_session(std::int64_t id, std::int32_t timeout_ms) override {
    parts.sessions.emplace_back(id, timeout_ms);
    return true;
  }
  bool on_acl(std::int64_t id, AclList list) override {
    parts.acls.emplace_back(id, std::move(list));
    return true;
  }
  bool on_node(std::string_view path, base::NullableView data, std::int64_t acl_id,
               const StatPersisted& stat) override {
    parts.nodes.push_back({std::string(path), data.is_null() ? std::nullopt : std::optional(data.str()), acl_id, stat});
    return true;
  }
  SnapshotParts parts;
};

void put_seal(std::string& out) {
  const auto sum = adler32_z(1, reinterpret_cast<const Bytef*>(out.data()), out.size());
  wire::Writer writer(out);
  writer.put(static_cast<std::int64_t>(sum));
  writer.put(std::string_view("/"));
}

template <typename T>
void change_list(std::vector<T>& items, Prng& chance) {
  if (items.empty()) return;
  const auto at = static_cast<std::ptrdiff_t>(chance.below(items.size()));
  switch (chance.below(3)) {
    case 0:
      items.erase(items.begin() + at);
      break;
    case 1: {
      T copy = items[static_cast<std::size_t>(at)];
      items.insert(items.begin() + static_cast<std::ptrdiff_t>(chance.below(items.size() + 1)), std::move(copy));
      break;
    }
    default:
      std::swap(items[static_cast<std::size_t>(at)], items[chance.below(items.size())]);
  }
}

void change_node(SnapshotParts::Node& node, Prng& chance) {
  switch (chance.below(5)) {
    case 0:
      node.path = any_path(chance);
      break;
    case 1:
      node.data = chance.below(4) == 0 ? std::nullopt : std::optional(any_text(chance));
      break;
    case 2:
      node.acl = any_number(chance);
      break;
    default: {
      std::string before;
      std::string after;
      wire::Writer(before).put(node.stat);
      wire::Reader in(before);
      put_changed<StatPersisted>(in, chance, 4, after);
      wire::Reader(after).get(node.stat);
    }
  }
}

}  // namespace

std::optional<SnapshotParts> SnapshotParts::of(std::string_view file) {
  sim::MemoryDisk disk;
  disk.put("/s/snapshot.0", file);
  Gatherer gatherer;
  const auto end = store::load_snapshot(
      disk, {Zxid{INT64_MIN}, "snapshot.0", "/s/snapshot.0", static_cast<std::int64_t>(file.size()), 0}, gatherer);
  if (!end) return std::nullopt;
  gatherer.parts.end = *end;
  return std::move(gatherer.parts);
}

void SnapshotParts::change(Prng& chance) {
  switch (chance.below(8)) {
    case 0:
      change_list(sessions, chance);
      break;
    case 1:
      sessions.emplace_back(any_number(chance), static_cast<std::int32_t>(any_number(chance)));
      break;
    case 2:
      change_list(acls, chance);
      break;
    case 3:
      acls.emplace_back(any_number(chance), AclList{Acl{static_cast<std::int32_t>(any_number(chance)),
                                                        Id{any_text(chance), any_text(chance)}}});
      break;
    case 4:
      change_list(nodes, chance);
      break;
    case 5:
      if (end.digest) end.digest->digest = any_number(chance);
      end.last_processed = chance.below(2) == 0 ? std::nullopt : std::optional(Zxid{any_number(chance)});
      break;
    case 6: {
      Node node{any_path(chance), any_text(chance), any_number(chance), {}};
      nodes.insert(nodes.begin() + static_cast<std::ptrdiff_t>(chance.below(nodes.size() + 1)), std::move(node));
      break;
    }
    default:
      if (!nodes.empty()) change_node(nodes[chance.below(nodes.size())], chance);
  }
}

std::string SnapshotParts::bytes(Prng& chance) const {
  std::string out;
  wire::Writer writer(out);
  const auto put_count = [&](std::size_t count) {
    const auto real = static_cast<std::int32_t>(count);
    writer.put(chance.below(8) == 0 ? any_count(chance, real) : real);
  };
  writer.put(store::kSnapshotMagic);
  writer.put(store::kSnapshotVersion);
  writer.put(store::kSnapshotDbId);
  put_count(sessions.size());
  for (const auto& [id, timeout_ms] : sessions) {
    writer.put(id);
    writer.put(timeout_ms);
  }
  put_count(acls.size());
  for (const auto& [id, list] : acls) {
    writer.put(id);
    writer.put(list);
  }
  for (const Node& node : nodes) {
    writer.put(node.path);
    writer.put(node.data ? base::NullableView(*node.data) : base::NullableView());
    writer.put(node.acl);
    writer.put(node.stat);
  }
  writer.put(std::string_view("/"));
  put_seal(out);
  if (end.digest) {
    writer.put(end.digest->zxid);
    writer.put(end.digest->version);
    writer.put(end.digest->digest);
    put_seal(out);
  }
  if (end.last_processed) {
    writer.put(end.last_processed->value());
    put_seal(out);
  }
  return out;
}

std::string compressed(std::string_view bytes, store::Options::Compression compression) {
  std::string out;
  const auto compressor = store::make_compressor(compression);
  compressor->write(bytes, out);
  compressor->finish(out);
  return out;
}

}  // namespace quoll::fuzz
