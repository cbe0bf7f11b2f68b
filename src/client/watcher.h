// Watch events, and who receives them.
#pragma once

#include <cstdint>
#include <string>

namespace quoll::client {

// org.apache.zookeeper.Watcher.Event.EventType. The last three are made by the client when a watch is removed.
enum class EventType : std::int32_t {
  none = -1,
  node_created = 1,
  node_deleted = 2,
  node_data_changed = 3,
  node_children_changed = 4,
  data_watch_removed = 5,
  child_watch_removed = 6,
  persistent_watch_removed = 7,
};

// The state of a session. The last three are final: only a new client helps.
enum class State {
  connecting,           // the first connection, or another one after a loss; the session may be alive
  connected,            //
  connected_read_only,  // to a server that has no quorum: it reads, and refuses writes and sync with not_read_only
  closed,               // by this client
  expired,              // the server ended the session: its ephemerals and watches are gone
  auth_failed,          // a server refused what add_auth sent
};

constexpr bool is_final(State state) {
  return state >= State::closed;
}
constexpr bool is_connected(State state) {
  return state == State::connected || state == State::connected_read_only;
}

struct WatchEvent {
  EventType type = EventType::none;
  std::string path;        // as the client knows it: without the chroot
  std::int64_t zxid = -1;  // of the change; -1 if it was found at a reconnect, and for removed watches
};

// Receives events of the watches it is registered for: each event once, however many watches of it match, in the order
// of the changes, and before the answer to any call that sees the change. Standard watches fire once. After a reconnect
// the client registers all of them again, and the server tells what has changed meanwhile, except to persistent
// watches: those hear on_state and must read again.
class Watcher {
 public:
  Watcher() = default;
  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;
  virtual ~Watcher() = default;
  virtual void on_event(const WatchEvent& event) = 0;
  // The session's state has changed, and this watcher is registered for something.
  virtual void on_state(State) {}
};

}  // namespace quoll::client
