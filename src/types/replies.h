// Server replies as plain structs (zookeeper.jute, module proto). Views point into the tree or the request, so replies
// are encoded before anything changes.
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
#include "types/opcode.h"
#include "types/stat.h"

namespace quoll {

struct ConnectResponse {
  std::int32_t protocol_version = 0;
  std::int32_t timeout_ms = 0;
  std::int64_t session_id = 0;
  base::NullableView password;
  static constexpr auto fields() {
    using R = ConnectResponse;
    return std::tuple{&R::protocol_version, &R::timeout_ms, &R::session_id, &R::password};
  }
  std::optional<bool> read_only;  // present if the request had it
};

struct ReplyHeader {
  std::int32_t xid = 0;
  std::int64_t zxid = 0;
  std::int32_t err = 0;
  static constexpr auto fields() { return std::tuple{&ReplyHeader::xid, &ReplyHeader::zxid, &ReplyHeader::err}; }
};

struct WatcherEvent {
  std::int32_t type = 0;
  std::int32_t state = 0;
  base::NullableView path;
  static constexpr auto fields() { return std::tuple{&WatcherEvent::type, &WatcherEvent::state, &WatcherEvent::path}; }
};

struct EmptyReply {
  static constexpr auto fields() { return std::tuple{}; }
};
struct PathReply {
  base::NullableView path;
  static constexpr auto fields() { return std::tuple{&PathReply::path}; }
};
struct PathStatReply {
  base::NullableView path;
  Stat stat;
  static constexpr auto fields() { return std::tuple{&PathStatReply::path, &PathStatReply::stat}; }
};
struct StatReply {
  Stat stat;
  static constexpr auto fields() { return std::tuple{&StatReply::stat}; }
};
struct DataReply {
  base::NullableView data;
  Stat stat;
  static constexpr auto fields() { return std::tuple{&DataReply::data, &DataReply::stat}; }
};
struct AclReply {
  AclList acl;
  Stat stat;
  static constexpr auto fields() { return std::tuple{&AclReply::acl, &AclReply::stat}; }
};
struct NamesReply {
  std::vector<std::string_view> names;
  static constexpr auto fields() { return std::tuple{&NamesReply::names}; }
};
struct NamesStatReply {
  std::vector<std::string_view> names;
  Stat stat;
  static constexpr auto fields() { return std::tuple{&NamesStatReply::names, &NamesStatReply::stat}; }
};
// Strings that are composed for the reply.
struct StringReply {
  std::string string;
  static constexpr auto fields() { return std::tuple{&StringReply::string}; }
};
struct StringsReply {
  std::vector<std::string> strings;
  static constexpr auto fields() { return std::tuple{&StringsReply::strings}; }
};
struct CountReply {
  std::int32_t count = 0;
  static constexpr auto fields() { return std::tuple{&CountReply::count}; }
};
struct ErrorReply {
  std::int32_t err = 0;
  static constexpr auto fields() { return std::tuple{&ErrorReply::err}; }
};
struct ClientInfo {
  std::string auth_scheme;
  std::string user;
  static constexpr auto fields() { return std::tuple{&ClientInfo::auth_scheme, &ClientInfo::user}; }
};
struct WhoAmIReply {
  std::vector<ClientInfo> client_info;
  static constexpr auto fields() { return std::tuple{&WhoAmIReply::client_info}; }
};
struct SaslReply {
  base::NullableView token;
  static constexpr auto fields() { return std::tuple{&SaslReply::token}; }
};

// One result inside a MultiReply. `type` goes into its header: 1 for create, 15 for create2, createContainer and
// createTTL, -1 for an error.
struct SubReply {
  OpCode type = OpCode::error;
  std::variant<EmptyReply, PathReply, PathStatReply, StatReply, DataReply, NamesReply, ErrorReply> body;
};
struct MultiReply {
  std::vector<SubReply> results;
};

using ReplyBody =
    std::variant<EmptyReply, PathReply, PathStatReply, StatReply, DataReply, AclReply, NamesReply, NamesStatReply,
                 StringReply, StringsReply, CountReply, ErrorReply, WhoAmIReply, SaslReply, MultiReply>;

}  // namespace quoll
