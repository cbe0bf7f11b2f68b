// The arguments and results of operations, as values that own their bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "types/acl.h"
#include "types/create_mode.h"
#include "types/error.h"
#include "types/stat.h"

namespace quoll::client {

// A znode's data may be null, which differs from empty.
using Bytes = std::optional<std::string>;

inline constexpr std::int32_t kAnyVersion = -1;

struct CreateOptions {
  CreateMode mode;  // a container or a TTL znode excludes ephemeral
  AclList acl = open_acl_unsafe();
  std::int64_t ttl_ms = 0;  // with mode.ttl: 1 to kTtlMsMax
};

struct Created {
  std::string path;  // with the sequence number, if it has one
  Stat stat;
};
struct NodeData {
  Bytes data;
  Stat stat;
};
struct NodeAcl {
  AclList acl;
  Stat stat;
};
struct Children {
  std::vector<std::string> names;  // in no order
  Stat stat;
};
struct Identity {
  std::string scheme;
  std::string user;
};

// The operations of a multi: all of them happen, or none.
namespace op {
struct Create {
  std::string path;
  Bytes data;
  CreateOptions options;
};
struct Remove {
  std::string path;
  std::int32_t version = kAnyVersion;
};
struct Set {
  std::string path;
  Bytes data;
  std::int32_t version = kAnyVersion;
};
// Fails with no_node or bad_version, and changes nothing.
struct Check {
  std::string path;
  std::int32_t version = kAnyVersion;
};
}  // namespace op
using Operation = std::variant<op::Create, op::Remove, op::Set, op::Check>;

// Of one operation of a multi, in their order: Created, Stat (of set), or nothing.
using OperationResult = std::variant<std::monostate, Created, Stat>;

// The operations of a multiRead, which is no snapshot: each is answered on its own.
namespace op {
struct Get {
  std::string path;
};
struct List {
  std::string path;
};
}  // namespace op
using ReadOperation = std::variant<op::Get, op::List>;
// NodeData of get; the names of list, with a Stat of zeros; or why there is none.
using ReadResult = std::variant<NodeData, Children, Error>;

enum class AddWatchMode : std::int32_t { persistent = 0, persistent_recursive = 1 };

struct Reconfiguration {
  // Either the first two or the third; each null or as in org.apache.zookeeper.admin.ZooKeeperAdmin.reconfigure.
  Bytes joining;
  Bytes leaving;
  Bytes members;
  std::int64_t from_version = -1;  // of the configuration that this one follows; -1: any
};

}  // namespace quoll::client
