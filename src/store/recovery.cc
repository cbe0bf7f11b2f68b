#include "store/recovery.h"

#include <fmt/format.h>

#include "store/file_names.h"

namespace quoll::store {

namespace {

constexpr std::size_t kSnapshotsTriedMax = 100;

std::uint64_t hex(Zxid zxid) { return static_cast<std::uint64_t>(zxid.value()); }

class Progress : public SnapshotVisitor {
 public:
  Progress(RecoveryTarget& target, std::int64_t total) : target_(target), total_(total) {}
  bool on_session(std::int64_t id, std::int32_t timeout_ms) override { return target_.on_session(id, timeout_ms); }
  bool on_acl(std::int64_t id, AclList list) override { return target_.on_acl(id, std::move(list)); }
  bool on_node(std::string_view path, base::NullableView data, std::int64_t acl_id, const StatPersisted& stat) override {
    return target_.on_node(path, data, acl_id, stat);
  }
  void on_progress(std::int64_t bytes) override { target_.on_recovery_progress("snapshot", bytes, std::max(total_, bytes)); }

 private:
  RecoveryTarget& target_;
  std::int64_t total_;
};

// The newest snapshot that loads whole; nullopt: none did.
std::optional<Zxid> load_newest(const DataDirs& dirs, const std::vector<StoreFile>& snapshots, RecoveryTarget& target, Reports& reports) {
  std::size_t tried = 0;
  for (const StoreFile& file : snapshots) {
    if (tried == kSnapshotsTriedMax) break;
    if (!looks_whole(dirs.disk(), file)) {
      reports.push_back(fmt::format("Passing over {} ({} bytes): it does not end as a whole snapshot does", file.path, file.bytes));
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

// What is counted as history must survive a power cut before anybody hears of it: a killed process may have left it in the page cache.
std::expected<void, std::string> make_durable(const DataDirs& dirs) {
  const auto logs = dirs.logs();
  if (!logs) return std::unexpected(logs.error().text);
  if (!logs->empty()) {
    auto newest = dirs.disk().open(logs->back().path, env::OpenMode::update);
    if (!newest) return std::unexpected(newest.error().text);
    if (const auto synced = (*newest)->sync(); !synced) return std::unexpected(synced.error().text);
  }
  for (const std::string& directory : {dirs.log_dir(), dirs.snapshot_dir()}) {
    if (const auto synced = dirs.disk().sync_directory(directory); !synced) return std::unexpected(synced.error().text);
  }
  return {};
}

std::string without_snapshot(const DataDirs& dirs, const std::vector<StoreFile>& snapshots) {
  return fmt::format(
      "There are transaction logs in {} but no snapshot that can be loaded in {} ({} tried or passed over), so what came before the oldest log is "
      "unknown. Restore a snapshot from a backup or from another server; only if this directory comes from a version that never wrote one, set "
      "zookeeper.snapshot.trust.empty=true",
      dirs.log_dir(), dirs.snapshot_dir(), snapshots.size());
}

class Replay {
 public:
  Replay(const DataDirs& dirs, std::vector<StoreFile> logs, Zxid after, RecoveryTarget& target, Recovered& recovered)
      : after_(after),
        target_(target),
        recovered_(recovered),
        reader_(dirs.disk(), logs_after(std::move(logs), after), after.next(), read_durable_mark(dirs.disk(), dirs.log_dir()), recovered.reports) {}

  std::expected<void, std::string> run() {
    while (true) {
      auto entry = reader_.next();
      if (!entry) return std::unexpected(entry.error().text);
      if (!*entry) return {};
      if (auto good = take(**entry); !good) return good;
    }
  }

 private:
  std::expected<void, std::string> take(const LogEntry& entry) {
    const Zxid zxid{entry.header.zxid};
    if (recovered_.transactions == 0 && zxid != after_.next() && zxid.epoch() == after_.epoch()) {
      return std::unexpected(fmt::format(
          "History has a hole: the state ends at 0x{:x}, and the next transaction in the logs is 0x{:x}. A log file is missing; put it back, or "
          "restore the directories from a backup",
          hex(after_), hex(zxid)));
    }
    if (auto applied = target_.on_transaction(entry); !applied) {
      return std::unexpected(fmt::format("Transaction 0x{:x} can't be replayed: {}", hex(zxid), applied.error()));
    }
    recovered_.last = zxid;
    ++recovered_.transactions;
    if (recovered_.transactions % 1024 == 0) target_.on_recovery_progress("log", reader_.bytes_read(), reader_.bytes_total());
    return {};
  }

  Zxid after_;
  RecoveryTarget& target_;
  Recovered& recovered_;
  LogReader reader_;
};

}  // namespace

std::expected<Recovered, std::string> recover(const DataDirs& dirs, const Options& options, RecoveryTarget& target) {
  const auto snapshots = dirs.snapshots();
  if (!snapshots) return std::unexpected(snapshots.error().text);
  const auto logs = dirs.logs();
  if (!logs) return std::unexpected(logs.error().text);
  Recovered recovered;
  const auto marker = dirs.take_initialize_marker();
  if (!marker) return std::unexpected(marker.error().text);
  recovered.snapshot = load_newest(dirs, *snapshots, target, recovered.reports);
  if (!recovered.snapshot) {
    // A log that begins with the very first transaction is the whole history by itself.
    const bool is_complete = !logs->empty() && logs->front().zxid == Zxid{1};
    if (logs->empty() && !snapshots->empty()) return std::unexpected(without_snapshot(dirs, *snapshots));
    if (!logs->empty() && !is_complete && !options.trust_empty_snapshot) return std::unexpected(without_snapshot(dirs, *snapshots));
    if (logs->empty() && !*marker && !options.db_autocreate) {
      recovered.reports.push_back("The database is empty though db.autocreate is false and there is no \"initialize\" file: is this the right dataDir?");
    }
    recovered.is_fresh = logs->empty();
  }
  const Zxid from = recovered.snapshot.value_or(logs->empty() || logs->front().zxid == Zxid{1} ? Zxid{0} : Zxid{logs->front().zxid.value() - 1});
  recovered.last = from;
  if (auto replayed = Replay(dirs, *logs, from, target, recovered).run(); !replayed) return std::unexpected(replayed.error());
  if (auto durable = make_durable(dirs); !durable) return std::unexpected(durable.error());
  return recovered;
}

}  // namespace quoll::store
