// The model: results of writes, with the checks in the order of Apache's server.
#include <fmt/format.h>

#include "sim/trial/model.h"
#include "sim/trial/plain_text.h"

namespace quoll::sim {

namespace {

bool is_write_of_multi(OpCode op) {
  using enum OpCode;
  return op == create || op == create2 || op == create_container || op == create_ttl || op == remove ||
         op == set_data || op == check;
}

}  // namespace

Verdict Model::write(const Who& who, const Ask& ask, std::int64_t zxid, std::int64_t time_ms,
                     const QuotaTexts* quotas) {
  watches.fired.clear();
  const Change change{who, zxid, time_ms, quotas};
  return ask.op == OpCode::multi ? multi(change, ask) : single(change, ask);
}

Verdict Model::single(const Change& change, const Ask& ask) {
  switch (ask.op) {
    case OpCode::create:
    case OpCode::create2:
    case OpCode::create_container:
    case OpCode::create_ttl:
      return create(change, ask);
    case OpCode::remove:
    case OpCode::delete_container:
      return remove(change, ask);
    case OpCode::set_data:
      return set_data(change, ask);
    case OpCode::set_acl:
      return set_acl(change, ask);
    case OpCode::check:
      return check(change, ask);
    default:
      return failed(Error::unimplemented);
  }
}

Verdict Model::create(const Change& change, const Ask& ask) {
  const bool wants_ttl = ask.flags == 5 || ask.flags == 6;
  if (ask.flags < 0 || ask.flags > 6) return failed(Error::bad_arguments);
  if (wants_ttl != (ask.op == OpCode::create_ttl)) return failed(Error::bad_arguments);
  if (wants_ttl && (ask.ttl_ms <= 0 || ask.ttl_ms > 0xffffffffffLL)) return failed(Error::bad_arguments);
  if (ask.path.find('/') == std::string::npos) return failed(Error::bad_arguments);
  const auto acl = fixed_acl(change.who, ask.acl);
  if (!acl) return failed(Error::invalid_acl);
  std::string path = ask.path;
  const std::string above = parent_path(path);
  const auto parent = tree.nodes.find(above);
  if (parent == tree.nodes.end()) return failed(Error::no_node);
  StatPersisted& parent_stat = parent->second.stat;
  if (!is_allowed(change.who, parent->second.acl, 4)) return failed(Error::no_auth);
  const bool sequential = ask.flags == 2 || ask.flags == 3 || ask.flags == 6;
  if (sequential) path += fmt::format("{:010}", parent_stat.cversion);
  if (!is_valid_path(path) || path == limits_path("")) return failed(Error::bad_arguments);
  if (tree.nodes.contains(path)) return failed(Error::node_exists);
  if (is_ephemeral_owner(parent_stat.ephemeral_owner)) return failed(Error::no_children_for_ephemerals);
  const auto bytes = static_cast<std::int64_t>(ask.data.size());
  if (const Error err = check_quota(change.quotas, path, bytes, 1); err != Error::ok) return failed(err);

  parent_stat.cversion += 1;
  parent_stat.pzxid = change.zxid;
  NaiveTree::Node node{ask.data, *acl, {}};
  node.stat.czxid = node.stat.mzxid = node.stat.pzxid = change.zxid;
  node.stat.ctime = node.stat.mtime = change.time_ms;
  if (ask.op == OpCode::create_container) node.stat.ephemeral_owner = INT64_MIN;
  if (ask.op == OpCode::create_ttl) node.stat.ephemeral_owner = ttl_mark(ask.ttl_ms);
  if (ask.flags == 1 || ask.flags == 3) node.stat.ephemeral_owner = change.who.session;
  tree.nodes[path] = node;
  watches.on_created(path, *acl, parent->second.acl);
  Verdict verdict{Error::ok, path, fmt::format("create {} cv{}", path, parent_stat.cversion)};
  if (ask.op != OpCode::create) verdict.answer += " " + text_of(tree.stat_of(path));
  // The answer was made before: it has the data of the request.
  if (is_statistics(path)) recount_usage(tree, counted_path(path));
  count_usage(tree, path, bytes, 1);
  return verdict;
}

Verdict Model::remove(const Change& change, const Ask& ask) {
  const std::string& path = ask.path;
  if (path.find('/') == std::string::npos || is_servers_own(path)) return failed(Error::bad_arguments);
  const auto node = tree.nodes.find(path);
  const bool is_there = node != tree.nodes.end();
  const bool is_container = ask.op == OpCode::delete_container;
  if (is_container && !is_there) return failed(Error::no_node);
  if (is_container && !tree.children(path).empty()) return failed(Error::not_empty);
  if (is_container && is_ephemeral_owner(node->second.stat.ephemeral_owner)) return failed(Error::bad_version);
  const auto parent = tree.nodes.find(parent_path(path));
  if (parent == tree.nodes.end()) return failed(Error::no_node);
  if (!is_allowed(change.who, parent->second.acl, 8)) return failed(Error::no_auth);
  if (!is_there) return failed(Error::no_node);
  if (!is_container && ask.version != -1 && ask.version != node->second.stat.version) return failed(Error::bad_version);
  if (!tree.children(path).empty()) return failed(Error::not_empty);
  take_out(path, change.zxid);
  return Verdict{Error::ok, "", "delete " + path};
}

Verdict Model::set_data(const Change& change, const Ask& ask) {
  if (!is_valid_path(ask.path)) return failed(Error::bad_arguments);
  const auto at = tree.nodes.find(ask.path);
  if (at == tree.nodes.end()) return failed(Error::no_node);
  NaiveTree::Node& node = at->second;
  if (!is_allowed(change.who, node.acl, 2)) return failed(Error::no_auth);
  const auto bytes_more = static_cast<std::int64_t>(ask.data.size()) - static_cast<std::int64_t>(node.data.size());
  if (const Error err = check_quota(change.quotas, ask.path, bytes_more, 0); err != Error::ok) return failed(err);
  if (ask.version != -1 && ask.version != node.stat.version) return failed(Error::bad_version);
  node.data = ask.data;
  node.stat.version += 1;
  node.stat.mzxid = change.zxid;
  node.stat.mtime = change.time_ms;
  count_usage(tree, ask.path, bytes_more, 0);
  watches.on_data_changed(ask.path, node.acl);
  return Verdict{Error::ok, text_of(tree.stat_of(ask.path)), fmt::format("set {} v{}", ask.path, node.stat.version)};
}

Verdict Model::set_acl(const Change& change, const Ask& ask) {
  if (!is_valid_path(ask.path)) return failed(Error::bad_arguments);
  const auto acl = fixed_acl(change.who, ask.acl);
  if (!acl) return failed(Error::invalid_acl);
  const auto at = tree.nodes.find(ask.path);
  if (at == tree.nodes.end()) return failed(Error::no_node);
  NaiveTree::Node& node = at->second;
  if (!is_allowed(change.who, node.acl, 16)) return failed(Error::no_auth);
  if (ask.version != -1 && ask.version != node.stat.aversion) return failed(Error::bad_version);
  node.acl = *acl;
  node.stat.aversion += 1;
  return Verdict{Error::ok, text_of(tree.stat_of(ask.path)), fmt::format("acl {} v{}", ask.path, node.stat.aversion)};
}

Verdict Model::check(const Change& change, const Ask& ask) {
  if (!is_valid_path(ask.path)) return failed(Error::bad_arguments);
  const auto at = tree.nodes.find(ask.path);
  if (at == tree.nodes.end()) return failed(Error::no_node);
  if (!is_allowed(change.who, at->second.acl, 1)) return failed(Error::no_auth);
  if (ask.version != -1 && ask.version != at->second.stat.version) return failed(Error::bad_version);
  return Verdict{Error::ok, "", "check " + ask.path};
}

// If a part fails, the parts before it are undone, and those after it are not executed.
Verdict Model::multi(const Change& change, const Ask& ask) {
  // With an unknown create mode the whole request cannot be decoded.
  for (const Ask& part : ask.parts) {
    const bool is_plain_create = part.op == OpCode::create || part.op == OpCode::create2;
    if (is_plain_create && (part.flags < 0 || part.flags > 4)) return failed(Error::marshalling_error);
  }
  const auto tree_before = tree;
  const auto watches_before = watches;
  std::vector<std::string> parts;
  std::vector<std::string> logged;
  for (std::size_t i = 0; i < ask.parts.size(); ++i) {
    const Ask& part = ask.parts[i];
    const Verdict verdict = is_write_of_multi(part.op) ? single(change, part) : failed(Error::marshalling_error);
    if (verdict.err == Error::ok) {
      const bool is_create2 =
          part.op == OpCode::create2 || part.op == OpCode::create_container || part.op == OpCode::create_ttl;
      parts.push_back(fmt::format("({} {})", is_create2 ? 15 : static_cast<int>(part.op), verdict.answer));
      logged.push_back(verdict.logged);
      continue;
    }
    tree = tree_before;
    watches = watches_before;
    if (verdict.err == Error::marshalling_error) return verdict;
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

}  // namespace quoll::sim
