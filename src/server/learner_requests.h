// What learners ask their leader for on behalf of their clients: writes, syncs, taking up sessions, and which sessions
// they have heard from (org.apache.zookeeper.server.quorum.LearnerHandler).
#pragma once

#include <deque>
#include <functional>
#include <string_view>
#include <utility>

#include "server/connections.h"
#include "server/core.h"
#include "server/proposer.h"
#include "zab/effects.h"

namespace quoll::server {

class LearnerRequests {
 public:
  using Send = std::function<void(zab::LinkId, zab::ServerPacket)>;
  LearnerRequests(Core& core, Connections& connections, Proposer& proposer, Send send)
      : core_(core), connections_(connections), proposer_(proposer), send_(std::move(send)) {}

  // Only while this server leads.
  void on_packet(zab::LinkId from, const zab::ServerPacket& packet);
  // More has been committed: answers the syncs that waited for it.
  void on_committed();
  // This server no longer leads.
  void forget() { syncs_.clear(); }

 private:
  void on_request(zab::LinkId from, const zab::ServerPacket& packet);
  void on_write(zab::LinkId from, SessionId session, std::int32_t cxid, OpCode op, std::string_view body,
                const auth::Identities& identities);
  void on_sync(zab::LinkId from);
  void on_revalidate(zab::LinkId from, const zab::ServerPacket& packet);
  void on_touches(std::string_view data);

  Core& core_;
  Connections& connections_;
  Proposer& proposer_;
  Send send_;
  struct Sync {
    Zxid behind;  // is answered when this is committed
    zab::LinkId from;
  };
  std::deque<Sync> syncs_;
};

}  // namespace quoll::server
