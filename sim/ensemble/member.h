// A member of a simulated ensemble: a machine, and the server that runs on it at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "server/server.h"
#include "sim/ensemble/member_log.h"
#include "sim/machine.h"

namespace quoll::sim {

inline constexpr std::uint16_t kClientPort = 2181;
inline constexpr std::uint16_t kQuorumPort = 2888;
inline constexpr std::uint16_t kElectionPort = 3888;

class Member {
 public:
  // `options` without what differs between members.
  Member(Simulation& simulation, int id, server::Options options);
  ~Member();
  Member(const Member&) = delete;
  Member& operator=(const Member&) = delete;

  // Starts a process. False: it refuses to start; failure() says why.
  bool start();
  void end(Machine::Ending ending);
  // The next process finds an empty disk.
  void wipe();

  [[nodiscard]] int id() const { return id_; }
  [[nodiscard]] const std::string& name() const { return machine.name(); }
  [[nodiscard]] bool is_running() const { return server_ != nullptr; }
  [[nodiscard]] bool is_serving() const { return server_ != nullptr && server_->is_serving(); }
  [[nodiscard]] bool is_leading() const { return is_serving() && server_->core().leading() != nullptr; }
  [[nodiscard]] server::Server& server() { return *server_; }
  [[nodiscard]] std::int64_t zxid() const { return server_->core().zxid(); }
  // Counts processes.
  [[nodiscard]] std::int64_t lives() const { return lives_; }
  // Why the process wants to end, or did not start.
  [[nodiscard]] const std::optional<std::string>& failure() const { return failure_; }
  [[nodiscard]] const server::Options& options() const { return options_; }

  Machine machine;
  MemberLog log;

 private:
  int id_;
  server::Options options_;
  std::unique_ptr<server::Server> server_;
  std::int64_t lives_ = 0;
  std::optional<std::string> failure_;
};

}  // namespace quoll::sim
