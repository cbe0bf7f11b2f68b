#include "server/audit.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <map>

#include "auth/ip_address.h"
#include "base/utf8.h"
#include "server/core.h"
#include "wire/client_frames.h"

namespace quoll::server {

namespace {

// A client's text cannot end the line or begin another field.
std::string shown(std::string_view text) {
  constexpr std::size_t kBytesMax = 4096;
  return base::escaped(text, kBytesMax);
}

std::string hex(std::int64_t session) {
  return fmt::format("0x{:x}", static_cast<std::uint64_t>(session));
}

// Fields in Apache's order; an empty one is left out.
struct Event {
  std::string session;
  std::string user;
  std::string ip;
  std::string_view operation;
  std::string znode;
  std::string_view znode_type;
  std::string acl;
  std::string_view result = "success";

  [[nodiscard]] std::string line() const {
    std::string out;
    const auto add = [&](std::string_view name, std::string_view value) {
      if (!value.empty()) out += fmt::format("{}{}={}", out.empty() ? "" : "\t", name, value);
    };
    add("session", session);
    add("user", user);
    add("ip", ip);
    add("operation", operation);
    add("znode", znode);
    add("znode_type", znode_type);
    add("acl", acl);
    add("result", result);
    return out;
  }
};

// CreateMode.fromFlag(flags).toString().toLowerCase().
std::string_view mode_name(std::int32_t flags) {
  constexpr std::array<std::string_view, 7> kModes{
      "persistent", "ephemeral",           "persistent_sequential",         "ephemeral_sequential",
      "container",  "persistent_with_ttl", "persistent_sequential_with_ttl"};
  return flags >= 0 && flags < static_cast<std::int32_t>(kModes.size()) ? kModes.at(static_cast<std::size_t>(flags))
                                                                        : std::string_view();
}

std::string users_of(const auth::Schemes& schemes, const auth::Identities& identities) {
  std::string all;
  for (const Id& id : identities) {
    if (!schemes.has_provider(id.scheme)) continue;
    const std::string name = auth::Schemes::user_name(id);
    if (!name.empty()) all += (all.empty() ? "" : ",") + shown(name);
  }
  return all;
}

// ZKUtil.aclToString.
std::string acl_text(const AclViews& list) {
  std::string text;
  if (!list) return text;
  for (const AclView& entry : *list) {
    text += fmt::format("{}:{}:", entry.scheme.view(), entry.id.view());
    for (const auto& [bit, letter] :
         {std::pair(perm::kCreate, 'c'), std::pair(perm::kDelete, 'd'), std::pair(perm::kRead, 'r'),
          std::pair(perm::kWrite, 'w'), std::pair(perm::kAdmin, 'a')}) {
      if ((entry.perms & bit) != 0) text += letter;
    }
  }
  return shown(text);
}

// Operation, path, mode and ACL as the request has them.
struct ReadRequest {
  Event& event;
  void operator()(const CreateRequest& request) const { created(request.path, request.flags); }
  void operator()(const CreateTtlRequest& request) const { created(request.path, request.flags); }
  void operator()(const DeleteRequest& request) const { of("delete", request.path); }
  void operator()(const DeleteContainerRequest& request) const { of("delete", request.path); }
  void operator()(const SetDataRequest& request) const { of("setData", request.path); }
  void operator()(const SetAclRequest& request) const {
    of("setAcl", request.path);
    event.acl = acl_text(request.acl);
  }
  void operator()(const ReconfigRequest&) const { event.operation = "reconfig"; }
  void operator()(const MultiRequest&) const { event.operation = "multiOperation"; }
  template <typename Other>
  void operator()(const Other&) const {}

 private:
  void of(std::string_view operation, base::NullableView path) const {
    event.operation = operation;
    if (!path.is_null()) event.znode = shown(path.view());
  }
  void created(base::NullableView path, std::int32_t flags) const {
    of("create", path);
    event.znode_type = mode_name(flags);
  }
};

// The path that a transaction changed: that of a sequential znode is known from then on only.
base::NullableView changed_path(const auto& body) {
  return std::visit(
      [](const auto& txn) {
        if constexpr (requires { txn.path; }) return base::NullableView(txn.path);
        return base::NullableView();
      },
      body);
}

// Each part of a multi is an event of its own; a refused one is a single event.
void audit_multi(AuditSink& sink, Event event, const MultiTxn& txn, const MultiRequest& request) {
  // The transaction of a refused multi keeps the parts before the one that failed.
  if (std::ranges::find(txn.txns, OpCode::error, &SubTxn::type) != txn.txns.end()) {
    event.result = "failure";
    return sink.write(event.line());
  }
  std::map<std::string_view, std::string_view> modes;
  for (const SubRequest& part : request.ops) {
    if (const auto* create = std::get_if<CreateRequest>(&part.body); create != nullptr && !create->path.is_null())
      modes[create->path.view()] = mode_name(create->flags);
  }
  for (const SubTxn& part : txn.txns) {
    Event one = event;
    one.operation = part.type == OpCode::remove || part.type == OpCode::delete_container ? "delete"
                    : part.type == OpCode::set_data                                      ? "setData"
                    : part.type == OpCode::check                                         ? ""
                                                                                         : "create";
    if (one.operation.empty()) continue;
    const base::NullableView path = changed_path(part.body);
    if (path.is_null()) continue;
    one.znode = shown(path.view());
    if (const auto mode = modes.find(path.view()); one.operation == "create" && mode != modes.end())
      one.znode_type = mode->second;
    sink.write(one.line());
  }
}

}  // namespace

void audit_request(Core& core, const ClientConnection& from, const QueuedRequest& answered, const Txn& txn,
                   const machine::ApplyResult& result) {
  Event event{.session = hex(from.session.value()),
              .user = users_of(core.schemes, from.identities),
              .ip = auth::java_host_address(from.transport().peer().host)};
  wire::Reader reader(answered.body, core.options.limits.buffer_bytes_max);
  const auto request = wire::decode_body(static_cast<OpCode>(answered.header.type), reader);
  if (!request) {
    // Only such a multi takes a zxid.
    if (static_cast<OpCode>(answered.header.type) != OpCode::multi) return;
    event.operation = "multiOperation";
  } else {
    std::visit(ReadRequest{event}, *request);
  }
  if (event.operation.empty()) return;
  if (const auto* multi = std::get_if<MultiTxn>(&txn.body); multi != nullptr && request)
    return audit_multi(*core.audit, std::move(event), *multi, std::get<MultiRequest>(*request));
  const bool is_refused = std::holds_alternative<ErrorTxn>(txn.body);
  if (const auto path = changed_path(txn.body); !is_refused && !path.is_null()) event.znode = shown(path.view());
  if (is_refused || result.err != Error::ok) event.result = "failure";
  core.audit->write(event.line());
}

void audit_session_end(Core& core, const Txn& txn) {
  const tree::Tree& tree = core.state.tree;
  Event event{.session = hex(txn.header.client_id),
              .user = std::string(core.audit->process_user()),
              .operation = "ephemeralZNodeDeletionOnSessionCloseOrExpire"};
  const auto* const close = std::get_if<CloseSessionTxn>(&txn.body);
  if (close != nullptr && close->paths) {
    for (const base::NullableView path : *close->paths) {
      if (path.is_null()) continue;
      event.znode = shown(path.view());
      event.result = tree.find(path.view()) == tree::kNoNode ? "failure" : "success";
      core.audit->write(event.line());
    }
    return;
  }
  const auto* const owned = tree.ephemerals_of(txn.header.client_id);
  if (owned == nullptr) return;
  for (const tree::NodeId id : *owned) {
    event.znode = shown(tree.path_of(id));
    core.audit->write(event.line());
  }
}

void audit_server(AuditSink& sink, std::string_view operation, std::string_view result) {
  sink.write(Event{.user = std::string(sink.process_user()), .operation = operation, .result = result}.line());
}

}  // namespace quoll::server
