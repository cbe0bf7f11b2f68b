// The model: results of reads, and the watches that they set.
#include <fmt/format.h>

#include "sim/trial/model.h"
#include "sim/trial/plain_text.h"

namespace quoll::sim {

namespace {

Verdict good(std::string answer) {
  return Verdict{Error::ok, std::move(answer), {}};
}

std::string user_of(const Id& id) {
  return id.scheme == "digest" ? id.id.substr(0, id.id.find(':')) : id.id;
}

// A client that may not change the ACL does not see its passwords.
AclList without_passwords(AclList acl) {
  for (Acl& entry : acl) {
    if (entry.id.scheme == "digest") entry.id.id = user_of(entry.id) + ":x";
  }
  return acl;
}

}  // namespace

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
  watches.fired.clear();
  const std::string& path = ask.path;
  const auto at = tree.nodes.find(path);
  const auto readable = [&](std::int32_t perms) {
    if (at == tree.nodes.end()) return Error::no_node;
    return is_allowed(who, at->second.acl, perms) ? Error::ok : Error::no_auth;
  };
  switch (ask.op) {
    case OpCode::ping:
      return {};
    case OpCode::set_watches:
    case OpCode::set_watches2:
      watches.renew(watcher, ask, tree);
      return {};
    case OpCode::sync:
      return good(path);
    case OpCode::exists: {
      const Error err = readable(1);
      if (err == Error::no_auth) return failed(err);
      if (ask.watch) watches.watch_data(watcher, path);
      return err != Error::ok ? failed(err) : good(text_of(tree.stat_of(path)));
    }
    case OpCode::get_data: {
      if (const Error err = readable(1); err != Error::ok) return failed(err);
      if (ask.watch) watches.watch_data(watcher, path);
      return good(short_of(at->second.data) + " " + text_of(tree.stat_of(path)));
    }
    case OpCode::get_children:
    case OpCode::get_children2: {
      if (const Error err = readable(1); err != Error::ok) return failed(err);
      if (ask.watch) watches.watch_children(watcher, path);
      std::string answer = fmt::format("{}", fmt::join(tree.children(path), " "));
      if (ask.op == OpCode::get_children2) answer += " " + text_of(tree.stat_of(path));
      return good(answer);
    }
    case OpCode::get_acl: {
      if (const Error err = readable(1 | 16); err != Error::ok) return failed(err);
      const AclList& acl = at->second.acl;
      const AclList shown = is_allowed(who, acl, 16) ? acl : without_passwords(acl);
      return good(text_of(shown) + " " + text_of(tree.stat_of(path)));
    }
    case OpCode::get_all_children_number: {
      if (const Error err = readable(1); err != Error::ok) return failed(err);
      return good(std::to_string(tree.count_below(path)));
    }
    case OpCode::get_ephemerals: {
      std::vector<std::string> mine;
      for (const auto& [name, node] : tree.nodes) {
        if (node.stat.ephemeral_owner == who.session && name.starts_with(path)) mine.push_back(name);
      }
      return good(fmt::format("{}", fmt::join(mine, " ")));
    }
    case OpCode::who_am_i: {
      std::string answer;
      for (const Id& id : who.identities) answer += id.scheme + "=" + user_of(id) + " ";
      return good(answer);
    }
    case OpCode::multi_read:
      return multi_read(who, ask);
    case OpCode::add_watch:
      watches.add(watcher, ask);
      return good("err0");
    case OpCode::check_watches:
    case OpCode::remove_watches:
      return failed(watches.find_or_remove(watcher, ask) ? Error::ok : Error::no_watcher);
    default:
      return failed(Error::unimplemented);
  }
}

}  // namespace quoll::sim
