// What a member of an ensemble says of its part in it, to people and to monitoring
// (org.apache.zookeeper.server.quorum: QuorumZooKeeperServer, LeaderZooKeeperServer, QuorumPeer.getDetailedPeerState).
#pragma once

#include <string>
#include <vector>

#include "admin/metric_sink.h"
#include "server/server.h"

namespace quoll::admin {

[[nodiscard]] inline bool is_member(const server::Server& server) {
  return server.core().options.ensemble.has_value();
}

// "leading - broadcast", "following - synchronization", "looking".
std::string peer_state_of(const server::Server& server);

// The metrics that only a member of an ensemble has; nothing on a server that runs alone.
void add_ensemble_gauges(const server::Server& server, MetricSink& metrics);

// The lines that `conf` prints behind those of a server that runs alone. The last one has no end of line, as Apache's
// has none.
std::string membership_lines(const server::EnsembleOptions& ensemble);

// For the state dump: which role, in which epoch, who follows and who is missing; while it looks for a leader, what it
// waits for.
std::vector<std::string> ensemble_state(const server::Server& server);

}  // namespace quoll::admin
