// One member of an ensemble as the agreement sees it: exactly one role at a time, events in, effects out. Standalone is
// an ensemble of one that leads from the start.
#pragma once

#include <string>
#include <variant>

#include "types/ids.h"
#include "zab/effects.h"
#include "zab/leading.h"

namespace quoll::zab {

// Knows no leader (yet): nothing is proposed, nothing committed.
struct Looking {
  Zxid last_logged;
};

class Peer {
 public:
  explicit Peer(ServerId self) : self_(self), role_(Looking{}) {}

  // Recovery has found history up to `last`; an ensemble of one needs nobody else's vote.
  void lead_alone(Zxid last) { role_.emplace<Leading>(self_, 1, last); }

  // nullptr: this server doesn't lead.
  Leading* leading() { return std::get_if<Leading>(&role_); }
  void on(const LogFlushed& flushed, Effects& out) {
    if (auto* const leader = leading()) leader->on(flushed, out);
  }

 private:
  ServerId self_;
  std::variant<Looking, Leading> role_;
};

}  // namespace quoll::zab
