#include "sdk/convert.h"

namespace quoll::sdk {

zk::Stat to_public(const Stat& stat) {
  return {stat.czxid,    stat.mzxid,           stat.ctime,       stat.mtime,        stat.version, stat.cversion,
          stat.aversion, stat.ephemeral_owner, stat.data_length, stat.num_children, stat.pzxid};
}

zk::Failure to_public(client::Failure failure) {
  return {static_cast<zk::Code>(failure.code), static_cast<zk::Fate>(failure.fate), std::move(failure.text),
          failure.operation};
}

zk::NodeAcl to_public(const client::NodeAcl& acl) {
  zk::NodeAcl result{{}, to_public(acl.stat)};
  for (const Acl& each : acl.acl) result.acl.push_back({each.perms, each.id.scheme, each.id.id});
  return result;
}

zk::State to_public(client::State state) {
  switch (state) {
    case client::State::connecting:
      return zk::State::connecting;
    case client::State::connected:
      return zk::State::connected;
    case client::State::connected_read_only:
      return zk::State::connected_read_only;
    case client::State::closed:
      return zk::State::closed;
    case client::State::expired:
      return zk::State::expired;
    case client::State::auth_failed:
      return zk::State::auth_failed;
  }
  return zk::State::closed;
}

AclList to_internal(const std::vector<zk::Acl>& acl) {
  AclList list;
  for (const zk::Acl& each : acl) list.push_back({each.perms, {each.scheme, each.id}});
  return list;
}

client::CreateOptions to_internal(const zk::CreateOptions& options) {
  using enum zk::CreateMode;
  CreateMode mode;
  mode.ephemeral = options.mode == ephemeral || options.mode == ephemeral_sequential;
  mode.sequential =
      options.mode == persistent_sequential || options.mode == ephemeral_sequential || options.mode == ttl_sequential;
  mode.container = options.mode == container;
  mode.ttl = options.mode == ttl || options.mode == ttl_sequential;
  return {mode, to_internal(options.acl), options.ttl_ms};
}

client::Operation to_internal(const zk::Operation& operation) {
  switch (operation.kind) {
    case zk::Operation::Kind::create:
      return client::op::Create{operation.path, operation.data, to_internal(operation.options)};
    case zk::Operation::Kind::remove:
      return client::op::Remove{operation.path, operation.version};
    case zk::Operation::Kind::set:
      return client::op::Set{operation.path, operation.data, operation.version};
    case zk::Operation::Kind::check:
      break;
  }
  return client::op::Check{operation.path, operation.version};
}

zk::OperationResult to_public(const client::OperationResult& result) {
  if (const auto* const created = std::get_if<client::Created>(&result))
    return {created->path, to_public(created->stat)};
  if (const auto* const stat = std::get_if<Stat>(&result)) return {{}, to_public(*stat)};
  return {};
}

std::vector<client::Operation> to_internal(const std::vector<zk::Operation>& operations) {
  std::vector<client::Operation> inner;
  for (const zk::Operation& each : operations) inner.push_back(to_internal(each));
  return inner;
}

zk::Result<std::vector<zk::OperationResult>> to_public(client::Result<std::vector<client::OperationResult>> results) {
  if (!results) return std::unexpected(to_public(std::move(results.error())));
  std::vector<zk::OperationResult> list;
  for (const client::OperationResult& each : results.value()) list.push_back(to_public(each));
  return list;
}

}  // namespace quoll::sdk
