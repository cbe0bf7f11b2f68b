// Between the values of the installed headers and those of the client.
#pragma once

#include <string>
#include <vector>

#include "client/operations.h"
#include "client/result.h"
#include "client/watcher.h"
#include "quoll/types.h"

namespace quoll::sdk {

zk::Stat to_public(const Stat& stat);
zk::Failure to_public(client::Failure failure);
zk::NodeAcl to_public(const client::NodeAcl& acl);
zk::State to_public(client::State state);
AclList to_internal(const std::vector<zk::Acl>& acl);
client::CreateOptions to_internal(const zk::CreateOptions& options);
client::Operation to_internal(const zk::Operation& operation);
zk::OperationResult to_public(const client::OperationResult& result);
std::vector<client::Operation> to_internal(const std::vector<zk::Operation>& operations);
zk::Result<std::vector<zk::OperationResult>> to_public(client::Result<std::vector<client::OperationResult>> results);

// A result with its value turned into what `value` makes of it.
template <typename T, typename From, typename Value>
zk::Result<T> to_public(client::Result<From> result, Value value) {
  if (!result) return std::unexpected(to_public(std::move(result.error())));
  return value(std::move(*result));
}

}  // namespace quoll::sdk
