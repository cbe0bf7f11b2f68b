// An asynchronous client of ZooKeeper's servers: every operation as a call with a function that gets its result.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "client/operations.h"
#include "client/result.h"
#include "client/session.h"
#include "client/task.h"
#include "client/watch_book.h"
#include "client/watcher.h"

namespace quoll::client {

// How one call is made.
struct CallOptions {
  // From now, in ms; 0: the default of the client's options. When it passes, the call fails with request_timeout.
  std::int64_t timeout_ms = 0;
};

// All calls and callbacks happen on the loop of `world`; no threads, and nothing blocks. Each call returns an id with
// which it can be cancelled, and calls its function exactly once, never from inside the call; functions of calls that
// were sent on one connection are called in the order of the calls. Functions may make calls, but must not destroy the
// client; destroying the client forgets all calls without calling their functions, and leaves the session to expire
// unless close() has ended. Paths are absolute, and below the chroot. A null watcher sets no watch.
class Client {
 public:
  Client(const World& world, Options options) : session_(world, std::move(options)) { session_.start(); }

  [[nodiscard]] Session& session() { return session_; }
  [[nodiscard]] const Session& session() const { return session_; }
  [[nodiscard]] State state() const { return session_.state(); }
  bool cancel(CallId id) { return session_.cancel(id); }

  CallId create(const std::string& path, const Bytes& data, const CreateOptions& options, Done<Created> done,
                CallOptions how = {});
  CallId remove(const std::string& path, std::int32_t version, Done<void> done, CallOptions how = {});
  // nullopt: there is no such znode; the watch is set all the same.
  CallId exists(const std::string& path, std::shared_ptr<Watcher> watcher, Done<std::optional<Stat>> done,
                CallOptions how = {});
  CallId get(const std::string& path, std::shared_ptr<Watcher> watcher, Done<NodeData> done, CallOptions how = {});
  CallId set(const std::string& path, const Bytes& data, std::int32_t version, Done<Stat> done, CallOptions how = {});
  CallId get_acl(const std::string& path, Done<NodeAcl> done, CallOptions how = {});
  CallId set_acl(const std::string& path, const AclList& acl, std::int32_t version, Done<Stat> done,
                 CallOptions how = {});
  CallId children(const std::string& path, std::shared_ptr<Watcher> watcher, Done<Children> done, CallOptions how = {});
  // Until it is answered, this server has caught up with everything that was committed before.
  CallId sync(const std::string& path, Done<void> done, CallOptions how = {});

  // A refused multi changes nothing; Failure::operation says which operation was refused.
  CallId multi(const std::vector<Operation>& operations, Done<std::vector<OperationResult>> done, CallOptions how = {});
  CallId multi_read(const std::vector<ReadOperation>& operations, Done<std::vector<ReadResult>> done,
                    CallOptions how = {});

  CallId add_watch(const std::string& path, AddWatchMode mode, std::shared_ptr<Watcher> watcher, Done<void> done,
                   CallOptions how = {});
  // Removes all watches of this client of this type at this path. Their watchers get an event. local: they are
  // forgotten even if no server can be asked.
  enum class Local { no, yes };
  CallId remove_watches(const std::string& path, WatcherType type, Local local, Done<void> done, CallOptions how = {});

  CallId config(std::shared_ptr<Watcher> watcher, Done<NodeData> done, CallOptions how = {});
  CallId reconfigure(const Reconfiguration& change, Done<NodeData> done, CallOptions how = {});
  CallId who_am_i(Done<std::vector<Identity>> done, CallOptions how = {});
  // Of this session, whose paths begin with `prefix`.
  CallId ephemerals(const std::string& prefix, Done<std::vector<std::string>> done, CallOptions how = {});
  // All znodes below the path, at any depth.
  CallId all_children_number(const std::string& path, Done<std::int32_t> done, CallOptions how = {});

  void add_auth(std::string scheme, std::string auth, Done<void> done) {
    session_.add_auth(std::move(scheme), std::move(auth), std::move(done));
  }
  void close(std::move_only_function<void()> done) { session_.close(std::move(done)); }

  // For tasks that end with the client: what must still be done when the recipe that it is for is gone.
  [[nodiscard]] Life& afterwards() { return afterwards_; }

 private:
  Session session_;
  Life afterwards_;  // ends before the session
};

// Why a client refuses a path, in the words of org.apache.zookeeper.common.PathUtils; empty if it is valid.
std::string path_trouble(const std::string& path);

}  // namespace quoll::client
