#include "sim/trial/requests.h"

#include <fmt/format.h>

#include "sim/trial/users.h"

namespace quoll::sim {

std::string some_path(Draft& draft) {
  return draft.pick({"/a", "/b", "/c", "/a/a", "/a/b", "/b/a", "/c/a", "/a/a/a", "/a/a/b", "/b/a/c"});
}

std::string some_data(Draft& draft) {
  return std::string(draft.chance.below(20), static_cast<char>('a' + draft.chance.below(26)));
}

AclList some_acl(Draft& draft) {
  const auto user = [&] { return Id{"digest", std::string(kUsers[draft.chance.below(kUsers.size())].identity)}; };
  const auto perms = static_cast<std::int32_t>(draft.one_in(2) ? 31 : draft.chance.below(32));
  switch (draft.chance.below(8)) {
    case 0:
      return {Acl{perms, Id{"auth", ""}}};
    case 1:
      return {Acl{perms, user()}, Acl{1, Id{"world", "anyone"}}};
    case 2:
      return {Acl{perms, user()}, Acl{perms, user()}};
    case 3:
      return {Acl{perms, Id{"ip", fmt::format("10.0.0.{}", 1 + draft.chance.below(3))}}};
    case 4:
      if (draft.one_in(4)) return {};
      if (draft.one_in(2)) return {Acl{31, Id{"nobody", "knows"}}};
      return {Acl{31, Id{"digest", "nocolon"}}};
    default:
      return open_to_all();
  }
}

Ask some_login(Draft& draft) {
  Ask login = ask_of(OpCode::auth);
  login.type = draft.one_in(20) ? kNobody : static_cast<int>(draft.chance.below(kUsers.size()));
  return login;
}

Ask some_write(Draft& draft) {
  using enum OpCode;
  Ask made = ask_of(create, some_path(draft));
  made.data = some_data(draft);
  made.version = draft.one_in(2) ? -1 : static_cast<std::int32_t>(draft.chance.below(4));
  switch (draft.chance.below(12)) {
    case 0:
    case 1:
    case 2:
    case 3:
      made.op = draft.one_in(2) ? create : create2;
      made.flags = static_cast<std::int32_t>(draft.pick({0, 0, 0, 1, 2, 3, 7}));
      break;
    case 4:
      made.op = create_container;
      made.flags = 4;
      break;
    case 5:
      made.op = create_ttl;
      made.flags = 5 + static_cast<std::int32_t>(draft.chance.below(2));
      made.ttl_ms = draft.between(0, 2000);
      break;
    case 6:
    case 7:
    case 8:
      made.op = remove;
      break;
    case 9:
    case 10:
      made.op = set_data;
      break;
    default:
      made.op = check;
  }
  if (draft.one_in(5)) made.acl = some_acl(draft);
  return made;
}

void add_write(Draft& draft) {
  Ask made = some_write(draft);
  if (made.op == OpCode::check) made.op = OpCode::set_data;
  if (draft.one_in(20)) made.op = OpCode::delete_container;
  if (draft.one_in(12)) {
    made.op = OpCode::set_acl;
    made.acl = some_acl(draft);
  }
  draft.add(std::move(made));
}

namespace {

void add_multi(Draft& draft) {
  using enum OpCode;
  Ask& asked = draft.ask(draft.one_in(8) ? multi_read : multi);
  const std::size_t count = draft.chance.below(6);
  for (std::size_t i = 0; i < count; ++i) {
    if (asked.op == multi) {
      asked.parts.push_back(some_write(draft));
      continue;
    }
    std::string path = some_path(draft);
    asked.parts.push_back(ask_of(draft.one_in(2) ? get_data : get_children, std::move(path)));
  }
}

}  // namespace

void add_read(Draft& draft) {
  using enum OpCode;
  Ask& read =
      draft.ask(draft.pick({exists, get_data, get_children, get_children2, get_acl, sync, get_all_children_number,
                            get_ephemerals, who_am_i, exists, get_data, get_children}));
  read.path = draft.one_in(6) ? "/" : some_path(draft);
  read.watch = draft.one_in(3) &&
               (read.op == exists || read.op == get_data || read.op == get_children || read.op == get_children2);
}

void add_watch_request(Draft& draft) {
  using enum OpCode;
  Ask& watch =
      draft.ask(draft.pick({exists, get_data, get_children, add_watch, add_watch, check_watches, remove_watches}));
  watch.path = draft.one_in(5) ? "/" : some_path(draft);
  watch.watch = watch.op == exists || watch.op == get_data || watch.op == get_children;
  watch.type = static_cast<std::int32_t>(watch.op == add_watch ? draft.chance.below(2) : 1 + draft.chance.below(5));
}

void add_any_request(Draft& draft) {
  const auto dice = draft.chance.below(20);
  if (dice < 9) return add_write(draft);
  if (dice < 12) return add_multi(draft);
  if (dice < 18) return add_read(draft);
  if (dice < 19) return add_watch_request(draft);
  if (draft.one_in(3)) draft.ask(OpCode::close_session);
}

}  // namespace quoll::sim
