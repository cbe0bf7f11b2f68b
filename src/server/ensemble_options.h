// How this server takes part in an ensemble. Without these options a server runs alone.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "quorum/options.h"
#include "types/ids.h"
#include "zab/configuration.h"
#include "zab/election.h"
#include "zab/member_state.h"

namespace quoll::server {

using MemberPorts = quorum::PortPair;

struct EnsembleMember {
  zab::Member member;  // id, role, weight and group
  // Where it listens for other members. The first address is tried first, the others when it does not answer
  // (multiAddress.enabled).
  std::vector<MemberPorts> ports;
};

struct EnsembleOptions {
  ServerId self;  // dataDir/myid; one of `members`
  std::vector<EnsembleMember> members;
  bool has_groups = false;  // group.N and weight.N are configured: quorums are hierarchical
  std::int64_t version = 0;
  // The configuration as text: what /zookeeper/config holds and what members tell each other.
  std::string text;
  zab::Times times;                                    // tickTime, initLimit, syncLimit
  zab::ElectionTimes election;                         // fastleader.*
  bool listens_on_all_addresses = false;               // quorumListenOnAllIPs
  std::int64_t connect_timeout_ms = 5000;              // cnxTimeout
  env::Security accepts = env::Security::plain;        // from other servers: sslQuorum, portUnification
  env::Security connects_with = env::Security::plain;  // to other servers: sslQuorum
  // SASL between servers: quorum.auth.*; nullptr: off.
  std::shared_ptr<const quorum::Authentication> authentication;
  bool leader_serves = true;                          // leaderServes
  std::uint32_t epoch_transactions_max = 0xfff00000;  // see zab::MemberState::counter_max
  zab::History::Limits history;                       // what is kept to bring learners up to date one by one
};

}  // namespace quoll::server
