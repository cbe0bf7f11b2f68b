// All options of a server. Their keys in zoo.cfg are defined in the config room.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "auth/schemes.h"
#include "env/network.h"
#include "machine/rules.h"
#include "server/ensemble_options.h"
#include "server/limits.h"
#include "store/options.h"
#include "store/session_secret.h"
#include "types/ids.h"

namespace quoll::server {

struct SnapshotOptions {
  std::int64_t count = 100000;  // snapCount: the maximum of transactions between snapshots (the minimum is half of it)
  std::int64_t log_kb = 4194304;       // snapSizeLimitInKb: the same as log size; <= 0: off
  std::int64_t purge_interval_ms = 0;  // autopurge.purgeInterval; 0: off
  int purge_retain = 3;                // autopurge.snapRetainCount
  std::string archive_dir;             // quoll.archiveDir; empty: there is no archive
  int slice_nodes = 500;               // znodes per slice, well below a millisecond of the loop's time
};

struct DiskOptions {
  // Writes are refused below this free space (on a small disk a twentieth of it), snapshots below the other (a tenth).
  std::int64_t reserve_bytes = std::int64_t{16} << 20;
  std::int64_t low_water_bytes = std::int64_t{64} << 20;
};

struct MemoryOptions {
  std::int64_t limit_bytes = 0;              // quoll.memoryLimit; 0: there is none
  std::function<std::int64_t()> used_bytes;  // of the process; asked every second
};

struct ContainerOptions {
  std::int64_t check_interval_ms = 60000;  // znode.container.checkIntervalMs
  int per_minute_max = 10000;              // znode.container.maxPerMinute
  std::int64_t never_used_ms = 0;          // znode.container.maxNeverUsedIntervalMs; 0: never
};

// Authentication required before any other request (enforce.auth.*, sessionRequireClientSASLAuth).
struct EnforcedAuth {
  bool enabled = false;
  std::vector<std::string> schemes;
  [[nodiscard]] bool requires_sasl() const {
    for (const auto& scheme : schemes) {
      if (scheme == "sasl") return enabled;
    }
    return false;
  }
};

struct Options {
  // Apache's standalone server creates session ids as server 1, but reports server id 0.
  ServerId session_server{1};
  std::vector<env::ListenOptions> client_ports;
  std::int64_t tick_ms = 3000;
  std::int64_t min_session_timeout_ms = 6000;
  std::int64_t max_session_timeout_ms = 60000;
  // The timeout granted to a client that asks for `asked_ms`.
  [[nodiscard]] std::int32_t agreed_timeout_ms(std::int32_t asked_ms) const {
    return static_cast<std::int32_t>(
        std::clamp<std::int64_t>(asked_ms, min_session_timeout_ms, max_session_timeout_ms));
  }
  Limits limits;
  Throttles throttles;
  machine::Rules rules;
  auth::Options auth;
  EnforcedAuth enforced_auth;
  bool allow_sasl_failed_clients = false;
  // quoll.sessionPasswords: a function of the session id alone, or also of a secret in the data directory.
  enum { of_apache, random } session_passwords = of_apache;
  store::SecretSource secret_source;  // for `random`
  std::set<std::string> sasl_super_users;
  store::Options store;
  SnapshotOptions snapshots;
  DiskOptions disk;
  MemoryOptions memory;
  ContainerOptions containers;
  std::optional<EnsembleOptions> ensemble;  // nullopt: the server runs alone
  std::int64_t fsync_warning_ms = 1000;
};

}  // namespace quoll::server
