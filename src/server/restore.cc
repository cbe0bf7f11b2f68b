#include "server/restore.h"

#include <algorithm>
#include <fmt/format.h>

#include "server/history_change.h"
#include "store/file_names.h"

namespace quoll::server {

namespace {

// The newest transaction that the snapshot shows. Old versions write neither a digest nor the last zxid.
Zxid last_of(const store::SnapshotEnd& end, std::int64_t zxid_max) {
  return std::max({end.last_processed.value_or(Zxid{0}), Zxid{end.digest ? end.digest->zxid : 0}, Zxid{zxid_max}});
}

// No server's zxids come near it. A state at the end of the range would leave no number for the next transaction.
constexpr std::int64_t kZxidMax = INT64_MAX >> 1;

}  // namespace

Restore::Restore(Core& core, store::DataDirs& dirs, Journal& journal, Snapshots& snapshots, Callbacks callbacks)
    : core_(core),
      dirs_(dirs),
      journal_(journal),
      snapshots_(snapshots),
      callbacks_(std::move(callbacks)),
      worker_(core.env.workers.start("restore")) {}

Restore::~Restore() = default;

std::shared_ptr<Restore::Upload> Restore::begin() {
  if (!current_.expired()) return nullptr;
  auto upload = std::make_shared<Upload>(*this);
  current_ = upload;
  return upload;
}

Restore::Upload::Upload(Restore& restore)
    : restore_(restore),
      alive_(restore.alive_),
      worker_(restore.worker_),
      builder_(restore.core_),
      snapshot_(restore.dirs_, *worker_, restore.core_.options.store, builder_),
      began_ms_(restore.core_.env.clock.elapsed_ms()) {}

void Restore::Upload::tell(const std::expected<Zxid, std::string>& result) {
  if (alive_.expired()) return;
  Metrics& metrics = restore_.core_.stats.metrics;
  if (result) {
    metrics.restore_ms.add(restore_.core_.env.clock.elapsed_ms() - began_ms_);
  } else {
    ++metrics.restore_errors;
  }
  std::exchange(done_, nullptr)(result);
}

void Restore::Upload::complete(OnDone done) {
  done_ = std::move(done);
  const auto refuse = [this](const std::string& why) {
    worker_->run([] {}, [self = shared_from_this(), why] { self->tell(std::unexpected(why)); });
  };
  const auto end = snapshot_.end();
  if (!end) return refuse(end.error());
  end_ = *end;
  if (last_of(end_, builder_.zxid_max()).value() > kZxidMax) return refuse("its zxids are beyond those of any server");
  snapshot_.finish([self = shared_from_this()](const auto& received) {
    if (self->alive_.expired()) return;
    if (!received) return self->tell(std::unexpected("it cannot be written to the disk: " + received.error().text));
    self->restore_.on_written(self, *received);
  });
}

void Restore::on_written(const std::shared_ptr<Upload>& upload, const store::ReceivedSnapshot& received) {
  callbacks_.stop_serving();
  change_history(snapshots_, journal_, [this, upload, received](env::Worker& worker) {
    when_settled([this, upload, received, &worker] { install(upload, received, worker); });
  });
}

void Restore::when_settled(std::move_only_function<void()> then) {
  constexpr std::int64_t kWaitMs = 2;
  if (core_.state.last_processed == core_.peer->member().history.last()) return then();
  wait_ = core_.env.timers.after(kWaitMs, [this, then = std::move(then)]() mutable { when_settled(std::move(then)); });
}

void Restore::install(const std::shared_ptr<Upload>& upload, const store::ReceivedSnapshot& received,
                      env::Worker& worker) {
  const Zxid at = std::max(last_of(upload->end_, upload->builder_.zxid_max()), core_.state.last_processed.next());
  const store::ReceivedSnapshot placed{at, received.temporary_name,
                                       store::snapshot_name(at, store::suffix_of(core_.options.store.compression))};
  install_received(worker, core_, dirs_, placed, store::Loss::none,
                   [this, upload, at](const std::expected<void, std::string>& done) {
                     if (!done) return callbacks_.on_failed(done.error());
                     take_over(*upload, at);
                     upload->tell(at);
                   });
}

void Restore::take_over(Upload& upload, Zxid at) {
  // A digest is that of the tree at its zxid. Together with the digest the tree shows whether it was changed meanwhile.
  const auto& digest = upload.end_.digest;
  upload.builder_.replace_state(at);
  if (digest && core_.options.store.digest_enabled && digest->digest != core_.state.tree.digest())
    core_.env.log.warn(
        "The restored snapshot was written while znodes were changed, and holds a part of the changes: compare it with "
        "its source");
  journal_.restart(at, ++generation_);
  snapshots_.resume();
  core_.env.log.info("Restored {} znodes and {} sessions from an uploaded snapshot; the state is at 0x{:x} now",
                     core_.state.tree.node_count() - 1, core_.state.sessions.size(),
                     static_cast<std::uint64_t>(at.value()));
  callbacks_.serve_again(generation_);
}

}  // namespace quoll::server
