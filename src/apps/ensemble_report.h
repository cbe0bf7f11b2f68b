// What the servers of an ensemble say of themselves, side by side, and what is wrong with it. Pure functions, without
// connections.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

namespace quoll::apps {

struct AskedServer {
  std::string name;  // "zk1:2181"
  // What it said, or why it said nothing.
  std::expected<std::string, std::string> srvr;
  std::expected<std::string, std::string> mntr;
  std::expected<std::string, std::string> metrics = {};  // its page for Prometheus
};

// What a server does not tell is left out.
struct ServerStatus {
  std::string name;
  std::string role;  // as Apache's servers have it, or "down", "not serving", "unknown"
  bool is_serving = false;
  std::optional<std::int64_t> zxid;
  std::optional<std::int64_t> lag;  // transactions that another server of the same epoch has and this one has not
  std::optional<std::int64_t> connections;
  std::optional<std::int64_t> outstanding;
  std::optional<std::int64_t> znodes;
  std::optional<std::int64_t> disk_free_bytes;  // of the fuller disk
  std::string version;
};

struct StatusFinding {
  std::string server;  // empty: the ensemble
  std::string what;
  std::string advice;
};

struct EnsembleReport {
  std::vector<ServerStatus> servers;
  std::vector<StatusFinding> findings;
  // At least one of the asked servers serves.
  bool is_served = false;
};

EnsembleReport report_on(const std::vector<AskedServer>& asked);

}  // namespace quoll::apps
