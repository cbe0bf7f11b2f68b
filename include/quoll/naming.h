// A registry of names: each stands for some data, and belongs to one owner at a time.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "quoll/client.h"

namespace quoll::zk {

// The right to a name. It may be stored, and used by another program, or by this one after it was started again.
struct Claim {
  std::string name;
  std::string owner;  // a random id
};

enum class Lifetime {
  session,         // the name is free again when the claimer's session ends
  until_released,  // or evicted
};

struct NameChange {
  enum class Kind {
    claimed,
    changed,
    released,
    settled,  // all names are known, at the beginning or after a lost connection
    stale,    // the connection is lost: what changes now is told after the next one
    ended,    // the session is over: nothing more is told
    missed,   // changes were not taken in time: look at all()
  };
  Kind kind = Kind::settled;
  std::string name;  // of the first three
  std::string data;
};

// Any thread may use it, several at once. The client must outlive it. Its znodes, <path>/names/<name> with the data and
// <path>/owners, are created when they are missing. A name has no slash.
class QUOLL_API Names {
 public:
  Names(Client& client, std::string path);
  // Releases nothing.
  ~Names();
  Names(const Names&) = delete;
  Names& operator=(const Names&) = delete;

  // node_exists: the name is another's.
  Result<Claim> claim(const std::string& name, const std::string& data, Lifetime lifetime = Lifetime::session);
  // A name that nobody has or had: `prefix` and a number, from 1.
  Result<Claim> claim_next(const std::string& prefix, const std::string& data, Lifetime lifetime = Lifetime::session);
  // Changes the data. no_node: the name is not this owner's any more, and nothing has changed; the server checks that.
  Result<void> change(const Claim& claim, const std::string& data);
  // Also success if it is not this owner's any more.
  Result<void> release(const Claim& claim);
  // Takes the name from whoever owns it. Also success if nobody does.
  Result<void> evict(const std::string& name);
  // The data, as the connected server knows it; nothing if nobody has the name.
  Result<std::optional<std::string>> look_up(const std::string& name);

  // Begins to follow all names, and waits until they are known. First, and once, for the two below.
  Result<void> follow();
  // Names and data, without asking a server.
  [[nodiscard]] std::map<std::string, std::string> all() const;
  // The next change, or nothing if none comes within this time. Begins with the names that were there, and `settled`.
  std::optional<NameChange> next(std::chrono::milliseconds patience);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace quoll::zk
