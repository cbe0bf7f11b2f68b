// Services: who offers one, and which of them to use.
//
// An instance of a service is a member (members.h) of the group <base>/<name>, with an ephemeral znode
// <base>/<name>/<id> whose data is the JSON of Apache Curator's ServiceDiscovery, so that programs with Curator and
// with this library find each other. What can fail is said there. Instances that are not enabled, and znodes whose data
// is no instance, are not chosen.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "env/random.h"
#include "recipes/members.h"

namespace quoll::recipes {

// org.apache.curator.x.discovery.ServiceInstance, in the JSON of its JsonInstanceSerializer.
struct ServiceInstance {
  std::string name;
  std::string id;
  std::string address;
  std::optional<std::int32_t> port = {};
  std::optional<std::int32_t> ssl_port = {};
  std::optional<std::string> payload = {};  // of other types than strings: their JSON
  std::int64_t registered_ms = 0;           // since 1970
  bool is_enabled = true;
};
std::string to_json(const ServiceInstance& instance);
std::optional<ServiceInstance> from_json(std::string_view json);

enum class Choice {
  round_robin,   // one after the other
  random,        //
  weighted,      // at random, in proportion to the numbers that are their payloads; without a number: 1
  sticky,        // always the same, as long as it is there
  least_loaded,  // the one with the fewest uses that are not done(): of this program
};

// Chooses among instances; knows nothing of servers.
class Chooser {
 public:
  Chooser(Choice how, env::Random& random) : how_(how), random_(random) {}
  // Nothing if there is none. `instances` in a fixed order.
  std::optional<ServiceInstance> choose(std::vector<ServiceInstance> instances);
  void done(const std::string& id);

 private:
  [[nodiscard]] std::size_t index_of_choice(const std::vector<ServiceInstance>& instances);
  const Choice how_;
  env::Random& random_;
  std::size_t next_ = 0;
  std::string last_id_;
  std::map<std::string, int> uses_;
};

// One service, for those who offer it and for those who use it. It must be destroyed before the client.
class Service {
 public:
  Service(client::Client& client, const client::World& world, const std::string& base, std::string name, Choice how);
  // `done` is called when the instances are known.
  void start(client::Done<void> done);
  // Offers an instance until withdraw(), or the end of the session. An empty id gets a random one, as in Curator;
  // `name` and `registered_ms` are filled in.
  void offer(ServiceInstance instance, client::Done<void> done);
  void withdraw(client::Done<void> done) { members_.leave(std::move(done)); }

  // In the order in which they were registered.
  [[nodiscard]] std::vector<ServiceInstance> instances() const;
  std::optional<ServiceInstance> choose() { return chooser_.choose(instances()); }
  void done(const std::string& id) { chooser_.done(id); }

 private:
  const client::World world_;
  const std::string name_;
  Chooser chooser_;
  client::Done<void> started_;
  Members members_;
};

}  // namespace quoll::recipes
