#include "server/journal.h"

#include "base/check.h"

namespace quoll::server {

namespace {
constexpr std::int64_t kRetryMs = 500;
constexpr std::int64_t kMarkSyncMs = 1000;
}  // namespace

Journal::Journal(env::Env& env, const std::string& log_dir, const store::Options& options, Zxid recovered,
                 std::int64_t fsync_warning_ms, ServerStats& stats, Listener listener)
    : env_(env),
      log_dir_(log_dir),
      options_(options),
      writer_(std::make_unique<store::LogWriter>(env.disk, log_dir, options, recovered)),
      fsync_warning_ms_(fsync_warning_ms),
      stats_(stats),
      listener_(std::move(listener)),
      worker_(env.workers.start("log")) {}

void Journal::append(Zxid zxid, std::string_view txn, std::uint64_t generation) {
  QUOLL_CHECK(writer_ != nullptr && !change_, "nothing is appended while the history is being changed");
  QUOLL_CHECK(generation == generation_, "appends and their reports are of one generation");
  writer_->append(zxid, txn);
  ++stats_.metrics.txns_logged;
  appended_ = zxid;
  flush_soon();
}

void Journal::roll() {
  if (writer_ != nullptr) writer_->roll();
}

// Delayed, so that transactions of other connections that are readable now join the same flush.
void Journal::flush_soon() {
  if (flushing_ || is_stuck()) return;
  flush_call_.post(env_.timers, [this] { flush(); });
}

void Journal::flush() {
  if (flushing_ || appended_ == flushed_) return;
  flushing_ = true;
  if (!writer_->is_stuck()) flushing_up_to_ = appended_;
  writer_->flush(*worker_, [this, up_to = flushing_up_to_, started_us = env_.clock.elapsed_us()](auto done) {
    on_done(std::move(done), up_to, started_us);
  });
}

void Journal::on_done(std::expected<store::FlushInfo, env::DiskError> done, Zxid up_to, std::int64_t started_us) {
  flushing_ = false;
  if (!done && writer_->is_stuck()) {
    retry_ = env_.timers.after(kRetryMs, [this] { flush(); });
    return listener_.on_disk_full(done.error());
  }
  if (!done) return listener_.on_failed(done.error());
  retry_.reset();
  flushed_ = up_to;
  sync_mark_later();
  const std::int64_t took_us = env_.clock.elapsed_us() - started_us;
  const std::int64_t took_ms = took_us / 1000;
  stats_.timings.log_flush.add_us(took_us);
  stats_.metrics.fsync_ms.add(took_ms);
  stats_.metrics.flush_ms.add(took_ms);
  stats_.metrics.txns_in_flush.add(static_cast<std::int64_t>(done->records));
  if (took_ms > fsync_warning_ms_) {
    ++stats_.fsync_threshold_exceeded;
    env_.log.warn("fsync-ing the transaction log took {} ms, which delays every write. Is the disk shared or failing?",
                  took_ms);
  }
  // The next batch is started before the callbacks of this one, so that the disk is never idle.
  flush();
  hand_over_soon();
  listener_.on_flushed(zab::LogFlushed{up_to, generation_});
}

void Journal::sync_mark_later() {
  if (!options_.force_sync || mark_timer_ != nullptr) return;
  mark_timer_ = env_.timers.after(kMarkSyncMs, [this] {
    syncing_mark_ = true;
    writer_->sync_mark(*worker_, [this](std::expected<void, env::DiskError> done) {
      syncing_mark_ = false;
      mark_timer_.reset();
      hand_over_soon();
      if (!done) listener_.on_failed(done.error());
    });
  });
}

void Journal::hand_over(Change change) {
  QUOLL_CHECK(writer_ != nullptr && !change_, "the history is changed once at a time");
  change_ = std::move(change);
  flush_soon();
  hand_over_soon();
}

// Delayed, so that what was flushed is reported before.
void Journal::hand_over_soon() {
  if (!change_ || closing_ || flushing_ || syncing_mark_ || appended_ != flushed_) return;
  closing_ = true;
  mark_timer_.reset();  // closing the log syncs the mark
  hand_over_call_.post(env_.timers, [this] {
    writer_->close(*worker_, [this] {
      writer_.reset();
      closing_ = false;
      std::exchange(change_, nullptr)(*worker_);
    });
  });
}

void Journal::restart(Zxid recovered, std::uint64_t generation) {
  QUOLL_CHECK(writer_ == nullptr, "the log begins anew when it has been handed over");
  QUOLL_CHECK(generation > generation_, "each change of the history begins a generation");
  generation_ = generation;
  appended_ = flushed_ = flushing_up_to_ = recovered;
  writer_ = std::make_unique<store::LogWriter>(env_.disk, log_dir_, options_, recovered);
}

}  // namespace quoll::server
