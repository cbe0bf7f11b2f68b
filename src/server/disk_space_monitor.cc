#include "server/disk_space_monitor.h"

#include <algorithm>

#include "base/mib.h"

namespace quoll::server {

namespace {

constexpr std::int64_t kCheckMs = 1000;

// On a small disk a fixed reserve would take most of it.
std::int64_t at_most_part(std::int64_t bytes, const env::DiskSpace& room, std::int64_t part) {
  return std::min(bytes, room.total / part);
}

}  // namespace

DiskSpaceMonitor::DiskSpaceMonitor(Core& core, const store::DataDirs& dirs, const Journal& journal)
    : core_(core), dirs_(dirs), journal_(journal), worker_(core.env.workers.start("disk-room")) {}

DiskSpaceMonitor::Measurement DiskSpaceMonitor::measure(const store::DataDirs& dirs) {
  return {dirs.disk().free_space(dirs.log_dir()), dirs.disk().free_space(dirs.snapshot_dir())};
}

void DiskSpaceMonitor::start() {
  if (!core_.options.store.waits_for_space) return;
  update(measure(dirs_));
  check_later();
}

void DiskSpaceMonitor::check_later() {
  timer_ = core_.env.timers.after(kCheckMs, [this] { check_now(); });
}

void DiskSpaceMonitor::check_now() {
  checking_ = true;
  appended_bytes_ = 0;
  auto seen = std::make_shared<Measurement>();
  worker_->run([seen, &dirs = dirs_] { *seen = measure(dirs); },
               [this, seen] {
                 checking_ = false;
                 update(*seen);
                 check_later();
               });
}

void DiskSpaceMonitor::on_append(std::size_t bytes) {
  appended_bytes_ += static_cast<std::int64_t>(bytes);
  if (appended_bytes_ > check_bytes_ && !checking_) check_now();
}

void DiskSpaceMonitor::on_disk_full(const env::DiskError& error) {
  if (std::exchange(core_.writes_are_off, true)) return;
  core_.env.log.error(
      "The transaction log cannot be written because the disk is full: {}. Writes are refused with NOTREADONLY; reads "
      "and sessions go on; the "
      "write is retried until there is space. Free some space; nothing else is needed",
      error.text);
}

void DiskSpaceMonitor::update(const Measurement& seen) {
  const DiskOptions& options = core_.options.disk;
  auto& log = core_.env.log;
  if (seen.log && seen.snapshots) core_.disk_free = {seen.log->free, seen.snapshots->free};
  // A disk that cannot report its free space may still accept writes.
  if (!seen.log || !seen.snapshots) return;
  // Writes resume only when the free space is somewhat above the reserve, to avoid flapping.
  const std::int64_t reserve = at_most_part(options.reserve_bytes, *seen.log, 20);
  check_bytes_ = reserve / 4;
  const std::int64_t enough = core_.writes_are_off ? reserve + reserve / 4 : reserve;
  const bool is_stuck = journal_.is_stuck();
  const bool is_full = is_stuck || seen.log->free < enough;
  if (is_full && !std::exchange(core_.writes_are_off, true)) {
    log.error(
        "The disk of {} is full: {:.1f} of {:.1f} MiB are free, {:.1f} are kept in reserve. Writes are refused with "
        "NOTREADONLY; reads and sessions go on. Free some space; nothing else is needed",
        dirs_.log_dir(), base::mib(seen.log->free), base::mib(seen.log->total), base::mib(reserve));
  }
  if (!is_full && std::exchange(core_.writes_are_off, false))
    log.info("The disk of {} has space again, {:.1f} MiB: writes are accepted", dirs_.log_dir(),
             base::mib(seen.log->free));

  const std::int64_t low = at_most_part(options.low_water_bytes, *seen.snapshots, 10);
  const std::int64_t resume_at = core_.snapshots_are_off ? low + low / 4 : low;
  const bool is_low = seen.snapshots->free < resume_at;
  if (is_low && !std::exchange(core_.snapshots_are_off, true)) {
    log.warn(
        "The disk of {} has only {:.1f} of {:.1f} MiB free: no snapshots are taken below {:.1f}. The log goes on and "
        "nothing is lost, but a start will take longer. Free some space",
        dirs_.snapshot_dir(), base::mib(seen.snapshots->free), base::mib(seen.snapshots->total), base::mib(low));
  }
  if (!is_low && std::exchange(core_.snapshots_are_off, false))
    log.info("The disk of {} has {:.1f} MiB free again: snapshots are taken", dirs_.snapshot_dir(),
             base::mib(seen.snapshots->free));
}

}  // namespace quoll::server
