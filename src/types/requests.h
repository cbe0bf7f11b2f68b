// Client requests as plain structs (zookeeper.jute, module proto). Strings and data are views into the received frame;
// null differs from empty. Each struct lists its fields once: encoding, decoding and printing use that list.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

#include "base/nullable.h"
#include "types/acl.h"
#include "types/ids.h"
#include "types/opcode.h"

namespace quoll {

using base::NullableView;

struct ConnectRequest {
  std::int32_t protocol_version = 0;
  std::int64_t last_zxid_seen = 0;
  std::int32_t timeout_ms = 0;
  std::int64_t session_id = 0;
  NullableView password;
  static constexpr auto fields() {
    using R = ConnectRequest;
    return std::tuple{&R::protocol_version, &R::last_zxid_seen, &R::timeout_ms, &R::session_id, &R::password};
  }
  // Sent after the other fields, except by clients of 3.3 or older. If it is missing, it is omitted from the response
  // too.
  std::optional<bool> read_only;
};

struct RequestHeader {
  std::int32_t xid = 0;
  std::int32_t type = 0;
  static constexpr auto fields() { return std::tuple{&RequestHeader::xid, &RequestHeader::type}; }
};

struct AclView {
  std::int32_t perms = 0;
  NullableView scheme;
  NullableView id;
  static constexpr auto fields() { return std::tuple{&AclView::perms, &AclView::scheme, &AclView::id}; }
};
using AclViews = std::optional<std::vector<AclView>>;
using Paths = std::optional<std::vector<NullableView>>;

struct CreateRequest {
  NullableView path;
  NullableView data;
  AclViews acl;
  std::int32_t flags = 0;
  static constexpr auto fields() {
    using R = CreateRequest;
    return std::tuple{&R::path, &R::data, &R::acl, &R::flags};
  }
};

struct CreateTtlRequest {
  NullableView path;
  NullableView data;
  AclViews acl;
  std::int32_t flags = 0;
  std::int64_t ttl_ms = 0;
  static constexpr auto fields() {
    using R = CreateTtlRequest;
    return std::tuple{&R::path, &R::data, &R::acl, &R::flags, &R::ttl_ms};
  }
};

struct DeleteRequest {
  NullableView path;
  std::int32_t version = -1;
  static constexpr auto fields() { return std::tuple{&DeleteRequest::path, &DeleteRequest::version}; }
};

struct DeleteContainerRequest {
  NullableView path;
  static constexpr auto fields() { return std::tuple{&DeleteContainerRequest::path}; }
};

struct SetDataRequest {
  NullableView path;
  NullableView data;
  std::int32_t version = -1;
  static constexpr auto fields() {
    return std::tuple{&SetDataRequest::path, &SetDataRequest::data, &SetDataRequest::version};
  }
};

struct SetAclRequest {
  NullableView path;
  AclViews acl;
  std::int32_t version = -1;
  static constexpr auto fields() {
    return std::tuple{&SetAclRequest::path, &SetAclRequest::acl, &SetAclRequest::version};
  }
};

struct CheckVersionRequest {
  NullableView path;
  std::int32_t version = -1;
  static constexpr auto fields() { return std::tuple{&CheckVersionRequest::path, &CheckVersionRequest::version}; }
};

struct ReconfigRequest {
  NullableView joining_servers;
  NullableView leaving_servers;
  NullableView new_members;
  std::int64_t cur_config_id = -1;
  static constexpr auto fields() {
    using R = ReconfigRequest;
    return std::tuple{&R::joining_servers, &R::leaving_servers, &R::new_members, &R::cur_config_id};
  }
};

// A read of one path that can set a watch: exists, getData, getChildren, getChildren2.
struct WatchedReadRequest {
  NullableView path;
  bool watch = false;
  static constexpr auto fields() { return std::tuple{&WatchedReadRequest::path, &WatchedReadRequest::watch}; }
};

// A request with only a path: getACL, sync, getAllChildrenNumber, getEphemerals (a prefix).
struct PathRequest {
  NullableView path;
  static constexpr auto fields() { return std::tuple{&PathRequest::path}; }
};

// A path and a small number: a watcher type for checkWatches and removeWatches, a mode for addWatch.
struct WatchTypeRequest {
  NullableView path;
  std::int32_t type = 0;
  static constexpr auto fields() { return std::tuple{&WatchTypeRequest::path, &WatchTypeRequest::type}; }
};

struct SetWatchesRequest {
  std::int64_t relative_zxid = 0;
  Paths data_watches;
  Paths exist_watches;
  Paths child_watches;
  static constexpr auto fields() {
    using R = SetWatchesRequest;
    return std::tuple{&R::relative_zxid, &R::data_watches, &R::exist_watches, &R::child_watches};
  }
};

struct SetWatches2Request {
  std::int64_t relative_zxid = 0;
  Paths data_watches;
  Paths exist_watches;
  Paths child_watches;
  Paths persistent_watches;
  Paths persistent_recursive_watches;
  static constexpr auto fields() {
    using R = SetWatches2Request;
    return std::tuple{&R::relative_zxid, &R::data_watches,       &R::exist_watches,
                      &R::child_watches, &R::persistent_watches, &R::persistent_recursive_watches};
  }
};

struct AuthRequest {
  std::int32_t type = 0;
  NullableView scheme;
  NullableView auth;
  static constexpr auto fields() { return std::tuple{&AuthRequest::type, &AuthRequest::scheme, &AuthRequest::auth}; }
};

struct SaslRequest {
  NullableView token;
  static constexpr auto fields() { return std::tuple{&SaslRequest::token}; }
};

// createSession sent as a request by a client. Its body is a CreateSessionTxn.
struct CreateSessionRequest {
  std::int32_t timeout_ms = 0;
  static constexpr auto fields() { return std::tuple{&CreateSessionRequest::timeout_ms}; }
};

// A request without a body: ping, closeSession, whoAmI.
struct EmptyRequest {
  static constexpr auto fields() { return std::tuple{}; }
};

struct MultiHeader {
  std::int32_t type = -1;
  bool done = true;
  std::int32_t err = -1;
  static constexpr auto fields() { return std::tuple{&MultiHeader::type, &MultiHeader::done, &MultiHeader::err}; }
};

// One operation of a multi or multiRead. `op` is the operation that ZooKeeper derives from opcode and flags
// (org.apache.zookeeper.Op.create): a createTTL with a plain flag is a create.
struct SubRequest {
  OpCode op = OpCode::error;
  std::variant<CreateRequest, CreateTtlRequest, DeleteRequest, SetDataRequest, CheckVersionRequest, WatchedReadRequest>
      body;
};

struct MultiRequest {
  std::vector<SubRequest> ops;
};

using RequestBody =
    std::variant<EmptyRequest, CreateRequest, CreateTtlRequest, DeleteRequest, DeleteContainerRequest, SetDataRequest,
                 SetAclRequest, CheckVersionRequest, ReconfigRequest, WatchedReadRequest, PathRequest, WatchTypeRequest,
                 SetWatchesRequest, SetWatches2Request, AuthRequest, SaslRequest, CreateSessionRequest, MultiRequest>;

}  // namespace quoll
