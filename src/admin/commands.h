// The AdminServer: answers HTTP requests below admin.commandURL with JSON, as Apache's does
// (org.apache.zookeeper.server.admin.JettyAdminServer, Commands).
#pragma once

#include <cstdint>
#include <string>

#include "admin/facts.h"
#include "admin/restore_command.h"
#include "admin/snapshot_command.h"
#include "http/message.h"
#include "server/server.h"

namespace quoll::admin {

struct CommandOptions {
  std::string url = "/commands";  // admin.commandURL
  SnapshotCommandOptions snapshot;
  RestoreCommandOptions restore;
};

// `server` and `facts` must outlive it.
class Commands : public http::Handler {
 public:
  Commands(server::Server& server, const Facts& facts, CommandOptions options)
      : server_(server),
        facts_(facts),
        options_(std::move(options)),
        snapshot_(server, options_.snapshot),
        restore_(server, options_.restore) {}

  std::unique_ptr<http::Intake> intake(const http::Request& request) override;
  http::Answer answer(const http::Request& request) override;

 private:
  http::Answer run(std::string_view name, const http::Request& request);
  [[nodiscard]] http::Answer links() const;

  server::Server& server_;
  const Facts& facts_;
  const CommandOptions options_;
  std::int64_t trace_mask_ = 0x132;  // see FourLetterWords
  SnapshotCommand snapshot_;
  RestoreCommand restore_;
};

}  // namespace quoll::admin
