#include "server/snapshots.h"

#include <algorithm>
#include <cerrno>

#include "store/archive.h"

namespace quoll::server {

namespace {
// Bytes not written to disk yet; beyond this the walk pauses.
constexpr std::size_t kPendingBytesMax = std::size_t{4} << 20;
constexpr std::int64_t kWaitMs = 2;
}  // namespace

Snapshots::Snapshots(Core& core, const store::DataDirs& dirs, Journal& journal)
    : core_(core), dirs_(dirs), journal_(journal), worker_(core.env.workers.start("snapshot")) {
  draw_thresholds();
}

Snapshots::~Snapshots() {
  // If a snapshot is under way, its destructor queues a last job on the worker that removes the file.
  writer_.reset();
}

// Servers of an ensemble should not take snapshots at the same time: each uses a random threshold above half of the
// limit.
void Snapshots::draw_thresholds() {
  const SnapshotOptions& options = core_.options.snapshots;
  const std::int64_t half = std::max<std::int64_t>(1, options.count / 2);
  count_threshold_ = half + static_cast<std::int64_t>(core_.env.random.below(static_cast<std::uint64_t>(half)));
  const std::int64_t half_bytes = options.log_kb * 1024 / 2;
  bytes_threshold_ =
      options.log_kb <= 0
          ? 0
          : half_bytes + static_cast<std::int64_t>(core_.env.random.below(static_cast<std::uint64_t>(half_bytes)));
}

void Snapshots::on_append(std::size_t bytes) {
  ++appended_;
  appended_bytes_ += static_cast<std::int64_t>(bytes);
  const bool due = appended_ > count_threshold_ || (bytes_threshold_ > 0 && appended_bytes_ > bytes_threshold_);
  if (!due) return;
  // Checked at every append, so that a snapshot is taken as soon as there is space.
  // Without a leader, or before the leader's history is here, some of the state may yet be cut off.
  if (core_.snapshots_are_off || core_.role == Role::none || paused_) return;
  appended_ = appended_bytes_ = 0;
  draw_thresholds();
  journal_.roll();
  if (is_running()) {
    core_.env.log.warn(
        "A snapshot is due, but the last one is still being written; this one is skipped. Is the disk of dataDir too "
        "slow?");
    return;
  }
  take();
}

void Snapshots::take(std::move_only_function<void(const std::expected<void, env::DiskError>&)> done) {
  if (is_running() || paused_) return;
  done_ = std::move(done);
  requested_ = std::exchange(requests_, {});
  walk_ = std::make_unique<StateWalk>(core_);
  start_zxid_ = walk_->start().value();
  started_us_ = core_.env.clock.elapsed_us();
  writer_ = std::make_unique<store::SnapshotWriter>(core_.env.disk, *worker_, dirs_.snapshot_dir(), core_.options.store,
                                                    Zxid{start_zxid_});
  slice();
}

void Snapshots::request(OnTaken done) {
  requests_.push_back(std::move(done));
  request_call_.post(core_.env.timers, [this] { take_requested(); });
}

void Snapshots::take_requested() {
  if (requests_.empty() || is_running()) return;  // finished() calls again
  if (paused_) {
    requested_ = std::exchange(requests_, {});
    return tell_requesters(std::unexpected(env::DiskError{ECANCELED, "the state of this server is being replaced"}));
  }
  if (core_.role == Role::none) {
    requested_ = std::exchange(requests_, {});
    return tell_requesters(std::unexpected(env::DiskError{ECANCELED, "this server has no leader"}));
  }
  if (core_.snapshots_are_off) {
    requested_ = std::exchange(requests_, {});
    return tell_requesters(std::unexpected(env::DiskError{ENOSPC, "the disk of dataDir is nearly full"}));
  }
  take();
}

void Snapshots::tell_requesters(const std::expected<Taken, env::DiskError>& taken) {
  for (OnTaken& requester : std::exchange(requested_, {})) requester(taken);
}

void Snapshots::slice() {
  if (walk_ == nullptr) return;  // it has been abandoned
  const StateWalk::Progress progress = walk_->slice(encoded_);
  if (progress == StateWalk::Progress::replaced) return abandon();
  if (progress == StateWalk::Progress::done || encoded_.size() >= StateWalk::kChunkBytes)
    writer_->bytes(std::exchange(encoded_, {}));
  if (progress == StateWalk::Progress::done) return finish();
  next_slice();
}

void Snapshots::next_slice() {
  if (writer_->pending_bytes() > kPendingBytesMax) {
    wait_ = core_.env.timers.after(kWaitMs, [this] { next_slice(); });
    return;
  }
  slice_call_.post(core_.env.timers, [this] { slice(); });
}

// The state or the history is being replaced, and the file would be of one that is gone.
void Snapshots::abandon() {
  if (walk_ == nullptr) return;
  core_.env.log.info("Snapshot 0x{:x} is abandoned: the state that it was to contain is replaced",
                     static_cast<std::uint64_t>(start_zxid_));
  walk_.reset();
  wait_.reset();
  encoded_.clear();
  writer_.reset();
  const env::DiskError error{ECANCELED, "the state was replaced"};
  if (done_) std::exchange(done_, nullptr)(std::unexpected(error));
  tell_requesters(std::unexpected(error));
  if (!requests_.empty()) request_call_.post(core_.env.timers, [this] { take_requested(); });
}

void Snapshots::pause(std::move_only_function<void()> then) {
  paused_ = true;
  abandon();
  // The worker's jobs run in order. A snapshot that only had to be completed is complete then.
  worker_->run([] {}, std::move(then));
}

void Snapshots::finish() {
  walk_.reset();
  // Replay up to this zxid gives the same tree, even though the file is fuzzy; the digest verifies this.
  std::optional<store::SnapshotDigest> digest;
  if (core_.options.store.digest_enabled && !core_.state.is_fuzzy)
    digest = store::SnapshotDigest{core_.zxid(), kDigestVersion, core_.state.tree.digest()};
  std::optional<Zxid> last;
  if (core_.options.store.serialize_last_processed_zxid) last = core_.state.last_processed;
  writer_->finish(digest, last,
                  [this, alive = std::weak_ptr<bool>(alive_)](std::expected<void, env::DiskError> result) {
                    if (!alive.expired()) finished(std::move(result));
                  });
}

void Snapshots::finished(std::expected<void, env::DiskError> result) {
  const std::string path = dirs_.snapshot_dir() + "/" + writer_->name();
  writer_.reset();
  if (!requests_.empty()) request_call_.post(core_.env.timers, [this] { take_requested(); });
  const std::int64_t took = (core_.env.clock.elapsed_us() - started_us_) / 1000;
  if (done_) std::exchange(done_, nullptr)(result);
  if (!result) {
    ++core_.stats.metrics.snapshot_errors;
    last_failed_ = true;
    core_.env.log.error(
        "Snapshot 0x{:x} cannot be written: {}. Older snapshots and the logs are kept, nothing is lost; the next one "
        "is "
        "tried later",
        static_cast<std::uint64_t>(start_zxid_), result.error().text);
    return tell_requesters(std::unexpected(result.error()));
  }
  last_failed_ = false;
  core_.stats.metrics.snapshot_ms.add(took);
  last_zxid_ = start_zxid_;
  last_finished_wall_ms_ = core_.env.clock.wall_ms();
  core_.env.log.info("Snapshot 0x{:x} taken in {} ms", static_cast<std::uint64_t>(start_zxid_), took);
  tell_requesters(Taken{Zxid{start_zxid_}, path});
}

void Snapshots::start_purging() {
  const std::int64_t interval_ms = core_.options.snapshots.purge_interval_ms;
  if (interval_ms <= 0) return;
  purge();
  purge_timer_ = core_.env.timers.after(interval_ms, [this] { start_purging(); });
}

void Snapshots::purge() {
  if (purging_ || paused_) return;
  if (last_failed_) {
    core_.env.log.warn("Old files are not purged: the last snapshot could not be written, and they may be needed");
    return;
  }
  purging_ = true;
  struct Outcome {
    std::vector<std::string> removed;
    std::size_t kept = 0;
    std::string error;
  };
  auto outcome = std::make_shared<Outcome>();
  worker_->run(
      [outcome, &dirs = dirs_, retain = core_.options.snapshots.purge_retain,
       &archive = core_.options.snapshots.archive_dir] {
        const auto doomed = store::files_to_purge(dirs, retain);
        if (!doomed) {
          outcome->error = doomed.error().text;
          return;
        }
        for (const std::string& path : *doomed) {
          if (!archive.empty() && store::belongs_into_archive(path)) {
            const auto archived = store::is_archived(dirs.disk(), archive, path);
            // An archive that cannot be asked does not hold it.
            if (!archived || !*archived) {
              ++outcome->kept;
              continue;
            }
          }
          if (const auto removed = dirs.disk().remove(path); !removed) {
            outcome->error = removed.error().text;
            return;
          }
          outcome->removed.push_back(path);
        }
      },
      [this, outcome] {
        purging_ = false;
        if (!outcome->error.empty()) core_.env.log.error("Purging old files failed: {}", outcome->error);
        if (outcome->kept > 0)
          core_.env.log.warn("{} old snapshots and logs are not purged: they are not in quoll.archiveDir yet",
                             outcome->kept);
        if (!outcome->removed.empty()) core_.env.log.info("Purged {} old snapshots and logs", outcome->removed.size());
      });
}

}  // namespace quoll::server
