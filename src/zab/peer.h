// One server's part in the agreement protocol. It has exactly one role at a time; it takes events and returns effects.
// A standalone server is an ensemble of one that leads from the start.
#pragma once

#include <string>
#include <variant>

#include "types/ids.h"
#include "zab/effects.h"
#include "zab/leading.h"

namespace quoll::zab {

// The role of a server that knows no leader: it proposes and commits nothing.
struct Looking {
  Zxid last_logged;
};

class Peer {
 public:
  explicit Peer(ServerId self) : self_(self), role_(Looking{}) {}

  // `last`: the newest zxid that recovery found. In an ensemble of one no election is needed.
  void lead_alone(Zxid last) { role_.emplace<Leading>(self_, 1, last); }

  // nullptr if this server does not lead.
  Leading* leading() { return std::get_if<Leading>(&role_); }
  void on(const LogFlushed& flushed, Effects& out) {
    if (auto* const leader = leading()) leader->on(flushed, out);
  }

 private:
  ServerId self_;
  std::variant<Looking, Leading> role_;
};

}  // namespace quoll::zab
