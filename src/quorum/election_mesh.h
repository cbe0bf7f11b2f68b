// The connections between the election ports of all members: one for each pair, over which each tells the other its
// vote (org.apache.zookeeper.server.quorum.QuorumCnxManager). Who dials and which connection stays: mesh_peer.h.
//
// Only configured members are dialled, and only at their configured addresses: what a hello says of addresses is not
// used for that. A hello that names this server itself, no member, or the address of another member than it names is
// refused, with a line that says so. With SASL (authentication.h) nothing happens to the connection that there is
// before the new one has authenticated.
#pragma once

#include <expected>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "env/env.h"
#include "quorum/event_queue.h"
#include "quorum/greetings.h"
#include "quorum/listeners.h"
#include "quorum/mesh_peer.h"
#include "quorum/options.h"

namespace quoll::quorum {

class ElectionMesh {
 public:
  // All references must outlive this object. Tells NotificationReceived, PeerReachable and PeerUnreachable.
  ElectionMesh(env::Env& env, const Options& options, Tell tell);
  ElectionMesh(const ElectionMesh&) = delete;
  ElectionMesh& operator=(const ElectionMesh&) = delete;

  // Takes the election port.
  [[nodiscard]] std::expected<void, std::string> bind();
  // Accepts connections from now on.
  void start() { listeners_.start(); }
  // To another member. It may be lost with the connection. When PeerReachable tells of a new one, whoever is in an
  // election says its vote again; what a server said before may be out of date.
  void send(ServerId to, const zab::Notification& notification);

  struct PeerStatus {
    ServerId id;
    MeshPeer::State state = MeshPeer::State::idle;
    MeshPeer::Reach reach = MeshPeer::Reach::unknown;
    std::string address;
    std::string last_error;  // empty, or of the last attempt that failed
  };
  [[nodiscard]] std::vector<PeerStatus> status() const;

 private:
  void on_hello(Greetings::Guest guest);
  [[nodiscard]] std::string objection_to(const wire::ElectionHello& hello) const;

  env::Env& env_;
  const Options options_;
  EventQueue events_;
  std::map<ServerId, std::unique_ptr<MeshPeer>> peers_;
  Greetings greetings_;
  Listeners listeners_;
};

}  // namespace quoll::quorum
