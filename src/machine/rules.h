// The settings of the state machine.
#pragma once

#include <cstddef>
#include <cstdint>

#include "auth/schemes.h"
#include "tree/tree.h"
#include "types/create_mode.h"

namespace quoll::machine {

struct Rules {
  OwnerRules owner_rules;                                             // extendedTypesEnabled, emulate353TTLNodes
  tree::Digests digests = tree::Digests::on;                          // digest.enabled
  enum { soft_only, hard } quotas = soft_only;                        // enforceQuota
  enum { with_paths, without_paths } close_session_txn = with_paths;  // closeSessionTxn.enabled
  enum { disabled, enabled } reconfig = disabled;                     // reconfigEnabled
  std::size_t reply_bytes_max = std::size_t{48} << 20;                // quoll.replyBytesMax
  std::size_t watch_bytes_per_connection = std::size_t{128} << 20;    // quoll.watchBytesPerConnection
  std::size_t watch_bytes_max = std::size_t{1} << 40;                 // quoll.watchBytesMax
};

}  // namespace quoll::machine
