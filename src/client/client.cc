#include "client/client.h"

#include <fmt/format.h>

#include "client/decode.h"
#include "types/path.h"

namespace quoll::client {

namespace {

std::string what_failed(std::string_view operation, const std::string& path, Error code) {
  return path.empty() ? fmt::format("{}: {}", operation, name(code))
                      : fmt::format("{} {}: {}", operation, path, name(code));
}

Failure refused(std::string_view operation, const std::string& path, std::string_view why) {
  return {Error::bad_arguments, Fate::not_sent, fmt::format("{} {}: {}", operation, path, why), {}, {}};
}

// Turns the answer into the call's value with `value`, which gets the reply's record; failures pass, with a text.
template <typename Record, typename T, typename Value>
AnswerDone answered(std::string_view operation, std::string path, Done<T> done, Value value) {
  return [operation, path = std::move(path), done = std::move(done),
          value = std::move(value)](Result<Answer> answer) mutable {
    if (answer) {
      if constexpr (std::is_void_v<T>) {
        value(std::get<Record>(answer->body));
        done({});
      } else {
        done(value(std::get<Record>(answer->body)));
      }
      return;
    }
    Failure failure = std::move(answer.error());
    const std::string what = what_failed(operation, path, failure.code);
    failure.text = failure.text.empty() ? what : fmt::format("{} ({})", what, failure.text);
    done(std::unexpected(std::move(failure)));
  };
}

constexpr auto kNothing = [](const auto&) {};

AclViews views(const AclList& acl) {
  std::vector<AclView> list;
  for (const Acl& each : acl) list.push_back({each.perms, each.id.scheme, each.id.id});
  return list;
}

OpCode create_opcode(CreateMode mode) {
  return mode.ttl ? OpCode::create_ttl : mode.container ? OpCode::create_container : OpCode::create2;
}

// The flags of org.apache.zookeeper.CreateMode; -1: there is no such kind of znode.
std::int32_t flags_of(CreateMode mode) {
  if (mode.ttl) return mode.ephemeral || mode.container ? -1 : mode.sequential ? 6 : 5;
  if (mode.container) return mode.ephemeral || mode.sequential ? -1 : 4;
  return (mode.ephemeral ? 1 : 0) | (mode.sequential ? 2 : 0);
}

// Why a create cannot be sent; empty if it can. A sequential path gets digits, so "/a/" is one.
std::string create_trouble(const std::string& path, const CreateOptions& options) {
  if (flags_of(options.mode) < 0) return "a container or TTL znode cannot be ephemeral, and a container not sequential";
  if (options.mode.ttl && (options.ttl_ms <= 0 || options.ttl_ms > kTtlMsMax))
    return fmt::format("ttl must be positive and cannot be larger than: {}", kTtlMsMax);
  return path_trouble(options.mode.sequential ? path + "1" : path);
}

template <typename Body>
Body create_body(const NullableView path, const Bytes& data, const CreateOptions& options) {
  Body body{path, view(data), views(options.acl), flags_of(options.mode)};
  if constexpr (requires { body.ttl_ms; }) body.ttl_ms = options.ttl_ms;
  return body;
}

// Sets a watch when the server's answer says that the server has it.
class Registration {
 public:
  Registration(WatchBook& book, std::string path, std::shared_ptr<Watcher> watcher)
      : book_(book), path_(std::move(path)), watcher_(std::move(watcher)) {}
  [[nodiscard]] bool wanted() const { return watcher_ != nullptr; }
  void set(WatchKind kind) const {
    if (watcher_ != nullptr) book_.add(kind, path_, watcher_);
  }

 private:
  WatchBook& book_;
  std::string path_;
  std::shared_ptr<Watcher> watcher_;
};

template <typename T>
CallId refuse(Session& session, std::string_view operation, const std::string& path, std::string_view why,
              Done<T> done) {
  session.refuse(refused(operation, path, why),
                 [done = std::move(done)](Result<Answer> answer) mutable { done(std::unexpected(answer.error())); });
  return 0;
}

}  // namespace

CallId Client::create(const std::string& path, const Bytes& data, const CreateOptions& options, Done<Created> done,
                      CallOptions how) {
  if (const auto why = create_trouble(path, options); !why.empty())
    return refuse(session_, "create", path, why, std::move(done));
  const std::string at = session_.server_path(path);
  const OpCode op = create_opcode(options.mode);
  auto then = answered<PathStatReply>("create", path, std::move(done), [this](const PathStatReply& reply) {
    return Created{session_.client_path(reply.path.view()), reply.stat};
  });
  if (op == OpCode::create_ttl)
    return session_.call(op, create_body<CreateTtlRequest>(at, data, options), how.timeout_ms, std::move(then));
  return session_.call(op, create_body<CreateRequest>(at, data, options), how.timeout_ms, std::move(then));
}

CallId Client::remove(const std::string& path, std::int32_t version, Done<void> done, CallOptions how) {
  if (const auto why = path_trouble(path); !why.empty()) return refuse(session_, "delete", path, why, std::move(done));
  const std::string at = session_.server_path(path);
  return session_.call(OpCode::remove, DeleteRequest{at, version}, how.timeout_ms,
                       answered<EmptyReply>("delete", path, std::move(done), kNothing));
}

CallId Client::exists(const std::string& path, std::shared_ptr<Watcher> watcher, Done<std::optional<Stat>> done,
                      CallOptions how) {
  if (const auto why = path_trouble(path); !why.empty()) return refuse(session_, "exists", path, why, std::move(done));
  const std::string at = session_.server_path(path);
  Registration watch(session_.watches(), path, std::move(watcher));
  const WatchedReadRequest request{at, watch.wanted()};
  auto then = [path, watch = std::move(watch), done = std::move(done)](Result<Answer> answer) mutable {
    if (!answer && answer.error().code == Error::no_node && answer.error().fate == Fate::answered) {
      watch.set(WatchKind::exist);
      return done(std::optional<Stat>());
    }
    answered<StatReply>("exists", std::move(path), std::move(done), [&](const StatReply& reply) {
      watch.set(WatchKind::data);
      return std::optional(reply.stat);
    })(std::move(answer));
  };
  return session_.call(OpCode::exists, request, how.timeout_ms, std::move(then));
}

CallId Client::get(const std::string& path, std::shared_ptr<Watcher> watcher, Done<NodeData> done, CallOptions how) {
  if (const auto why = path_trouble(path); !why.empty()) return refuse(session_, "get", path, why, std::move(done));
  const std::string at = session_.server_path(path);
  Registration watch(session_.watches(), path, std::move(watcher));
  const WatchedReadRequest request{at, watch.wanted()};
  return session_.call(
      OpCode::get_data, request, how.timeout_ms,
      answered<DataReply>("get", path, std::move(done), [watch = std::move(watch)](const DataReply& reply) {
        watch.set(WatchKind::data);
        return NodeData{owned(reply.data), reply.stat};
      }));
}

CallId Client::set(const std::string& path, const Bytes& data, std::int32_t version, Done<Stat> done, CallOptions how) {
  if (const auto why = path_trouble(path); !why.empty()) return refuse(session_, "set", path, why, std::move(done));
  const std::string at = session_.server_path(path);
  return session_.call(
      OpCode::set_data, SetDataRequest{at, view(data), version}, how.timeout_ms,
      answered<StatReply>("set", path, std::move(done), [](const StatReply& reply) { return reply.stat; }));
}

CallId Client::get_acl(const std::string& path, Done<NodeAcl> done, CallOptions how) {
  if (const auto why = path_trouble(path); !why.empty()) return refuse(session_, "getAcl", path, why, std::move(done));
  const std::string at = session_.server_path(path);
  return session_.call(OpCode::get_acl, PathRequest{at}, how.timeout_ms,
                       answered<AclReply>("getAcl", path, std::move(done),
                                          [](const AclReply& reply) { return NodeAcl{reply.acl, reply.stat}; }));
}

CallId Client::set_acl(const std::string& path, const AclList& acl, std::int32_t version, Done<Stat> done,
                       CallOptions how) {
  if (const auto why = path_trouble(path); !why.empty()) return refuse(session_, "setAcl", path, why, std::move(done));
  const std::string at = session_.server_path(path);
  return session_.call(
      OpCode::set_acl, SetAclRequest{at, views(acl), version}, how.timeout_ms,
      answered<StatReply>("setAcl", path, std::move(done), [](const StatReply& reply) { return reply.stat; }));
}

CallId Client::children(const std::string& path, std::shared_ptr<Watcher> watcher, Done<Children> done,
                        CallOptions how) {
  if (const auto why = path_trouble(path); !why.empty()) return refuse(session_, "ls", path, why, std::move(done));
  const std::string at = session_.server_path(path);
  Registration watch(session_.watches(), path, std::move(watcher));
  const WatchedReadRequest request{at, watch.wanted()};
  return session_.call(
      OpCode::get_children2, request, how.timeout_ms,
      answered<NamesStatReply>("ls", path, std::move(done), [watch = std::move(watch)](const NamesStatReply& reply) {
        watch.set(WatchKind::child);
        return Children{owned(reply.names), reply.stat};
      }));
}

CallId Client::sync(const std::string& path, Done<void> done, CallOptions how) {
  if (const auto why = path_trouble(path); !why.empty()) return refuse(session_, "sync", path, why, std::move(done));
  const std::string at = session_.server_path(path);
  return session_.call(OpCode::sync, PathRequest{at}, how.timeout_ms,
                       answered<PathReply>("sync", path, std::move(done), kNothing));
}

CallId Client::add_watch(const std::string& path, AddWatchMode mode, std::shared_ptr<Watcher> watcher, Done<void> done,
                         CallOptions how) {
  if (const auto why = path_trouble(path); !why.empty())
    return refuse(session_, "addWatch", path, why, std::move(done));
  const std::string at = session_.server_path(path);
  Registration watch(session_.watches(), path, std::move(watcher));
  const WatchKind kind = mode == AddWatchMode::persistent ? WatchKind::persistent : WatchKind::recursive;
  return session_.call(OpCode::add_watch, WatchTypeRequest{at, static_cast<std::int32_t>(mode)}, how.timeout_ms,
                       answered<EmptyReply>("addWatch", path, std::move(done),
                                            [watch = std::move(watch), kind](const EmptyReply&) { watch.set(kind); }));
}

CallId Client::remove_watches(const std::string& path, WatcherType type, Local local, Done<void> done,
                              CallOptions how) {
  if (const auto why = path_trouble(path); !why.empty())
    return refuse(session_, "removewatches", path, why, std::move(done));
  const std::string at = session_.server_path(path);
  auto then = [this, path, type, local, done = std::move(done)](Result<Answer> answer) mutable {
    const bool had = session_.watches().has(type, path);
    if (answer || (local == Local::yes && had)) {
      for (const auto& [event, watcher] : session_.watches().remove(type, path))
        session_.tell({event, path, -1}, {watcher});
      return done({});
    }
    answered<EmptyReply>("removewatches", std::move(path), std::move(done), kNothing)(std::move(answer));
  };
  return session_.call(OpCode::remove_watches, WatchTypeRequest{at, static_cast<std::int32_t>(type)}, how.timeout_ms,
                       std::move(then));
}

CallId Client::config(std::shared_ptr<Watcher> watcher, Done<NodeData> done, CallOptions how) {
  // It is outside of every chroot.
  Registration watch(session_.watches(), std::string(path::kConfig), std::move(watcher));
  const WatchedReadRequest request{path::kConfig, watch.wanted()};
  return session_.call(
      OpCode::get_data, request, how.timeout_ms,
      answered<DataReply>("config", {}, std::move(done), [watch = std::move(watch)](const DataReply& reply) {
        watch.set(WatchKind::data);
        return NodeData{owned(reply.data), reply.stat};
      }));
}

CallId Client::reconfigure(const Reconfiguration& change, Done<NodeData> done, CallOptions how) {
  const ReconfigRequest request{view(change.joining), view(change.leaving), view(change.members), change.from_version};
  return session_.call(OpCode::reconfig, request, how.timeout_ms,
                       answered<DataReply>("reconfig", {}, std::move(done), [](const DataReply& reply) {
                         return NodeData{owned(reply.data), reply.stat};
                       }));
}

CallId Client::who_am_i(Done<std::vector<Identity>> done, CallOptions how) {
  return session_.call(OpCode::who_am_i, EmptyRequest{}, how.timeout_ms,
                       answered<WhoAmIReply>("whoami", {}, std::move(done), [](const WhoAmIReply& reply) {
                         std::vector<Identity> list;
                         for (const ClientInfo& each : reply.client_info) list.push_back({each.auth_scheme, each.user});
                         return list;
                       }));
}

CallId Client::ephemerals(const std::string& prefix, Done<std::vector<std::string>> done, CallOptions how) {
  if (const auto why = path_trouble(prefix); !why.empty())
    return refuse(session_, "getEphemerals", prefix, why, std::move(done));
  const std::string at = session_.server_path(prefix);
  return session_.call(OpCode::get_ephemerals, PathRequest{at}, how.timeout_ms,
                       answered<NamesReply>("getEphemerals", prefix, std::move(done), [this](const NamesReply& reply) {
                         std::vector<std::string> paths;
                         for (const auto& path : reply.names) paths.push_back(session_.client_path(path));
                         return paths;
                       }));
}

CallId Client::all_children_number(const std::string& path, Done<std::int32_t> done, CallOptions how) {
  if (const auto why = path_trouble(path); !why.empty())
    return refuse(session_, "getAllChildrenNumber", path, why, std::move(done));
  const std::string at = session_.server_path(path);
  return session_.call(OpCode::get_all_children_number, PathRequest{at}, how.timeout_ms,
                       answered<CountReply>("getAllChildrenNumber", path, std::move(done),
                                            [](const CountReply& reply) { return reply.count; }));
}

// ---- multi

namespace {

const std::string& path_of(const Operation& operation) {
  return std::visit([](const auto& each) -> const std::string& { return each.path; }, operation);
}

std::string trouble_of(const Operation& operation) {
  if (const auto* const create = std::get_if<op::Create>(&operation))
    return create_trouble(create->path, create->options);
  return path_trouble(path_of(operation));
}

SubRequest sub_of(const Operation& operation, const NullableView path) {
  if (const auto* const create = std::get_if<op::Create>(&operation)) {
    const OpCode op = create_opcode(create->options.mode);
    if (op == OpCode::create_ttl) return {op, create_body<CreateTtlRequest>(path, create->data, create->options)};
    return {op, create_body<CreateRequest>(path, create->data, create->options)};
  }
  if (const auto* const remove = std::get_if<op::Remove>(&operation))
    return {OpCode::remove, DeleteRequest{path, remove->version}};
  if (const auto* const set = std::get_if<op::Set>(&operation))
    return {OpCode::set_data, SetDataRequest{path, view(set->data), set->version}};
  return {OpCode::check, CheckVersionRequest{path, std::get<op::Check>(operation).version}};
}

OperationResult result_of(const Session& session, const SubReply& sub) {
  if (const auto* const created = std::get_if<PathStatReply>(&sub.body))
    return Created{session.client_path(created->path.view()), created->stat};
  if (const auto* const created = std::get_if<PathReply>(&sub.body))
    return Created{session.client_path(created->path.view()), {}};
  if (const auto* const set = std::get_if<StatReply>(&sub.body)) return set->stat;
  return std::monostate();
}

// What a refused multi says; nullopt: it was not refused.
std::optional<Failure> refusal_of(const MultiReply& reply, const std::vector<std::string>& paths) {
  Failure failure;
  for (const SubReply& sub : reply.results) {
    const auto* const error = std::get_if<ErrorReply>(&sub.body);
    failure.operation_codes.push_back(error == nullptr ? Error::ok : static_cast<Error>(error->err));
  }
  for (std::size_t i = 0; i < failure.operation_codes.size(); ++i) {
    const Error code = failure.operation_codes[i];
    // The operations around the refused one have runtime_inconsistency after it, and ok before it.
    if (code == Error::ok || (code == Error::runtime_inconsistency && i > 0)) continue;
    failure.code = code;
    failure.operation = i;
    failure.text = fmt::format("multi: operation {} of {}, on {}: {}", i + 1, failure.operation_codes.size(),
                               i < paths.size() ? paths[i] : "?", name(code));
    return failure;
  }
  return std::nullopt;
}

}  // namespace

CallId Client::multi(const std::vector<Operation>& operations, Done<std::vector<OperationResult>> done,
                     CallOptions how) {
  std::vector<std::string> paths;
  std::vector<std::string> server_paths;
  for (const Operation& operation : operations) {
    paths.push_back(path_of(operation));
    server_paths.push_back(session_.server_path(paths.back()));
    if (const auto why = trouble_of(operation); !why.empty())
      return refuse(session_, "multi", paths.back(), why, std::move(done));
  }
  MultiRequest request;
  for (std::size_t i = 0; i < operations.size(); ++i) request.ops.push_back(sub_of(operations[i], server_paths[i]));
  auto then = [this, paths = std::move(paths), done = std::move(done)](Result<Answer> answer) mutable {
    if (answer) {
      if (auto refusal = refusal_of(std::get<MultiReply>(answer->body), paths))
        return done(std::unexpected(std::move(*refusal)));
      if (std::get<MultiReply>(answer->body).results.size() != paths.size())
        return done(std::unexpected(Failure{Error::marshalling_error,
                                            Fate::may_be_applied,
                                            "multi: the server answered another number of operations",
                                            {},
                                            {}}));
    }
    answered<MultiReply>("multi", {}, std::move(done), [this](const MultiReply& reply) {
      std::vector<OperationResult> results;
      for (const SubReply& sub : reply.results) results.push_back(result_of(session_, sub));
      return results;
    })(std::move(answer));
  };
  return session_.call(OpCode::multi, request, how.timeout_ms, std::move(then));
}

CallId Client::multi_read(const std::vector<ReadOperation>& operations, Done<std::vector<ReadResult>> done,
                          CallOptions how) {
  std::vector<std::string> server_paths;
  for (const ReadOperation& operation : operations) {
    const std::string& path = std::visit([](const auto& each) -> const std::string& { return each.path; }, operation);
    if (const auto why = path_trouble(path); !why.empty())
      return refuse(session_, "multiRead", path, why, std::move(done));
    server_paths.push_back(session_.server_path(path));
  }
  MultiRequest request;
  for (std::size_t i = 0; i < operations.size(); ++i) {
    const bool is_get = std::holds_alternative<op::Get>(operations[i]);
    request.ops.push_back(
        {is_get ? OpCode::get_data : OpCode::get_children, WatchedReadRequest{server_paths[i], false}});
  }
  return session_.call(
      OpCode::multi_read, request, how.timeout_ms,
      answered<MultiReply>("multiRead", {}, std::move(done), [](const MultiReply& reply) {
        std::vector<ReadResult> results;
        for (const SubReply& sub : reply.results) {
          if (const auto* const data = std::get_if<DataReply>(&sub.body)) {
            results.emplace_back(NodeData{owned(data->data), data->stat});
          } else if (const auto* const names = std::get_if<NamesReply>(&sub.body)) {
            results.emplace_back(Children{owned(names->names), {}});
          } else {
            const auto* const error = std::get_if<ErrorReply>(&sub.body);
            results.emplace_back(error == nullptr ? Error::marshalling_error : static_cast<Error>(error->err));
          }
        }
        return results;
      }));
}

}  // namespace quoll::client
