// The values of ZooKeeper's operations: znodes' metadata, ACLs, create modes, error codes, results.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace quoll::zk {

// A znode's metadata (org.apache.zookeeper.data.Stat).
struct Stat {
  std::int64_t czxid = 0;  // the transaction that created it: larger than that of any znode created before
  std::int64_t mzxid = 0;  // that changed its data
  std::int64_t ctime = 0;  // when it was created, in ms since 1970, by the leader's clock
  std::int64_t mtime = 0;
  std::int32_t version = 0;          // changes of the data
  std::int32_t cversion = 0;         // of the children
  std::int32_t aversion = 0;         // of the ACL
  std::int64_t ephemeral_owner = 0;  // the session whose end deletes it; 0: none
  std::int32_t data_length = 0;      // bytes
  std::int32_t num_children = 0;
  std::int64_t pzxid = 0;  // the transaction that last changed its children
};

// Who (scheme and id) may do what (the sum of permissions).
namespace perm {
inline constexpr std::int32_t kRead = 1;
inline constexpr std::int32_t kWrite = 2;
inline constexpr std::int32_t kCreate = 4;
inline constexpr std::int32_t kDelete = 8;
inline constexpr std::int32_t kAdmin = 16;
inline constexpr std::int32_t kAll = 31;
}  // namespace perm
struct Acl {
  std::int32_t perms = perm::kAll;
  std::string scheme = "world";  // world, auth, digest, ip, x509, sasl
  std::string id = "anyone";
};

enum class CreateMode {
  persistent,
  persistent_sequential,
  ephemeral,
  ephemeral_sequential,
  container,
  ttl,
  ttl_sequential
};

struct CreateOptions {
  CreateMode mode = CreateMode::persistent;
  std::vector<Acl> acl = {Acl{}};
  std::int64_t ttl_ms = 0;  // for the TTL modes: 1 to 1099511627775
};

// org.apache.zookeeper.KeeperException.Code. A server may send others.
enum class Code : std::int32_t {
  ok = 0,
  system_error = -1,
  runtime_inconsistency = -2,
  data_inconsistency = -3,
  connection_loss = -4,  // Failure::fate says whether the request was sent
  marshalling_error = -5,
  unimplemented = -6,
  operation_timeout = -7,
  bad_arguments = -8,
  new_config_no_quorum = -13,
  reconfig_in_progress = -14,
  no_node = -101,
  no_auth = -102,
  bad_version = -103,
  no_children_for_ephemerals = -108,
  node_exists = -110,
  not_empty = -111,
  session_expired = -112,  // this client is over: make a new one
  invalid_acl = -114,
  auth_failed = -115,  // this client is over
  session_moved = -118,
  not_read_only = -119,
  no_watcher = -121,
  request_timeout = -122,  // the deadline passed; Failure::fate says whether the request was sent
  reconfig_disabled = -123,
  quota_exceeded = -125,
  throttled_op = -127,
};
// ZooKeeper's name of it, such as "NoNode".
std::string_view name(Code code);

// What is known of a request that failed.
enum class Fate {
  not_sent,        // no server has seen it, and none will
  may_be_applied,  // it was sent, and its answer is lost or late: a write may have happened, or happen yet
  answered,        // a server has refused it; nothing was changed
};

struct Failure {
  Code code = Code::ok;
  Fate fate = Fate::answered;
  std::string text;                      // for a person: what happened, and where
  std::optional<std::size_t> operation;  // of a multi: which one was refused, from 0
};

template <typename T>
using Result = std::expected<T, Failure>;

// A znode's data may be null, which differs from empty.
using Bytes = std::optional<std::string>;

struct Created {
  std::string path;  // with the sequence number, if it has one
  Stat stat;
};
struct NodeData {
  Bytes data;
  Stat stat;
};
struct Children {
  std::vector<std::string> names;  // in no order
  Stat stat;
};
struct NodeAcl {
  std::vector<Acl> acl;
  Stat stat;
};

inline constexpr std::int32_t kAnyVersion = -1;

// One operation of a multi.
struct Operation {
  enum class Kind { create, remove, set, check } kind = Kind::check;
  std::string path;
  Bytes data = {};
  std::int32_t version = kAnyVersion;
  CreateOptions options = {};

  static Operation create(std::string path, Bytes data = {}, CreateOptions options = {}) {
    return {Kind::create, std::move(path), std::move(data), kAnyVersion, std::move(options)};
  }
  static Operation remove(std::string path, std::int32_t version = kAnyVersion) {
    return {Kind::remove, std::move(path), {}, version, {}};
  }
  static Operation set(std::string path, Bytes data, std::int32_t version = kAnyVersion) {
    return {Kind::set, std::move(path), std::move(data), version, {}};
  }
  // Refuses the multi if the znode is missing or has another version.
  static Operation check(std::string path, std::int32_t version = kAnyVersion) {
    return {Kind::check, std::move(path), {}, version, {}};
  }
};
struct OperationResult {
  std::string path;  // of create
  Stat stat;         // of create and set
};

// The state of a session. The last three are final: only a new client helps.
enum class State { connecting, connected, connected_read_only, closed, expired, auth_failed };

// org.apache.zookeeper.Watcher.Event.EventType; `session` is a change of the session's state.
enum class EventType {
  session = -1,
  node_created = 1,
  node_deleted = 2,
  node_data_changed = 3,
  node_children_changed = 4,
  data_watch_removed = 5,
  child_watch_removed = 6,
  persistent_watch_removed = 7,
};

struct Event {
  EventType type = EventType::session;
  std::string path;  // empty for session
  State state = State::connected;
  std::int64_t zxid = -1;  // of the change; -1 if it was found at a reconnect
};

}  // namespace quoll::zk
