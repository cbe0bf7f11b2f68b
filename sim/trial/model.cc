#include "sim/trial/model.h"

#include <algorithm>
#include <fmt/format.h>
#include <zlib.h>

namespace quoll::sim {

namespace {

constexpr std::int32_t kCreated = 1;
constexpr std::int32_t kDeleted = 2;
constexpr std::int32_t kDataChanged = 3;
constexpr std::int32_t kChildrenChanged = 4;

std::string parent_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == 0 || slash == std::string::npos ? "/" : path.substr(0, slash);
}

std::string below(const std::string& path) {
  return path == "/" ? "/" : path + "/";
}

bool is_valid(const std::string& path) {
  return !path.empty() && path[0] == '/' &&
         (path == "/" || (path.back() != '/' && path.find("//") == std::string::npos));
}

bool is_own(const std::string& path) {
  return path == "/" || path == "/zookeeper" || path == "/zookeeper/quota" || path == "/zookeeper/config";
}

// What ephemeralOwner says of TTL nodes and containers.
std::int64_t ttl_mark(std::int64_t ttl_ms) {
  return static_cast<std::int64_t>(0xff00000000000000ULL + static_cast<std::uint64_t>(ttl_ms));
}
bool is_ephemeral(std::int64_t owner) {
  return owner != 0 && owner != INT64_MIN && (static_cast<std::uint64_t>(owner) >> 40) != 0xff0000;
}

Verdict failed(Error err) {
  return Verdict{err, {}, {}};
}

bool is_write_of_multi(OpCode op) {
  using enum OpCode;
  return op == create || op == create2 || op == create_container || op == create_ttl || op == remove ||
         op == set_data || op == check;
}

}  // namespace

std::string text_of(const Stat& s) {
  return fmt::format("c{} m{} ct{} mt{} v{} cv{} av{} e{:x} l{} n{} p{}", s.czxid, s.mzxid, s.ctime, s.mtime, s.version,
                     s.cversion, s.aversion, static_cast<std::uint64_t>(s.ephemeral_owner), s.data_length,
                     s.num_children, s.pzxid);
}

std::string short_of(std::string_view data) {
  return fmt::format("{}:{:x}:{}", data.size(), std::hash<std::string_view>{}(data), data.substr(0, 12));
}

std::string text_of(const AclList& acl) {
  std::string text;
  for (const Acl& entry : acl) text += fmt::format("[{} {} {}]", entry.perms, entry.id.scheme, entry.id.id);
  return text;
}

struct Model::Change {
  const Who& who;
  std::int64_t zxid;
  std::int64_t time_ms;
};

Model::Model(bool hard_quotas) : hard_quotas_(hard_quotas) {
  const AclList open = {Acl{31, Id{"world", "anyone"}}};
  for (const char* path : {"/", "/zookeeper", "/zookeeper/quota"}) nodes[path] = Node{"", open, {}};
  nodes["/zookeeper/config"] = Node{"", {Acl{1, Id{"world", "anyone"}}}, {}};
  nodes["/zookeeper/config"].stat.aversion = -1;
}

std::vector<std::string> Model::children(const std::string& path) const {
  const std::string prefix = below(path);
  std::vector<std::string> names;
  for (auto at = nodes.upper_bound(prefix); at != nodes.end() && at->first.starts_with(prefix); ++at) {
    const std::string name = at->first.substr(prefix.size());
    if (name.find('/') == std::string::npos) names.push_back(name);
  }
  return names;
}

Stat Model::stat_of(const std::string& path) const {
  const Node& node = nodes.at(path);
  const auto count = static_cast<std::int32_t>(children(path).size());
  const StatPersisted& s = node.stat;
  // Each create of a child counts two, and each child that is still there takes one back.
  return Stat{s.czxid,
              s.mzxid,
              s.ctime,
              s.mtime,
              s.version,
              2 * s.cversion - count,
              s.aversion,
              is_ephemeral(s.ephemeral_owner) ? s.ephemeral_owner : 0,
              static_cast<std::int32_t>(node.data.size()),
              count,
              s.pzxid};
}

// CRC32 over path, data and the nine numbers, added up over all znodes but those below /zookeeper.
std::int64_t Model::digest() const {
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

bool Model::allows(const Who& who, const AclList& acl, std::int32_t perms) const {
  if (acl.empty()) return true;
  return std::any_of(acl.begin(), acl.end(), [&](const Acl& entry) {
    if ((entry.perms & perms) == 0) return false;
    if (entry.id == Id{"world", "anyone"}) return true;
    return std::find(who.identities.begin(), who.identities.end(), entry.id) != who.identities.end();
  });
}

bool Model::may_hear(const Who& who, const AclList& acl) const {
  return allows(who, acl, 1);
}

std::optional<AclList> Model::fixed(const Who& who, const AclList& acl) const {
  AclList result;
  AclList seen;
  for (const Acl& entry : acl) {
    if (std::find(seen.begin(), seen.end(), entry) != seen.end()) continue;
    seen.push_back(entry);
    if (entry.id.scheme == "auth") {
      bool any = false;
      for (const Id& id : who.identities) {
        if (id.scheme != "digest") continue;
        result.push_back(Acl{entry.perms, id});
        any = true;
      }
      if (!any) return std::nullopt;
    } else if (entry.id == Id{"world", "anyone"} || entry.id.scheme == "ip" ||
               (entry.id.scheme == "digest" && entry.id.id.find(':') != std::string::npos)) {
      result.push_back(entry);
    } else {
      return std::nullopt;
    }
  }
  if (acl.empty()) return std::nullopt;
  return result;
}

// The server judges by the limits and the usage that it has applied, which may lag behind: a limit that is gone by now
// may still have counted.
bool Model::has_hard_quota(const std::string& path) const {
  if (!hard_quotas_) return false;
  for (std::string at = path; at != "/"; at = parent_of(at)) {
    if (limited_.contains(at)) return true;
  }
  return false;
}

// A watcher hears once of each change, whatever it holds there.
void Model::fire(std::int32_t type, const std::string& path, const AclList& acl, bool data_watches,
                 bool child_watches) {
  std::set<Watcher> to;
  const auto take = [&](std::map<std::string, Watches>& table) {
    const auto at = table.find(path);
    if (at == table.end()) return;
    to.insert(at->second.standard.begin(), at->second.standard.end());
    to.insert(at->second.persistent.begin(), at->second.persistent.end());
    at->second.standard.clear();
  };
  if (child_watches) take(child_watches_);
  if (data_watches) {
    take(data_watches_);
    for (std::string at = path;; at = parent_of(at)) {
      const auto above = data_watches_.find(at);
      if (above != data_watches_.end()) to.insert(above->second.recursive.begin(), above->second.recursive.end());
      if (at == "/") break;
    }
  }
  for (const Watcher watcher : to) fired.push_back({{watcher, type, path}, acl});
}

void Model::forget_watcher(Watcher watcher) {
  for (auto* table : {&data_watches_, &child_watches_}) {
    for (auto& [path, watches] : *table) {
      for (auto* kind : {&watches.standard, &watches.persistent, &watches.recursive}) kind->erase(watcher);
    }
  }
}

void Model::forget_watchers() {
  data_watches_.clear();
  child_watches_.clear();
}

Verdict Model::create(const Change& change, const Ask& ask, bool over_quota) {
  const bool wants_ttl = ask.flags == 5 || ask.flags == 6;
  if (ask.flags < 0 || ask.flags > 6) return failed(Error::bad_arguments);
  if (wants_ttl != (ask.op == OpCode::create_ttl)) return failed(Error::bad_arguments);
  if (wants_ttl && (ask.ttl_ms <= 0 || ask.ttl_ms > 0xffffffffffLL)) return failed(Error::bad_arguments);
  if (ask.path.find('/') == std::string::npos) return failed(Error::bad_arguments);
  const auto acl = fixed(change.who, ask.acl);
  if (!acl) return failed(Error::invalid_acl);
  std::string path = ask.path;
  const std::string parent_path = parent_of(path);
  const auto parent = nodes.find(parent_path);
  if (parent == nodes.end()) return failed(Error::no_node);
  if (!allows(change.who, parent->second.acl, 4)) return failed(Error::no_auth);
  const bool sequential = ask.flags == 2 || ask.flags == 3 || ask.flags == 6;
  if (sequential) path += fmt::format("{:010}", parent->second.stat.cversion);
  if (!is_valid(path)) return failed(Error::bad_arguments);
  if (nodes.contains(path)) return failed(Error::node_exists);
  if (is_ephemeral(parent->second.stat.ephemeral_owner)) return failed(Error::no_children_for_ephemerals);
  if (over_quota && has_hard_quota(path)) return failed(Error::quota_exceeded);

  parent->second.stat.cversion += 1;
  parent->second.stat.pzxid = change.zxid;
  Node node{ask.data, *acl, {}};
  node.stat.czxid = node.stat.mzxid = node.stat.pzxid = change.zxid;
  node.stat.ctime = node.stat.mtime = change.time_ms;
  if (ask.op == OpCode::create_container) node.stat.ephemeral_owner = INT64_MIN;
  if (ask.op == OpCode::create_ttl) node.stat.ephemeral_owner = ttl_mark(ask.ttl_ms);
  if (ask.flags == 1 || ask.flags == 3) node.stat.ephemeral_owner = change.who.session;
  nodes[path] = node;
  if (path.starts_with("/zookeeper/quota/") && path.ends_with("/zookeeper_limits"))
    limited_.insert(parent_path.substr(std::string_view("/zookeeper/quota").size()));
  fire(kCreated, path, *acl, true, false);
  fire(kChildrenChanged, parent_path, nodes[parent_path].acl, false, true);
  Verdict verdict{Error::ok, path, fmt::format("create {} cv{}", path, nodes[parent_path].stat.cversion)};
  if (ask.op != OpCode::create) verdict.answer += " " + text_of(stat_of(path));
  return verdict;
}

void Model::take_out(const std::string& path, std::int64_t zxid) {
  const AclList acl = nodes[path].acl;
  nodes.erase(path);
  const std::string parent = parent_of(path);
  nodes[parent].stat.pzxid = zxid;
  fire(kDeleted, path, acl, true, true);
  fire(kChildrenChanged, parent, nodes[parent].acl, false, true);
}

Verdict Model::remove(const Change& change, const Ask& ask) {
  const std::string& path = ask.path;
  if (path.find('/') == std::string::npos || is_own(path)) return failed(Error::bad_arguments);
  const auto node = nodes.find(path);
  const bool is_container = ask.op == OpCode::delete_container;
  if (is_container && node == nodes.end()) return failed(Error::no_node);
  if (is_container && !children(path).empty()) return failed(Error::not_empty);
  if (is_container && is_ephemeral(node->second.stat.ephemeral_owner)) return failed(Error::bad_version);
  const auto parent = nodes.find(parent_of(path));
  if (parent == nodes.end()) return failed(Error::no_node);
  if (!allows(change.who, parent->second.acl, 8)) return failed(Error::no_auth);
  if (node == nodes.end()) return failed(Error::no_node);
  if (!is_container && ask.version != -1 && ask.version != node->second.stat.version) return failed(Error::bad_version);
  if (!children(path).empty()) return failed(Error::not_empty);
  take_out(path, change.zxid);
  return Verdict{Error::ok, "", "delete " + path};
}

Verdict Model::set_data(const Change& change, const Ask& ask, bool over_quota) {
  if (!is_valid(ask.path)) return failed(Error::bad_arguments);
  const auto at = nodes.find(ask.path);
  if (at == nodes.end()) return failed(Error::no_node);
  Node& node = at->second;
  if (!allows(change.who, node.acl, 2)) return failed(Error::no_auth);
  if (over_quota && has_hard_quota(ask.path)) return failed(Error::quota_exceeded);
  if (ask.version != -1 && ask.version != node.stat.version) return failed(Error::bad_version);
  node.data = ask.data;
  node.stat.version += 1;
  node.stat.mzxid = change.zxid;
  node.stat.mtime = change.time_ms;
  fire(kDataChanged, ask.path, node.acl, true, false);
  return Verdict{Error::ok, text_of(stat_of(ask.path)), fmt::format("set {} v{}", ask.path, node.stat.version)};
}

Verdict Model::set_acl(const Change& change, const Ask& ask) {
  if (!is_valid(ask.path)) return failed(Error::bad_arguments);
  const auto acl = fixed(change.who, ask.acl);
  if (!acl) return failed(Error::invalid_acl);
  const auto at = nodes.find(ask.path);
  if (at == nodes.end()) return failed(Error::no_node);
  Node& node = at->second;
  if (!allows(change.who, node.acl, 16)) return failed(Error::no_auth);
  if (ask.version != -1 && ask.version != node.stat.aversion) return failed(Error::bad_version);
  node.acl = *acl;
  node.stat.aversion += 1;
  return Verdict{Error::ok, text_of(stat_of(ask.path)), fmt::format("acl {} v{}", ask.path, node.stat.aversion)};
}

Verdict Model::check(const Change& change, const Ask& ask) {
  if (!is_valid(ask.path)) return failed(Error::bad_arguments);
  const auto at = nodes.find(ask.path);
  if (at == nodes.end()) return failed(Error::no_node);
  if (!allows(change.who, at->second.acl, 1)) return failed(Error::no_auth);
  if (ask.version != -1 && ask.version != at->second.stat.version) return failed(Error::bad_version);
  return Verdict{Error::ok, "", "check " + ask.path};
}

Verdict Model::single(const Change& change, const Ask& ask, bool over_quota) {
  switch (ask.op) {
    case OpCode::create:
    case OpCode::create2:
    case OpCode::create_container:
    case OpCode::create_ttl:
      return create(change, ask, over_quota);
    case OpCode::remove:
    case OpCode::delete_container:
      return remove(change, ask);
    case OpCode::set_data:
      return set_data(change, ask, over_quota);
    case OpCode::set_acl:
      return set_acl(change, ask);
    case OpCode::check:
      return check(change, ask);
    default:
      return failed(Error::unimplemented);
  }
}

// All or none: a part that fails takes back those before it, and those behind it are not tried.
Verdict Model::multi(const Change& change, const Ask& ask, const std::set<std::size_t>& over_quota) {
  // A mode that nobody knows makes the whole request unreadable.
  for (const Ask& part : ask.parts) {
    const bool is_plain_create = part.op == OpCode::create || part.op == OpCode::create2;
    if (is_plain_create && (part.flags < 0 || part.flags > 4)) return failed(Error::marshalling_error);
  }
  const auto nodes_before = nodes;
  const auto data_before = data_watches_;
  const auto child_before = child_watches_;
  std::vector<std::string> parts;
  std::vector<std::string> logged;
  for (std::size_t i = 0; i < ask.parts.size(); ++i) {
    const Ask& part = ask.parts[i];
    const Verdict verdict =
        is_write_of_multi(part.op) ? single(change, part, over_quota.contains(i)) : failed(Error::marshalling_error);
    if (verdict.err == Error::ok) {
      const bool is_create2 =
          part.op == OpCode::create2 || part.op == OpCode::create_container || part.op == OpCode::create_ttl;
      parts.push_back(fmt::format("({} {})", is_create2 ? 15 : static_cast<int>(part.op), verdict.answer));
      logged.push_back(verdict.logged);
      continue;
    }
    nodes = nodes_before;
    data_watches_ = data_before;
    child_watches_ = child_before;
    fired.clear();
    parts.clear();
    logged.clear();
    for (std::size_t k = 0; k < ask.parts.size(); ++k) {
      const int code = k < i    ? 0
                       : k == i ? static_cast<int>(verdict.err)
                                : static_cast<int>(Error::runtime_inconsistency);
      parts.push_back(fmt::format("(-1 err{})", code));
      logged.push_back(k < i ? "undone" : fmt::format("error {}", code));
    }
    break;
  }
  Verdict result{Error::ok, "", "multi"};
  for (const std::string& part : parts) result.answer += part;
  for (const std::string& part : logged) result.logged += " {" + part + "}";
  return result;
}

Verdict Model::write(const Who& who, const Ask& ask, std::int64_t zxid, std::int64_t time_ms,
                     const std::set<std::size_t>& over_quota) {
  fired.clear();
  const Change change{who, zxid, time_ms};
  return ask.op == OpCode::multi ? multi(change, ask, over_quota) : single(change, ask, over_quota.contains(0));
}

std::vector<std::string> Model::close_session(std::int64_t session, std::int64_t zxid) {
  fired.clear();
  sessions.erase(session);
  closed.insert(session);
  std::vector<std::string> gone;
  for (const auto& [path, node] : nodes) {
    if (node.stat.ephemeral_owner == session) gone.push_back(path);
  }
  for (const std::string& path : gone) take_out(path, zxid);
  return gone;
}

bool Model::remove_container(const std::string& path, std::int64_t zxid) {
  fired.clear();
  const auto at = nodes.find(path);
  if (at == nodes.end() || !children(path).empty()) return false;
  const std::int64_t owner = at->second.stat.ephemeral_owner;
  if (owner == 0 || is_ephemeral(owner)) return false;
  take_out(path, zxid);
  return true;
}

void Model::renew(Watcher watcher, const Ask& ask) {
  const auto make_up = [&](std::int32_t type, const std::string& path) {
    fired.push_back({{watcher, type, path}, {}});
  };
  // A watch on what is there, or was: gone, changed since, or still to be watched.
  const auto renew_one = [&](const std::string& path, std::int64_t StatPersisted::* changed_at, std::int32_t changed,
                             auto& watches) {
    const auto at = nodes.find(path);
    if (at == nodes.end()) {
      make_up(kDeleted, path);
    } else if (at->second.stat.*changed_at > ask.relative_zxid) {
      make_up(changed, path);
    } else {
      watches[path].standard.insert(watcher);
    }
  };
  for (const std::string& path : ask.data_watches) renew_one(path, &StatPersisted::mzxid, kDataChanged, data_watches_);
  for (const std::string& path : ask.exist_watches) {
    if (nodes.contains(path)) {
      make_up(kCreated, path);
    } else {
      data_watches_[path].standard.insert(watcher);
    }
  }
  for (const std::string& path : ask.child_watches)
    renew_one(path, &StatPersisted::pzxid, kChildrenChanged, child_watches_);
  if (ask.op != OpCode::set_watches2) return;
  for (const std::string& path : ask.persistent_watches) {
    data_watches_[path].persistent.insert(watcher);
    child_watches_[path].persistent.insert(watcher);
  }
  for (const std::string& path : ask.recursive_watches) data_watches_[path].recursive.insert(watcher);
}

Verdict Model::watch_table(Watcher watcher, const Ask& ask) {
  const std::string& path = ask.path;
  Watches& data = data_watches_[path];
  Watches& child = child_watches_[path];
  if (ask.op == OpCode::add_watch) {
    if (ask.type == 0) {
      data.persistent.insert(watcher);
      child.persistent.insert(watcher);
    } else {
      data.recursive.insert(watcher);
    }
    return Verdict{Error::ok, "err0", ""};
  }
  std::vector<std::set<Watcher>*> meant;
  if (ask.type == 1) meant = {&child.standard};
  if (ask.type == 2) meant = {&data.standard};
  if (ask.type == 3) meant = {&child.standard, &child.persistent, &data.standard, &data.persistent, &data.recursive};
  if (ask.type == 4) meant = {&data.persistent, &child.persistent};
  if (ask.type == 5) meant = {&data.recursive};
  bool found = false;
  for (std::set<Watcher>* const kind : meant) {
    found |= ask.op == OpCode::remove_watches ? kind->erase(watcher) > 0 : kind->contains(watcher);
  }
  return failed(found ? Error::ok : Error::no_watcher);
}

Verdict Model::multi_read(const Who& who, const Ask& ask) {
  Verdict result;
  for (const Ask& part : ask.parts) {
    Ask plain = part;
    plain.watch = false;
    const Verdict verdict = read(who, 0, plain);
    result.answer += verdict.err == Error::ok ? fmt::format("({} {})", static_cast<int>(part.op), verdict.answer)
                                              : fmt::format("(-1 err{})", static_cast<int>(verdict.err));
  }
  return result;
}

Verdict Model::read(const Who& who, Watcher watcher, const Ask& ask) {
  fired.clear();
  const std::string& path = ask.path;
  const auto at = nodes.find(path);
  const bool there = at != nodes.end();
  const auto readable = [&](std::int32_t perms) {
    return !there ? Error::no_node : allows(who, at->second.acl, perms) ? Error::ok : Error::no_auth;
  };
  switch (ask.op) {
    case OpCode::ping:
    case OpCode::set_watches:
    case OpCode::set_watches2:
      renew(watcher, ask);
      return {};
    case OpCode::sync:
      return Verdict{Error::ok, path, ""};
    case OpCode::exists: {
      const Error err = readable(1);
      if (err == Error::no_auth) return failed(err);
      if (ask.watch) data_watches_[path].standard.insert(watcher);
      return err != Error::ok ? failed(err) : Verdict{Error::ok, text_of(stat_of(path)), ""};
    }
    case OpCode::get_data: {
      if (const Error err = readable(1); err != Error::ok) return failed(err);
      if (ask.watch) data_watches_[path].standard.insert(watcher);
      return Verdict{Error::ok, short_of(at->second.data) + " " + text_of(stat_of(path)), ""};
    }
    case OpCode::get_children:
    case OpCode::get_children2: {
      if (const Error err = readable(1); err != Error::ok) return failed(err);
      if (ask.watch) child_watches_[path].standard.insert(watcher);
      std::string answer = fmt::format("{}", fmt::join(children(path), " "));
      if (ask.op == OpCode::get_children2) answer += " " + text_of(stat_of(path));
      return Verdict{Error::ok, answer, ""};
    }
    case OpCode::get_acl: {
      if (const Error err = readable(1 | 16); err != Error::ok) return failed(err);
      AclList acl = at->second.acl;
      if (!allows(who, acl, 16)) {
        for (Acl& entry : acl) {
          if (entry.id.scheme == "digest") entry.id.id = entry.id.id.substr(0, entry.id.id.find(':')) + ":x";
        }
      }
      return Verdict{Error::ok, text_of(acl) + " " + text_of(stat_of(path)), ""};
    }
    case OpCode::get_all_children_number: {
      if (const Error err = readable(1); err != Error::ok) return failed(err);
      const std::string prefix = below(path);
      const auto count = std::count_if(nodes.begin(), nodes.end(), [&](const auto& node) {
        return node.first.starts_with(prefix) && node.first != "/";
      });
      return Verdict{Error::ok, std::to_string(count), ""};
    }
    case OpCode::get_ephemerals: {
      std::vector<std::string> mine;
      for (const auto& [name, node] : nodes) {
        if (node.stat.ephemeral_owner == who.session && name.starts_with(path)) mine.push_back(name);
      }
      return Verdict{Error::ok, fmt::format("{}", fmt::join(mine, " ")), ""};
    }
    case OpCode::who_am_i: {
      std::string answer;
      for (const Id& id : who.identities)
        answer += id.scheme + "=" + (id.scheme == "digest" ? id.id.substr(0, id.id.find(':')) : id.id) + " ";
      return Verdict{Error::ok, answer, ""};
    }
    case OpCode::multi_read:
      return multi_read(who, ask);
    case OpCode::add_watch:
    case OpCode::check_watches:
    case OpCode::remove_watches:
      return watch_table(watcher, ask);
    default:
      return failed(Error::unimplemented);
  }
}

}  // namespace quoll::sim
