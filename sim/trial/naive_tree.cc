#include "sim/trial/naive_tree.h"

#include <algorithm>
#include <zlib.h>

namespace quoll::sim {

namespace {

std::string prefix_below(const std::string& path) {
  return path == "/" ? "/" : path + "/";
}

}  // namespace

std::string parent_path(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == 0 || slash == std::string::npos ? "/" : path.substr(0, slash);
}

bool is_valid_path(const std::string& path) {
  return !path.empty() && path[0] == '/' &&
         (path == "/" || (path.back() != '/' && path.find("//") == std::string::npos));
}

bool is_servers_own(const std::string& path) {
  return path == "/" || path == "/zookeeper" || path == "/zookeeper/quota" || path == "/zookeeper/config";
}

std::int64_t ttl_mark(std::int64_t ttl_ms) {
  return static_cast<std::int64_t>(0xff00000000000000ULL + static_cast<std::uint64_t>(ttl_ms));
}

bool is_ephemeral_owner(std::int64_t owner) {
  return owner != 0 && owner != INT64_MIN && (static_cast<std::uint64_t>(owner) >> 40) != 0xff0000;
}

NaiveTree::NaiveTree() {
  const AclList open = {Acl{31, Id{"world", "anyone"}}};
  for (const char* path : {"/", "/zookeeper", "/zookeeper/quota"}) nodes[path] = Node{"", open, {}};
  nodes["/zookeeper/config"] = Node{"", {Acl{1, Id{"world", "anyone"}}}, {}};
  nodes["/zookeeper/config"].stat.aversion = -1;
}

std::vector<std::string> NaiveTree::children(const std::string& path) const {
  const std::string prefix = prefix_below(path);
  std::vector<std::string> names;
  for (auto at = nodes.upper_bound(prefix); at != nodes.end() && at->first.starts_with(prefix); ++at) {
    const std::string name = at->first.substr(prefix.size());
    if (name.find('/') == std::string::npos) names.push_back(name);
  }
  return names;
}

std::size_t NaiveTree::count_below(const std::string& path) const {
  const std::string prefix = prefix_below(path);
  return static_cast<std::size_t>(std::count_if(nodes.begin(), nodes.end(), [&](const auto& node) {
    return node.first.starts_with(prefix) && node.first != "/";
  }));
}

Stat NaiveTree::stat_of(const std::string& path) const {
  const Node& node = nodes.at(path);
  const auto count = static_cast<std::int32_t>(children(path).size());
  const StatPersisted& s = node.stat;
  // Apache's formula: cversion counts each create twice and subtracts the children that still exist.
  return Stat{s.czxid,
              s.mzxid,
              s.ctime,
              s.mtime,
              s.version,
              2 * s.cversion - count,
              s.aversion,
              is_ephemeral_owner(s.ephemeral_owner) ? s.ephemeral_owner : 0,
              static_cast<std::int32_t>(node.data.size()),
              count,
              s.pzxid};
}

// The sum of the CRC32 of path, data and the nine numbers, over all znodes except those below /zookeeper.
std::int64_t NaiveTree::digest() const {
  std::uint64_t sum = 0;
  for (const auto& [path, node] : nodes) {
    if (path.starts_with("/zookeeper/")) continue;
    std::string bytes = (path == "/" ? std::string() : path) + node.data;
    const auto put = [&](std::uint64_t value, int width) {
      for (int shift = 8 * width - 8; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>(value >> shift));
    };
    const StatPersisted& s = node.stat;
    for (const std::int64_t v : {s.czxid, s.mzxid, s.pzxid, s.ctime, s.mtime}) put(static_cast<std::uint64_t>(v), 8);
    for (const std::int32_t v : {s.version, s.cversion, s.aversion}) put(static_cast<std::uint32_t>(v), 4);
    put(static_cast<std::uint64_t>(s.ephemeral_owner), 8);
    sum += crc32(0, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size()));
  }
  return static_cast<std::int64_t>(sum);
}

}  // namespace quoll::sim
