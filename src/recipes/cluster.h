// A cluster manager: members, of which an elected master divides items of work among all, and divides them anew when a
// member comes or goes. At most one member works on an item at a time.
//
//   <path>/members/<id>   ephemeral: the member and its data                        (members.h)
//   <path>/master         the election of the master, with the names of Curator's leader latch   (line.h)
//   <path>/work/<item>    what there is to do, with its data
//   <path>/assigned/<id>  the items of a member, one a line; written by the master alone
//   <path>/claims/<item>  ephemeral: the member that works on the item
//
// The master compares the caches of members, work and assignments with what balance() wants, and writes the difference
// in one multi, which checks that it is still the master (guard.h) and that nobody has written meanwhile (versions). A
// member that is assigned an item claims it before it begins, and gives the claim up when it has finished: so an item
// that is moved is begun by its new member after the old one has stopped.
// - A member dies: its znodes go with its session; the master assigns its items to others, whose claims succeed then.
// - The master dies: the next one continues from the assignments in ZooKeeper. Work goes on meanwhile.
// - A master that was suspended: its multi is refused.
// - A member that was suspended and whose session has ended: it hears `ended`, and has nothing any more. What it writes
//   with write() is refused by the server, because its claim is gone.
// - A member that does not finish an item that is taken from it: nobody else gets it while its session lives.
// Items are limited by the size of a znode: the names of one member's items must have less than 1 MiB together.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "client/steps.h"
#include "recipes/balance.h"
#include "recipes/cache.h"
#include "recipes/line.h"
#include "recipes/members.h"

namespace quoll::recipes {

struct ClusterOptions {
  std::string path;
  std::string id;    // unique among the members
  std::string data;  // for the other members: an address, for example
};

struct ClusterEvent {
  enum class Kind {
    joined,      // another member, or this one
    left,        //
    changed,     // a member's data
    master,      // this member is the master now
    not_master,  // it is not any more
    begin,       // this member begins to work on `name`
    end,         // it stops, and calls finished()
    ended,       // the session is over: this member has no work any more
  };
  Kind kind = Kind::joined;
  std::string name = {};  // of the member, or of the item
  std::string data = {};
};

// It must be destroyed before the client, and not inside its own functions; leave() first.
class Cluster {
 public:
  Cluster(client::Client& client, const client::World& world, ClusterOptions options);

  // Joins; `done` is called when this member is in. Once.
  void start(std::function<void(const ClusterEvent&)> then, client::Done<void> done);
  // Adds an item, or changes its data; removes it. Names are those of znodes.
  void add_work(std::string item, std::string data, client::Done<void> done);
  void remove_work(std::string item, client::Done<void> done);
  // After `end`: this member does nothing for the item any more.
  void finished(const std::string& item);
  // As Client::multi, if this member's claim of the item is there when the server carries it out; otherwise no_node at
  // operation 0. The caller's operations count from 1.
  void write(const std::string& item, const std::vector<client::Operation>& operations,
             client::Done<std::vector<client::OperationResult>> done);
  // Gives everything up, as if all work were finished, and leaves.
  void leave(client::Done<void> done);

  [[nodiscard]] std::vector<Member> members() const { return members_.list(); }
  [[nodiscard]] bool is_master() const { return line_.state() == Line::State::held; }
  // Items between `begin` and finished().
  [[nodiscard]] std::vector<std::string> work() const;
  // True as long as no other member can work on the item: see Line::surely_held.
  [[nodiscard]] bool surely_works_on(const std::string& item) const;
  [[nodiscard]] std::string claim_of(const std::string& item) const { return options_.path + "/claims/" + item; }

 private:
  struct Job {
    enum class State { claiming, working, ending } state = State::claiming;
    bool is_wanted = true;
    bool is_finished = false;
    std::string data;
    std::shared_ptr<client::Signal> changed;
  };

  client::Task<client::Result<void>> join();
  client::Task<client::Result<void>> put_work(std::string path, std::string data);
  client::Task<client::Result<void>> quit();
  client::Awaited<void> released();
  client::Task<client::Result<void>> work_on(std::string item);
  client::Task<client::Result<bool>> claim(std::string item);
  client::Task<client::Result<void>> lead();
  [[nodiscard]] std::vector<client::Operation> difference() const;
  void on_member(const MemberChange& change);
  void on_cache(const CacheChange& change);
  void compare_jobs();
  void stand();
  void end_all();
  void tell(ClusterEvent::Kind kind, std::string name = {}, std::string data = {});

  client::Steps steps_;
  const client::World world_;
  const ClusterOptions options_;
  Members members_;
  Cache work_;
  Cache assigned_;
  Line line_;
  std::function<void(const ClusterEvent&)> then_;
  std::map<std::string, Job> jobs_;
  bool is_leaving_ = false;
  bool is_over_ = false;
  std::shared_ptr<client::Signal> changed_;  // for the master
  std::shared_ptr<client::Signal> job_gone_;
  std::unique_ptr<env::Timer> again_;
  client::Life leading_;
  client::Life life_;
};

}  // namespace quoll::recipes
