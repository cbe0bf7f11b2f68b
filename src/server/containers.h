// Removes containers that have become empty and TTL nodes that are too old
// (org.apache.zookeeper.server.ContainerManager).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "server/core.h"
#include "server/requests.h"

namespace quoll::server {

class Containers {
 public:
  Containers(Core& core, Requests& requests) : core_(core), requests_(requests) {}
  void start();

 private:
  void check();
  // Deletes the next candidate and waits, so that no more than the limit go in a minute.
  void delete_next();
  [[nodiscard]] std::vector<std::string> candidates() const;

  Core& core_;
  Requests& requests_;
  std::vector<std::string> due_;
  std::unique_ptr<env::Timer> timer_;
};

}  // namespace quoll::server
