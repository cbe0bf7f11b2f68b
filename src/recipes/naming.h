// A registry of names: each stands for some data, and belongs to one owner at a time.
//
// A name is a znode <path>/names/<name> with its data. The same transaction makes <path>/owners/<name>:<random id>,
// with the same lifetime: until the owner's session ends, or until it is released. Whatever the owner does later is
// checked against that znode, in its transaction. Numbers for claim_next() come from a counter, <path>/next.
//
// Failure cases:
// - Two claim the same name: one transaction is refused whole, with node_exists.
// - The answer to a claim is lost: after another write of this session (Steps::sure_order) the owner's znode is there,
// or
//   never will be, and the claim is made again. If the session ends before that is known, Fate::may_be_applied says so.
// - The answer to a change or a release is lost: it is made again, which does no harm as long as the name is the
// owner's.
// - An owner that was suspended, and whose name is another's by now, changes nothing: no_node.
// - The program of a name that lasts until it is released dies: a program that has kept the claim goes on with it, and
//   evict() takes the name from whoever owns it.
// - Followers lose their connection: see cache.h.
// Whoever follows hears of every name; a registry is meant for thousands of them.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "client/steps.h"
#include "recipes/cache.h"
#include "recipes/counter.h"

namespace quoll::recipes {

// The right to a name. It may be stored, and used by another program.
struct Claim {
  std::string name;
  std::string owner;  // a random id
};

enum class Lifetime { session, until_released };

struct NameChange {
  // settled: all names are known, after the beginning or a lost connection; stale: changes may be missed until then.
  enum class Kind { claimed, changed, released, settled, stale, ended };
  Kind kind = Kind::settled;
  std::string name = {};  // of the first three
  std::string data = {};
};

// It must be destroyed before the client, and not inside its own functions.
class Names {
 public:
  Names(client::Client& client, const client::World& world, std::string path);

  // node_exists: the name is another's. bad_arguments: it is no name of a znode.
  void claim(std::string name, std::string data, Lifetime lifetime, client::Done<Claim> done);
  // A name that nobody has or had: `prefix` and a number.
  void claim_next(std::string prefix, std::string data, Lifetime lifetime, client::Done<Claim> done);
  // Changes the data, one change of a claim at a time. no_node: the name is not this owner's any more.
  void change(Claim claim, std::string data, client::Done<void> done);
  // Also success if it is not this owner's any more.
  void release(Claim claim, client::Done<void> done);
  // Takes the name from whoever owns it. Also success if nobody does.
  void evict(std::string name, client::Done<void> done);
  // The data, as the connected server knows it; nothing if nobody has the name.
  void look_up(std::string name, client::Done<std::optional<std::string>> done);

  // Begins to follow all names. Once.
  void follow(std::function<void(const NameChange&)> then);
  // While it follows, without asking a server.
  [[nodiscard]] std::map<std::string, std::string> all() const;
  [[nodiscard]] const std::optional<client::Failure>& failure() const { return cache_.failure(); }

 private:
  client::Task<client::Result<Claim>> claimed(std::string name, std::string data, Lifetime lifetime);
  client::Task<client::Result<Claim>> claimed_next(std::string prefix, std::string data, Lifetime lifetime);
  client::Task<client::Result<bool>> has_happened(Claim claim);
  client::Task<client::Result<void>> changed(Claim claim, std::string data);
  client::Task<client::Result<void>> released(Claim claim);
  client::Task<client::Result<void>> evicted(std::string name);
  client::Task<client::Result<std::optional<std::string>>> looked_up(std::string name);
  client::Task<client::Result<void>> make_parents();
  void on_change(const CacheChange& change) const;
  [[nodiscard]] std::string name_path(const std::string& name) const { return names_ + "/" + name; }
  [[nodiscard]] std::string owner_path(const Claim& claim) const {
    return owners_ + "/" + claim.name + ":" + claim.owner;
  }

  client::Steps steps_;
  const std::string names_;
  const std::string owners_;
  Counter numbers_;
  Cache cache_;
  std::function<void(const NameChange&)> then_;
  client::Life life_;
};

}  // namespace quoll::recipes
