// Services: who offers one, and which of them to use. With the znodes and the JSON of Apache Curator's
// ServiceDiscovery.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "quoll/client.h"

namespace quoll::zk {

struct ServiceInstance {
  std::string name = {};  // filled in by offer()
  std::string id = {};    // empty: a random one
  std::string address = {};
  std::optional<std::int32_t> port = {};
  std::optional<std::int32_t> ssl_port = {};
  std::optional<std::string> payload = {};  // of other types than strings: their JSON
  std::int64_t registered_ms = 0;           // since 1970; filled in by offer()
  bool is_enabled = true;
};

// How to choose among instances.
enum class Choice {
  round_robin,   // one after the other
  random,        //
  weighted,      // at random, in proportion to the numbers that are their payloads; without a number: 1
  sticky,        // always the same, as long as it is there
  least_loaded,  // the one with the fewest uses of this program that are not done()
};

// One service, for those who offer it and for those who use it. Any thread may use it, several at once. The client must
// outlive it.
class QUOLL_API Service {
 public:
  // Instances are znodes <base>/<name>/<id>.
  Service(Client& client, const std::string& base, std::string name, Choice how = Choice::round_robin);
  // Withdraws.
  ~Service();
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  // Waits until the instances are known. First, and once.
  Result<void> start();
  // Offers one instance, until withdraw() or the end of the session.
  Result<void> offer(const ServiceInstance& instance);
  Result<void> withdraw();
  // From a cache: without asking a server. In the order in which they were registered.
  [[nodiscard]] std::vector<ServiceInstance> instances() const;
  // Nothing if nobody offers the service.
  std::optional<ServiceInstance> choose();
  // A use of an instance has ended; for least_loaded.
  void done(const ServiceInstance& instance);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace quoll::zk
