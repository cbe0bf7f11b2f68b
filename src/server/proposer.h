// Turns the writes of a leader's clients, of its learners and of the server itself into transactions, and proposes
// them. A server that runs alone is a leader, too.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include "server/core.h"
#include "zab/packet.h"

namespace quoll::server {

class Proposer {
 public:
  using Propose = std::function<void(Zxid, zab::Record, std::int64_t received_us)>;
  Proposer(Core& core, Propose propose) : core_(core), propose_(std::move(propose)) {}

  // The connections of this server's own clients, as an owner of their sessions. Learners' links have greater numbers.
  static constexpr session::SessionTable::Owner kHere = 0;

  // When a request arrived, by the elapsed clock, and where.
  struct Arrival {
    std::int64_t us;
    session::SessionTable::Owner owner = kHere;
  };
  // Prepares the request against all earlier proposals and proposes the result; a request that fails becomes an error
  // transaction. Returns its zxid. Only a leader that is broadcasting may call this.
  Zxid propose(const machine::Request& request, const Arrival& arrival);
  // The same for a request that is not to be prepared, because its body cannot be decoded.
  Zxid propose_refused(const machine::Request& request, Error error, std::int64_t received_us);

  // Updates the metrics of pending changes.
  void note_changes();

 private:
  machine::Preparer::Result prepare(const machine::Request& request, session::SessionTable::Owner owner, Zxid zxid);
  void note_sessions(const machine::Request& request, session::SessionTable::Owner owner);
  Zxid propose(const machine::Preparer::Result& result, std::int64_t received_us);

  Core& core_;
  Propose propose_;
  std::size_t changes_ = 0;
};

}  // namespace quoll::server
