// Removes empty containers and expired TTL nodes (org.apache.zookeeper.server.ContainerManager).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/core.h"
#include "server/requests.h"

namespace quoll::server {

class Containers {
 public:
  Containers(const Core& core, Requests& requests) : core_(core), requests_(requests) {}
  void start();
  void stop() { timer_.reset(); }

 private:
  void check();
  // Deletes the next node that is due and schedules the following one so that the limit per minute is kept.
  void delete_next();
  // The path of the znode if it is to be deleted now.
  [[nodiscard]] std::optional<std::string> due_path(tree::NodeId id) const;

  const Core& core_;
  Requests& requests_;
  // Those to look at; they may be many, and change or go meanwhile. The last one is next.
  std::vector<tree::NodeId> candidates_;
  std::unique_ptr<env::Timer> timer_;
};

}  // namespace quoll::server
