#include "sim/trial/plan.h"

#include <fmt/format.h>

namespace quoll::sim {

namespace {

const char* name_of(Item::Kind kind) {
  constexpr const char* kNames[] = {"ask",
                                    "hang up",
                                    "cut",
                                    "silence",
                                    "move",
                                    "forget",
                                    "stop reading",
                                    "half request",
                                    "wrong password",
                                    "kill",
                                    "kill after",
                                    "power cut",
                                    "power cut, torn",
                                    "power off after",
                                    "kill, then power cut",
                                    "stand still",
                                    "hang disk",
                                    "slow disk",
                                    "slow network",
                                    "lossy network",
                                    "full disk",
                                    "set clock",
                                    "repeat clock",
                                    "spoil snapshot",
                                    "spoil log",
                                    "spoil mark",
                                    "read error",
                                    "read error later",
                                    "log error",
                                    "snapshot error"};
  return kNames[static_cast<std::size_t>(kind)];
}

}  // namespace

AclList open_to_all() {
  return {Acl{perm::kAll, Id{"world", "anyone"}}};
}

Ask ask_of(OpCode op, std::string path) {
  Ask ask;
  ask.op = op;
  ask.path = std::move(path);
  ask.acl = open_to_all();
  return ask;
}

std::string text_of(const Ask& ask) {
  std::string text = fmt::format("op {} {}", static_cast<int>(ask.op), ask.path);
  if (ask.path_from == Ask::From::last_created) text += "(last created)";
  if (ask.path_from == Ask::From::first_child) text += "(first child)";
  if (ask.flags != 0) text += fmt::format(" flags {}", ask.flags);
  if (ask.version != -1) text += fmt::format(" version {}", ask.version);
  if (!ask.data.empty()) text += fmt::format(" data of {}", ask.data.size());
  if (ask.watch) text += " watch";
  if (ask.type != 0) text += fmt::format(" type {}", ask.type);
  for (const Ask& part : ask.parts) text += " {" + text_of(part) + "}";
  return text;
}

std::string text_of(const Item& item) {
  std::string text = fmt::format("{:>9} us ", item.at_us);
  if (item.client >= 0) text += fmt::format("client {} ", item.client);
  if (item.kind == Item::Kind::ask) return text + (item.alone ? "alone " : "") + text_of(item.ask);
  return text + fmt::format("{} {}", name_of(item.kind), item.amount);
}

}  // namespace quoll::sim
