// Where the members of an ensemble listen for each other, and the limits of the connections between them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "env/network.h"
#include "quorum/authentication.h"
#include "types/ids.h"
#include "wire/quorum_frames.h"

namespace quoll::quorum {

struct PortPair {
  std::string host;
  std::uint16_t quorum_port = 0;
  std::uint16_t election_port = 0;
};

// The first address is tried first, the others when it fails.
struct MemberPorts {
  std::vector<PortPair> addresses;
};

struct Options {
  ServerId self;
  // The server itself and all others, observers too. Nobody else is dialled or believed.
  std::map<ServerId, MemberPorts> members;
  bool listen_on_all = false;                          // quorumListenOnAllIPs
  env::Security accepts = env::Security::plain;        // sslQuorum, portUnification
  env::Security connects_with = env::Security::plain;  // plain or tls: sslQuorum
  // SASL between servers (quorum.auth.enableSasl); nullptr: off.
  std::shared_ptr<const Authentication> authentication;
  // cnxTimeout: for a connection to be made, for SASL on it, and for the hello and SASL on one that was accepted.
  std::int64_t connect_timeout_ms = 5'000;
  // An election connection on which the other end confirms nothing for so long is given up and made anew: after a
  // partition of the network it would otherwise stay silent for minutes.
  std::int64_t election_unconfirmed_ms_max = 10'000;
  // For SASL and the first packet of a learner.
  std::int64_t first_packet_timeout_ms = 5'000;
  // Connections to one port whose other end has not said who it is; over it the oldest is closed.
  std::size_t unauthenticated_max = 64;
  // What waits to be sent to one learner, and to the leader; over it the link is closed.
  std::size_t link_queue_bytes_max = std::size_t{256} << 20;
  // The largest packet.
  wire::QuorumLimits packet_limits;
};

}  // namespace quoll::quorum
