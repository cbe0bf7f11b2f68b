#include "store/recovery.h"

#include <algorithm>
#include <fmt/format.h>

#include "base/planted.h"
#include "store/settle.h"

namespace quoll::store {

namespace {

constexpr std::size_t kSnapshotsTriedMax = 100;

std::uint64_t hex(Zxid zxid) {
  return static_cast<std::uint64_t>(zxid.value());
}

class Progress : public SnapshotVisitor {
 public:
  Progress(RecoveryTarget& target, std::int64_t total) : target_(target), total_(total) {}
  bool on_session(std::int64_t id, std::int32_t timeout_ms) override { return target_.on_session(id, timeout_ms); }
  bool on_acl(std::int64_t id, AclList list) override { return target_.on_acl(id, std::move(list)); }
  bool on_node(std::string_view path, base::NullableView data, std::int64_t acl_id,
               const StatPersisted& stat) override {
    return target_.on_node(path, data, acl_id, stat);
  }
  void on_progress(std::int64_t bytes) override {
    target_.on_recovery_progress("snapshot", bytes, std::max(total_, bytes));
  }

 private:
  RecoveryTarget& target_;
  std::int64_t total_;
};

// The newest snapshot that loads whole; nullopt: none did.
std::optional<Zxid> load_newest(const DataDirs& dirs, const std::vector<StoreFile>& snapshots, RecoveryTarget& target,
                                Reports& reports) {
  std::size_t tried = 0;
  for (const StoreFile& file : snapshots) {
    if (tried == kSnapshotsTriedMax) break;
    if (!looks_whole(dirs.disk(), file)) {
      reports.push_back(
          fmt::format("Passing over {} ({} bytes): it does not end as a whole snapshot does", file.path, file.bytes));
      continue;
    }
    ++tried;
    target.reset();
    Progress progress(target, file.bytes);
    const auto end = load_snapshot(dirs.disk(), file, progress);
    if (end) {
      target.on_snapshot_end(file.zxid, *end);
      return file.zxid;
    }
    reports.push_back(fmt::format("Passing over {}: {}. Trying an older one", file.path, end.error()));
  }
  target.reset();
  return std::nullopt;
}

std::string without_snapshot(const DataDirs& dirs, const std::vector<StoreFile>& snapshots, const Reports& reports) {
  const std::string newest = reports.empty() ? std::string() : fmt::format(" {}.", reports.front());
  return fmt::format(
      "No snapshot in {} can be loaded ({} of them were tried or passed over), though there was a database here (logs "
      "are in {}), so what it held is "
      "unknown.{} Restore a snapshot from a backup or from another server; only if this directory comes from a version "
      "that never wrote one, set "
      "zookeeper.snapshot.trust.empty=true",
      dirs.snapshot_dir(), snapshots.size(), dirs.log_dir(), newest);
}

class Replay {
 public:
  Replay(const DataDirs& dirs, const std::vector<StoreFile>& logs, Zxid after, RecoveryTarget& target,
         Recovered& recovered)
      : target_(target),
        recovered_(recovered),
        dirs_(dirs),
        mark_(read_durable_mark(dirs.disk(), dirs.log_dir())),
        reader_(dirs.disk(), logs_from(logs, after.next()), after.next(), mark_, recovered.reports) {}

  std::expected<void, std::string> run() {
    while (true) {
      auto entry = reader_.next();
      if (!entry) return std::unexpected(entry.error().text);
      if (!*entry) break;
      if (auto good = take(**entry); !good) return good;
    }
    if (base::planted(base::Bug::recovered_log_not_settled)) return {};
    if (auto settled = settle(dirs_, reader_.end(), mark_); !settled) return std::unexpected(settled.error().text);
    return {};
  }

 private:
  std::expected<void, std::string> take(const LogEntry& entry) {
    constexpr std::int64_t kReportEvery = 1024;
    const Zxid zxid{entry.header.zxid};
    if (auto applied = target_.on_transaction(entry); !applied) {
      return std::unexpected(fmt::format("Transaction 0x{:x} can't be replayed: {}", hex(zxid), applied.error()));
    }
    recovered_.last = zxid;
    ++recovered_.transactions;
    if (recovered_.transactions % kReportEvery == 0)
      target_.on_recovery_progress("log", reader_.bytes_read(), reader_.bytes_total());
    return {};
  }

  RecoveryTarget& target_;
  Recovered& recovered_;
  const DataDirs& dirs_;
  std::optional<DurableMark> mark_;
  LogReader reader_;
};

bool holds_transactions(const DataDirs& dirs, const std::vector<StoreFile>& logs) {
  LogEntry entry;
  return std::any_of(logs.begin(), logs.end(), [&](const StoreFile& file) {
    auto log = LogFile::open(dirs.disk(), file);
    if (!log || log->header() == HeaderState::foreign) return true;
    const auto behind = look_behind(dirs.disk(), file.path, log->offset());
    return !behind || behind->has_bytes;
  });
}

// Where replay begins when there is no snapshot to begin from, if that is allowed.
std::expected<Zxid, std::string> begin_without_snapshot(const DataDirs& dirs, const Options& options,
                                                        const std::vector<StoreFile>& snapshots,
                                                        const std::vector<StoreFile>& logs, Recovered& recovered) {
  const bool has_history = holds_transactions(dirs, logs);
  if ((has_history || !snapshots.empty()) && !(has_history && options.trust_empty_snapshot)) {
    return std::unexpected(without_snapshot(dirs, snapshots, recovered.reports));
  }
  recovered.is_fresh = !has_history;
  recovered.is_suspect = recovered.is_fresh && !recovered.was_initialized && !options.db_autocreate;
  if (recovered.is_suspect) {
    recovered.reports.push_back(
        "The database is empty though db.autocreate is false and there is no \"initialize\" file: is this the right "
        "dataDir?");
  }
  return has_history ? Zxid{logs.front().zxid.value() - 1} : Zxid{0};
}

}  // namespace

std::expected<Recovered, std::string> recover(const DataDirs& dirs, const Options& options, RecoveryTarget& target) {
  const auto snapshots = dirs.snapshots();
  if (!snapshots) return std::unexpected(snapshots.error().text);
  const auto logs = dirs.logs();
  if (!logs) return std::unexpected(logs.error().text);
  Recovered recovered;
  const auto marker = dirs.take_initialize_marker();
  if (!marker) return std::unexpected(marker.error().text);
  recovered.was_initialized = *marker;
  recovered.snapshot = load_newest(dirs, *snapshots, target, recovered.reports);
  if (recovered.snapshot) {
    recovered.last = *recovered.snapshot;
  } else {
    const auto begin = begin_without_snapshot(dirs, options, *snapshots, *logs, recovered);
    if (!begin) return std::unexpected(begin.error());
    recovered.last = *begin;
  }
  if (auto replayed = Replay(dirs, *logs, recovered.last, target, recovered).run(); !replayed)
    return std::unexpected(replayed.error());
  // Only files that somebody made up say so: two thousand million elections, or as many times four thousand million
  // transactions.
  constexpr Epoch kLastEpoch{INT32_MAX};
  if (recovered.last.epoch() >= kLastEpoch)
    return std::unexpected(
        fmt::format("The database in {} ends with zxid 0x{:x}, behind which there are no more. Is it a real one?",
                    dirs.snapshot_dir(), hex(recovered.last)));
  return recovered;
}

}  // namespace quoll::store
