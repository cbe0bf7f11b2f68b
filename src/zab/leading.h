// The leader's role: it numbers proposals, counts acknowledgements, and commits a proposal when a quorum has it on
// disk.
#pragma once

#include <deque>
#include <set>
#include <string>

#include "types/ids.h"
#include "zab/effects.h"

namespace quoll::zab {

class Leading {
 public:
  // `last`: the newest zxid in the leader's own history. `quorum`: the number of servers that must acknowledge a
  // proposal.
  Leading(ServerId self, std::size_t quorum, Zxid last)
      : self_(self), quorum_(quorum), last_proposed_(last), last_committed_(last) {}

  [[nodiscard]] Zxid next_zxid() const { return last_proposed_.next(); }
  // `zxid` must be next_zxid(). The bytes are a serialized transaction, opaque to this class.
  void propose(Zxid zxid, std::string bytes, Effects& out);
  // The server `from` has everything up to and including `up_to` on stable storage.
  void on_ack(ServerId from, Zxid up_to, Effects& out);
  void on(const LogFlushed& flushed, Effects& out) { on_ack(self_, flushed.up_to, out); }

  [[nodiscard]] Zxid last_proposed() const { return last_proposed_; }
  [[nodiscard]] Zxid last_committed() const { return last_committed_; }
  [[nodiscard]] std::size_t outstanding() const { return proposals_.size(); }

 private:
  struct Proposal {
    Zxid zxid;
    std::string bytes;
    std::set<ServerId> acks;
  };
  ServerId self_;
  std::size_t quorum_;
  Zxid last_proposed_;
  Zxid last_committed_;
  std::deque<Proposal> proposals_;
};

}  // namespace quoll::zab
