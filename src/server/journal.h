// Sends transactions to the log. Those that arrive while a flush is under way are written by the next one, with one
// write and one fdatasync.
//
// When the history is cut back or replaced, the files belong to that change for a while: hand_over() ends what is under
// way and closes the log, the change is made on the log's worker, and restart() begins behind what is left. The
// generation counts these changes, as in zab::AppendLog: what is reported is always of the appends of one generation.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "env/env.h"
#include "env/posted_call.h"
#include "server/stats.h"
#include "store/log_writer.h"
#include "types/ids.h"
#include "zab/effects.h"

namespace quoll::server {

class Journal {
 public:
  struct Listener {
    // Everything up to this zxid is on stable storage. This is the only source of zab::LogFlushed.
    std::function<void(const zab::LogFlushed&)> on_flushed;
    // The disk failed and its content is unknown: the process must end, and the next start reads the log again.
    std::function<void(const env::DiskError&)> on_failed;
    // A flush failed because the disk was full. It is retried until it succeeds; nothing is acknowledged meanwhile.
    std::function<void(const env::DiskError&)> on_disk_full;
  };
  // `recovered` is the newest transaction that is durable already. The generation begins at 0.
  Journal(env::Env& env, const std::string& log_dir, const store::Options& options, Zxid recovered,
          std::int64_t fsync_warning_ms, ServerStats& stats, Listener listener);

  void append(Zxid zxid, std::string_view txn, std::uint64_t generation);
  // Makes the next append open a new file.
  void roll();

  // Flushes and reports what has been appended, then closes the log and calls `change`, with the worker of the log, on
  // which the files may be changed now. Nothing is appended before restart(). On a full disk that waits for space.
  using Change = std::move_only_function<void(env::Worker&)>;
  void hand_over(Change change);
  // Begins anew with a file of its own: `recovered` is the newest transaction of the history that is left.
  void restart(Zxid recovered, std::uint64_t generation);
  // True from a flush that failed because the disk was full until its retry succeeds.
  [[nodiscard]] bool is_stuck() const { return retry_ != nullptr; }

 private:
  void flush_soon();
  void flush();
  // At least so long after a flush the durable mark is durable, too.
  void sync_mark_later();
  // Goes on with hand_over() if nothing is under way.
  void hand_over_soon();
  void on_done(std::expected<store::FlushInfo, env::DiskError> done, Zxid up_to, std::int64_t started_us);

  env::Env& env_;
  const std::string log_dir_;
  const store::Options options_;
  // nullptr while the log is handed over.
  std::unique_ptr<store::LogWriter> writer_;
  std::uint64_t generation_ = 0;
  Change change_;  // what hand_over() waits with
  std::int64_t fsync_warning_ms_;
  ServerStats& stats_;
  Listener listener_;
  std::unique_ptr<env::Worker> worker_;
  Zxid appended_;
  Zxid flushed_;
  Zxid flushing_up_to_;
  std::unique_ptr<env::Timer> retry_;
  std::unique_ptr<env::Timer> mark_timer_;
  bool flushing_ = false;
  bool syncing_mark_ = false;
  bool closing_ = false;
  env::PostedCall hand_over_call_;
  env::PostedCall flush_call_;
};

}  // namespace quoll::server
