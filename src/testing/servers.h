// The servers of a fake ensemble, each on a machine of its own.
#pragma once

#include <cstdint>
#include <fmt/format.h>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "server/server.h"
#include "sim/machine.h"

namespace quoll::testing {

class Servers {
 public:
  static constexpr std::uint16_t kClientPort = 2181;

  // They are numbered from 1, and do not run yet.
  Servers(sim::Simulation& simulation, int count);
  ~Servers();
  Servers(const Servers&) = delete;
  Servers& operator=(const Servers&) = delete;

  // Nothing happens if it runs already.
  void start(int id);
  // Kills its process. Nothing happens if it does not run.
  void stop(int id);
  [[nodiscard]] int count() const { return static_cast<int>(nodes_.size()); }
  // 0: none.
  [[nodiscard]] int leader() const;
  // All that run serve, and one leads.
  [[nodiscard]] bool all_serve() const;
  // As the leader knows; false if none leads.
  [[nodiscard]] bool has_session(std::int64_t session) const;
  [[nodiscard]] static std::string name_of(int id) { return fmt::format("server{}", id); }

 private:
  struct Node {
    Node(sim::Simulation& simulation, int id) : machine(simulation, name_of(id), fmt::format("10.1.0.{}", id)) {}
    sim::Machine machine;
    std::unique_ptr<server::Server> server;  // null: it does not run
  };
  [[nodiscard]] server::Options options_of(int id) const;

  std::vector<server::EnsembleMember> members_;
  std::string text_;
  std::map<int, Node> nodes_;
};

}  // namespace quoll::testing
