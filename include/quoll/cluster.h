// A cluster manager: members, of which an elected master divides items of work among all, and divides them anew when a
// member comes or goes. At most one member works on an item at a time.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "quoll/client.h"

namespace quoll::zk {

struct Member {
  std::string id;
  std::string data;
  std::int64_t czxid = 0;  // of its znode: larger than those of all who joined before
};

struct ClusterOptions {
  std::string path;       // created if it is missing
  std::string id;         // unique among the members
  std::string data = {};  // for the other members: an address, for example
};

struct ClusterEvent {
  enum class Kind {
    joined,      // a member `name`, perhaps this one
    left,        //
    changed,     // a member's data
    master,      // this member divides the work now
    not_master,  // not any more
    begin,       // work on item `name`
    end,         // stop to work on it, then call finished()
    ended,       // the session is over: stop all work, and begin again with a new client
    missed,      // events were not taken in time: look at members() and work()
  };
  Kind kind = Kind::joined;
  std::string name;
  std::string data;
};

// One member. Any thread may use it, several at once. Events must be taken: above 10,000 they are replaced by `missed`.
class QUOLL_API Cluster {
 public:
  // The client must outlive it.
  Cluster(Client& client, ClusterOptions options);
  // Leaves.
  ~Cluster();
  Cluster(const Cluster&) = delete;
  Cluster& operator=(const Cluster&) = delete;

  // Waits until this member is in: also for the end of the session of an earlier member with this id. Once.
  Result<void> join();
  std::optional<ClusterEvent> next(std::chrono::milliseconds patience);
  // Adds an item of work, or changes its data; removes it. Any member may do it. The name is that of a znode.
  Result<void> add_work(const std::string& item, const std::string& data = {});
  Result<void> remove_work(const std::string& item);
  // After `end`: this member does nothing for the item any more, and another one may begin.
  void finished(const std::string& item);
  // As Client::multi, if this member still has the item when the server carries it out. Otherwise nothing happens, and
  // the failure is no_node at operation 0; `operations` count from 1.
  Result<std::vector<OperationResult>> write(const std::string& item, const std::vector<Operation>& operations);
  // True as long as no other member can work on the item.
  [[nodiscard]] bool surely_works_on(const std::string& item) const;

  [[nodiscard]] std::vector<Member> members() const;  // in the order in which they joined
  [[nodiscard]] std::vector<std::string> work() const;
  [[nodiscard]] bool is_master() const;
  // As if all work were finished.
  Result<void> leave();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace quoll::zk
