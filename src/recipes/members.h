// The members of a group: who is there, with what data, in the order in which they came.
//
// Each member has an ephemeral znode <path>/<id>, as in Apache Curator's GroupMember, and a cache of all of them.
// Members are ordered by the czxid of their znodes.
// - The answer to the create is lost: the member finds a znode of its own session, and is in.
// - A znode with its id belongs to another session, perhaps that of the same program before it was started again: the
//   member waits until it is gone, or join() fails with node_exists at its deadline.
// - Somebody deletes the znode of a member whose session is alive: it joins again, and is the last then.
// - The session is over: the group sees the member leave; it hears `ended`, and must begin again with a new client.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "client/steps.h"
#include "recipes/cache.h"

namespace quoll::recipes {

struct Member {
  std::string id;
  std::string data;
  std::int64_t czxid = 0;
};

struct MemberChange {
  // settled: the list is complete, after the beginning or a lost connection; stale: changes may be missed until then.
  enum class Kind { joined, changed, left, settled, stale, ended };
  Kind kind = Kind::settled;
  Member member = {};  // of the first three
};

// It must be destroyed before the client, and not inside its own functions.
class Members {
 public:
  Members(client::Client& client, const client::World& world, std::string path);

  // Begins to follow the group, as a member or not. Once.
  void start(std::function<void(const MemberChange&)> then);
  // Becomes a member; `done` is called when the znode is there. `timeout_ms`: 0 for as long as it takes. Once, until
  // leave().
  void join(std::string id, std::string data, std::int64_t timeout_ms, client::Done<void> done);
  // Changes the member's data: health, addresses, load.
  void set_data(std::string data, client::Done<void> done);
  void leave(client::Done<void> done);

  // In the order in which they joined, as far as this member has heard.
  [[nodiscard]] std::vector<Member> list() const;
  [[nodiscard]] bool is_settled() const { return cache_.is_settled(); }
  [[nodiscard]] const std::optional<client::Failure>& failure() const { return cache_.failure(); }

 private:
  void on_change(const CacheChange& change);
  client::Task<client::Result<void>> enter(std::string path, std::int64_t timeout_ms);
  client::Task<client::Result<void>> write(std::string data);
  client::Task<client::Result<void>> go();
  [[nodiscard]] std::string own_path() const { return path_ + "/" + id_; }

  client::Steps steps_;
  const std::string path_;
  Cache cache_;
  std::function<void(const MemberChange&)> then_;
  std::string id_;  // empty: no member
  std::string data_;
  bool is_in_ = false;
  client::Life life_;
};

}  // namespace quoll::recipes
