// Transactions: what the log stores and every server applies (zookeeper.jute, module txn). Views point into the bytes
// that a transaction was decoded from, or into the request that it was prepared from.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

#include "base/nullable.h"
#include "types/acl.h"
#include "types/error.h"
#include "types/ids.h"
#include "types/opcode.h"

namespace quoll {

struct TxnHeader {
  std::int64_t client_id = 0;
  std::int32_t cxid = 0;
  std::int64_t zxid = 0;
  std::int64_t time_ms = 0;  // the leader's wall clock; sets ctime and mtime
  std::int32_t type = 0;
  static constexpr auto fields() {
    using H = TxnHeader;
    return std::tuple{&H::client_id, &H::cxid, &H::zxid, &H::time_ms, &H::type};
  }
};

// The digest of the whole tree after the transaction; absent if digests are disabled.
struct TxnDigest {
  std::int32_t version = 0;
  std::int64_t tree_digest = 0;
  static constexpr auto fields() { return std::tuple{&TxnDigest::version, &TxnDigest::tree_digest}; }
};
inline constexpr std::int32_t kDigestVersion = 2;

// Paths are views. The path of a sequential znode is created by the server and owned elsewhere; the owner must outlive
// the struct.
struct CreateTxn {
  base::NullableView path;
  base::NullableView data;
  AclList acl;
  bool ephemeral = false;
  std::int32_t parent_cversion = -1;  // -1: unknown; the parent's cversion is incremented
  static constexpr auto fields() {
    using T = CreateTxn;
    return std::tuple{&T::path, &T::data, &T::acl, &T::ephemeral, &T::parent_cversion};
  }
};

struct CreateContainerTxn {
  base::NullableView path;
  base::NullableView data;
  AclList acl;
  std::int32_t parent_cversion = -1;
  static constexpr auto fields() {
    using T = CreateContainerTxn;
    return std::tuple{&T::path, &T::data, &T::acl, &T::parent_cversion};
  }
};

struct CreateTtlTxn {
  base::NullableView path;
  base::NullableView data;
  AclList acl;
  std::int32_t parent_cversion = -1;
  std::int64_t ttl_ms = 0;
  static constexpr auto fields() {
    using T = CreateTtlTxn;
    return std::tuple{&T::path, &T::data, &T::acl, &T::parent_cversion, &T::ttl_ms};
  }
};

struct DeleteTxn {
  base::NullableView path;
  static constexpr auto fields() { return std::tuple{&DeleteTxn::path}; }
};

struct SetDataTxn {
  base::NullableView path;
  base::NullableView data;
  std::int32_t version = 0;  // the new version
  static constexpr auto fields() { return std::tuple{&SetDataTxn::path, &SetDataTxn::data, &SetDataTxn::version}; }
};

struct SetAclTxn {
  base::NullableView path;
  AclList acl;
  std::int32_t version = 0;  // the new aversion
  static constexpr auto fields() { return std::tuple{&SetAclTxn::path, &SetAclTxn::acl, &SetAclTxn::version}; }
};

struct CheckVersionTxn {
  base::NullableView path;
  std::int32_t version = 0;
  static constexpr auto fields() { return std::tuple{&CheckVersionTxn::path, &CheckVersionTxn::version}; }
};

struct CreateSessionTxn {
  std::int32_t timeout_ms = 0;
  static constexpr auto fields() { return std::tuple{&CreateSessionTxn::timeout_ms}; }
};

// Has no body if it was written before 3.6 or with closeSessionTxn.enabled=false: then all ephemerals of the session
// are deleted.
struct CloseSessionTxn {
  std::optional<std::vector<base::NullableView>> paths;
  static constexpr auto fields() { return std::tuple{&CloseSessionTxn::paths}; }
};

struct ErrorTxn {
  std::int32_t err = 0;
  static constexpr auto fields() { return std::tuple{&ErrorTxn::err}; }
};

using SubTxnBody =
    std::variant<CreateTxn, CreateContainerTxn, CreateTtlTxn, DeleteTxn, SetDataTxn, CheckVersionTxn, ErrorTxn>;
struct SubTxn {
  OpCode type = OpCode::error;
  SubTxnBody body;
};
struct MultiTxn {
  std::vector<SubTxn> txns;
};

using TxnBody = std::variant<CreateTxn, CreateContainerTxn, CreateTtlTxn, DeleteTxn, SetDataTxn, SetAclTxn,
                             CheckVersionTxn, CreateSessionTxn, CloseSessionTxn, ErrorTxn, MultiTxn>;

struct Txn {
  TxnHeader header;
  TxnBody body;
  std::optional<TxnDigest> digest;
};

}  // namespace quoll
