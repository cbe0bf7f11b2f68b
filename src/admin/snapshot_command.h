// The command `snapshot` of the AdminServer: takes a snapshot, and sends its file
// (org.apache.zookeeper.server.admin.Commands.SnapshotCommand).
//
// The loop walks the state in slices, as for every snapshot; a worker reads the file. Nothing of it is read before the
// file is complete and durable, and at most two pieces are in memory for each client.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "env/worker.h"
#include "http/message.h"
#include "server/server.h"

namespace quoll::admin {

struct SnapshotCommandOptions {
  bool enabled = true;                 // admin.snapshot.enabled
  std::int64_t interval_us = 300'000;  // admin.rateLimiterIntervalInMS, which Apache's server takes for microseconds
};

class SnapshotCommand {
 public:
  // Answers under way. Beyond: status 429.
  static constexpr int kAnswersMax = 4;

  // `server` must outlive it, and it must outlive its answers.
  SnapshotCommand(server::Server& server, SnapshotCommandOptions options)
      : server_(server), options_(options), worker_(server.core().env.workers.start("admin-files")) {}

  // The server serves, and the client may.
  http::Answer answer(const http::Request& request);

 private:
  http::Answer refuse(int status, std::string_view why);

  server::Server& server_;
  const SnapshotCommandOptions options_;
  std::optional<std::int64_t> last_us_;
  std::shared_ptr<int> answers_ = std::make_shared<int>(0);
  std::unique_ptr<env::Worker> worker_;
};

}  // namespace quoll::admin
