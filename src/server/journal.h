// Sends transactions to the log. Those that arrive while a flush is under way are written by the next one, with one
// write and one fdatasync.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
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
  // `recovered` is the newest transaction that is durable already.
  Journal(env::Env& env, const std::string& log_dir, const store::Options& options, Zxid recovered,
          std::int64_t fsync_warning_ms, ServerStats& stats, Listener listener);

  void append(Zxid zxid, std::string_view txn);
  // Makes the next append open a new file.
  void roll() { writer_.roll(); }
  // True from a flush that failed because the disk was full until its retry succeeds.
  [[nodiscard]] bool is_stuck() const { return retry_ != nullptr; }

 private:
  void flush_soon();
  void flush();
  // At least so long after a flush the durable mark is durable, too.
  void sync_mark_later();
  void on_done(std::expected<store::FlushInfo, env::DiskError> done, Zxid up_to, std::int64_t started_us);

  env::Env& env_;
  store::LogWriter writer_;
  std::int64_t fsync_warning_ms_;
  ServerStats& stats_;
  Listener listener_;
  std::unique_ptr<env::Worker> worker_;
  Zxid appended_;
  Zxid flushed_;
  Zxid flushing_up_to_;
  std::unique_ptr<env::Timer> retry_;
  std::unique_ptr<env::Timer> mark_timer_;
  bool syncs_marks_;
  bool flushing_ = false;
  env::PostedCall flush_call_;
};

}  // namespace quoll::server
