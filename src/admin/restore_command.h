// The command `restore` of the AdminServer: replaces the state of a server that runs alone by the snapshot in the body
// of the request (org.apache.zookeeper.server.admin.Commands.RestoreCommand).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "http/message.h"
#include "server/server.h"

namespace quoll::admin {

struct RestoreCommandOptions {
  bool enabled = true;                 // admin.restore.enabled
  std::int64_t interval_us = 300'000;  // as that of snapshots
};

class RestoreCommand {
 public:
  // `server` must outlive it.
  RestoreCommand(server::Server& server, RestoreCommandOptions options) : server_(server), options_(options) {}

  // The head of the request has come; the client may not be allowed to. Never nullptr: a refusal is an intake, too.
  std::unique_ptr<http::Intake> intake(const http::Request& request);

 private:
  std::unique_ptr<http::Intake> refuse(int status, std::string_view why);

  server::Server& server_;
  const RestoreCommandOptions options_;
  std::optional<std::int64_t> last_us_;
};

}  // namespace quoll::admin
