// Waiting in line for something that one client, or a few, may have: the common part of locks and elections.
//
// Each member has an ephemeral sequential znode below a common parent: <path>/_c_<uuid>-<name><number>. The members
// with the lowest numbers hold. If one holds at a time, every other watches the member before it, so that a release
// wakes one member; if several do, every other watches the list. Readers of a read-write lock hold together: a reader
// holds if no writer is before it, and else watches the last of these writers; a writer waits as for a lock. The names
// are those of Apache Curator's recipes, so that both can stand in the same line.
//
// Failure cases:
// - The answer to the create is lost. The znode may exist, and nobody would ever delete it while the session lives. Its
//   name has a random part, so the member looks for it and takes it up instead of creating a second one.
// - The answer to the delete is lost, or the connection is: it is tried again until the znode is gone, or the session.
//   Whoever waits for that hears of it after three session timeouts without a server.
// - Somebody deletes the znode of a waiting member: it joins again, at the end.
// - The znode of a holder disappears, or the session ends: it is lost (on_lost). A holder who was suspended does not
//   know that yet; it must write through a Guard (guard.h), which lets the server check.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "client/client.h"

namespace quoll::recipes {

// Proof of holding: later holders have larger tokens. Other systems can refuse a token smaller than one they have seen.
struct Token {
  std::int64_t czxid = 0;  // of the holder's znode
  friend auto operator<=>(const Token&, const Token&) = default;
};

// The names of the two kinds of members of a read-write lock.
inline constexpr const char* kReaders = "__READ__";
inline constexpr const char* kWriters = "__WRIT__";

struct LineOptions {
  std::string path;             // of the parent; it and its parents are created if they are missing
  std::string name = "lock-";   // "lock-" for locks, "latch-" for leader latches, kReaders, kWriters
  std::string data;             // of the member's znode: who it is, for people
  std::size_t holders_max = 1;  // 1: a lock; more: a semaphore
};

// One member. It must be destroyed before the client, and not inside its own callbacks; that leaves the line only with
// the end of the session, so release() first.
class Line {
 public:
  enum class State { out, joining, waiting, held, leaving };

  // `random` makes the member's name unique.
  Line(client::Client& client, const client::World& world, LineOptions options);
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;

  // Joins the line; `done` is called when this member holds, or with a failure: request_timeout when `timeout_ms` (0:
  // none) have passed, session_expired and the like when the session is over, or what a server refused. After a failure
  // the member is out of the line. Only when out.
  void acquire(std::int64_t timeout_ms, client::Done<Token> done);
  // Leaves the line, from any state; `done` is called when the znode is gone, or its session. An acquire under way
  // fails with request_timeout.
  void release(std::move_only_function<void()> done);
  // Called when this member no longer holds, without having released.
  void on_lost(std::function<void()> then) { on_lost_ = std::move(then); }

  [[nodiscard]] State state() const { return state_; }
  // True as long as no other member can hold: this one holds, and its session was alive less than its timeout ago, by
  // this machine's clock. A suspended process may be wrong by the time it is suspended: see Guard.
  [[nodiscard]] bool surely_held() const;
  // The znode of this member, while it holds.
  [[nodiscard]] const std::string& node() const { return node_; }
  [[nodiscard]] Token token() const { return token_; }
  [[nodiscard]] client::Client& client() { return client_; }
  [[nodiscard]] const std::string& path() const { return options_.path; }

 private:
  class Eye;  // watches a znode for the line

  void create();
  void create_parents(std::size_t upto);
  void look_for_own();
  void look();
  void on_list(const client::Children& list);
  void watch(const std::string& name);
  void watch_own();
  void hold();
  void lose();
  void on_eye();
  void remove();
  void leave(client::Failure why);
  void leave_the_rest();
  void left();
  void give_up(client::Failure failure);
  void fail(client::Failure failure);
  bool try_again(const client::Failure& failure, void (Line::*step)());
  void new_eye();
  [[nodiscard]] bool is_own(std::string_view name) const;
  // A function for an answer, which does nothing if the line has been destroyed or has moved on.
  template <typename T>
  client::Done<T> when(void (Line::*then)(client::Result<T>));

  void on_created(client::Result<client::Created> result);
  void on_parents(client::Result<client::Created> result);
  void on_ordered(client::Result<void> result);
  void on_own_list(client::Result<client::Children> result);
  void on_look(client::Result<client::Children> result);
  void on_watched(client::Result<client::NodeData> result);
  void on_own_watched(client::Result<client::NodeData> result);
  void on_removed(client::Result<void> result);

  client::Client& client_;
  const client::World world_;
  const LineOptions options_;
  State state_ = State::out;
  std::string prefix_;  // "_c_<uuid>-lock-"
  std::string node_;    // empty: it has none, or does not know it
  Token token_;
  client::Done<Token> acquired_;
  client::Failure failure_;  // what acquire came to
  std::move_only_function<void()> released_;
  std::function<void()> on_lost_;
  std::size_t parent_ = 0;  // up to where parents are created
  std::shared_ptr<Eye> eye_;
  std::unique_ptr<env::Timer> deadline_;
  std::unique_ptr<env::Timer> again_;
  std::shared_ptr<Line*> self_;  // answers that come later find it gone
};

}  // namespace quoll::recipes
