#include "store/recovery.h"

#include <algorithm>
#include <fmt/format.h>

#include "store/file_names.h"
#include "store/history_note.h"
#include "store/install_snapshot.h"
#include "store/intent.h"
#include "store/log_repair.h"
#include "store/persist_history.h"
#include "store/truncate.h"

namespace quoll::store {

namespace {

constexpr std::size_t kSnapshotsTriedMax = 100;

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

// The newest snapshot that loads completely; nullopt if there is none.
std::optional<StoreFile> load_newest(const DataDirs& dirs, const std::vector<StoreFile>& snapshots,
                                     RecoveryTarget& target, Reports& reports) {
  std::size_t tried = 0;
  for (const StoreFile& file : snapshots) {
    if (tried == kSnapshotsTriedMax) break;
    if (!seems_complete(dirs.disk(), file)) {
      reports.push_back(
          fmt::format("Ignoring {} ({} bytes): it does not end like a complete snapshot", file.path, file.bytes));
      continue;
    }
    ++tried;
    target.reset();
    Progress progress(target, file.bytes);
    const auto end = load_snapshot(dirs.disk(), file, progress);
    if (end) {
      target.on_snapshot_end(file.zxid, *end);
      return file;
    }
    reports.push_back(fmt::format("Ignoring {}: {}. Trying an older one", file.path, end.error()));
  }
  target.reset();
  return std::nullopt;
}

std::string without_snapshot(const DataDirs& dirs, const std::vector<StoreFile>& snapshots, const Reports& reports) {
  const std::string newest = reports.empty() ? std::string() : fmt::format(" {}.", reports.front());
  return fmt::format(
      "No snapshot in {} can be loaded ({} of them were tried or ignored), although there was a database here (logs "
      "are in {}), so its content is "
      "unknown.{} Restore a snapshot from a backup or from another server; only if this directory comes from a version "
      "that never wrote one, set "
      "zookeeper.snapshot.trust.empty=true",
      dirs.snapshot_dir(), snapshots.size(), dirs.log_dir(), newest);
}

// Only reads; no file is changed before persist_history().
class Replay {
 public:
  Replay(const DataDirs& dirs, const std::vector<StoreFile>& logs, const KnownMark& mark, RecoveryTarget& target,
         Recovered& recovered)
      : target_(target),
        recovered_(recovered),
        mark_(mark),
        cursor_(dirs.disk(), logs_from(logs, recovered.last.next()), recovered.last.next(), mark) {}

  std::expected<void, std::string> run() {
    while (true) {
      auto entry = cursor_.next();
      if (!entry) return std::unexpected(entry.error().text);
      if (!*entry) return {};
      if (auto good = take(**entry); !good) return good;
    }
  }

  std::expected<void, std::string> persist_history(const DataDirs& dirs, const std::optional<StoreFile>& snapshot,
                                                   std::int64_t wall_ms) {
    Reports& reports = recovered_.reports;
    reports.insert(reports.end(), cursor_.ignored().begin(), cursor_.ignored().end());
    if (auto done = repair_log(dirs, cursor_.repairs(), wall_ms, reports); !done)
      return std::unexpected(fmt::format("{}. Repair the disk or its permissions and start again", done.error().text));
    if (auto done = store::persist_history(dirs, cursor_, snapshot, mark_); !done)
      return std::unexpected(done.error().text);
    return {};
  }

 private:
  std::expected<void, std::string> take(const LogEntry& entry) {
    constexpr std::int64_t kReportEvery = 1024;
    const Zxid zxid{entry.header.zxid};
    if (auto applied = target_.on_transaction(entry); !applied) {
      return std::unexpected(fmt::format("Transaction 0x{:x} cannot be replayed: {}", hex(zxid), applied.error()));
    }
    recovered_.last = zxid;
    ++recovered_.transactions;
    if (recovered_.transactions % kReportEvery == 0)
      target_.on_recovery_progress("log", cursor_.bytes_read(), cursor_.bytes_total());
    return {};
  }

  RecoveryTarget& target_;
  Recovered& recovered_;
  KnownMark mark_;
  LogCursor cursor_;
};

bool holds_transactions(const DataDirs& dirs, const std::vector<StoreFile>& logs) {
  return std::any_of(logs.begin(), logs.end(), [&](const StoreFile& file) {
    auto log = LogFile::open(dirs.disk(), file);
    if (!log || log->header() == HeaderState::foreign) return true;
    const auto behind = scan_tail(dirs.disk(), file.path, log->offset());
    return !behind || behind->has_bytes;
  });
}

// Where replay begins without a snapshot, if that is allowed.
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
    recovered.reports.emplace_back(
        "The database is empty although db.autocreate is false and there is no \"initialize\" file: is this the right "
        "dataDir?");
  }
  return has_history ? Zxid{logs.front().zxid.value() - 1} : Zxid{0};
}

// Only fabricated files contain this epoch: it takes two billion elections, or two billion times four billion
// transactions.
std::expected<void, std::string> refuse_last_epoch(const DataDirs& dirs, Zxid last) {
  constexpr Epoch kLastEpoch{INT32_MAX};
  if (last.epoch() < kLastEpoch) return {};
  return std::unexpected(
      fmt::format("The database in {} ends with zxid 0x{:x}, after which no zxids are left. Is it genuine?",
                  dirs.snapshot_dir(), hex(last)));
}

// Where replay begins. If there is a snapshot, it has been loaded into the target.
std::expected<std::optional<StoreFile>, std::string> begin(const DataDirs& dirs, const Options& options,
                                                           const std::vector<StoreFile>& logs, RecoveryTarget& target,
                                                           Recovered& recovered) {
  const auto snapshots = dirs.snapshots();
  if (!snapshots) return std::unexpected(snapshots.error().text);
  auto snapshot = load_newest(dirs, *snapshots, target, recovered.reports);
  if (snapshot) {
    recovered.snapshot = recovered.last = snapshot->zxid;
  } else {
    const auto start = begin_without_snapshot(dirs, options, *snapshots, logs, recovered);
    if (!start) return std::unexpected(start.error());
    recovered.last = *start;
  }
  return snapshot;
}

// A crash has interrupted a change of the history that was certain already.
std::expected<void, std::string> end_interrupted_change(DataDirs& dirs, std::int64_t wall_ms, Reports& reports) {
  const auto intent = read_intent(dirs);
  if (!intent) return std::unexpected(intent.error());
  if (!*intent) return {};
  if (auto same = dirs.refuse_changed(); !same) return same;
  dirs.own_changes();
  reports.push_back(fmt::format("{}/{} was found: a change of the history was interrupted, and is ended now",
                                dirs.log_dir(), kIntentName));
  const auto done = std::visit([&](const auto& one) { return carry_out(dirs, one, wall_ms, reports); }, **intent);
  if (done) return {};
  return std::unexpected(fmt::format("{}. Repair the disk or its permissions and start again", done.error().text));
}

// A server whose history may lack what it has acknowledged must not be elected.
std::expected<void, std::string> note_missing_history(const DataDirs& dirs, Recovered& recovered) {
  const auto note = read_history_note(dirs.disk(), dirs.snapshot_dir());
  if (!note) return std::unexpected(note.error());
  if (!*note || (*note)->up_to) return {};
  if (recovered.was_initialized && recovered.last == Zxid{0}) {
    // An empty database that is meant to be one after all.
    const auto removed = remove_history_note(dirs.disk(), dirs.snapshot_dir());
    if (!removed) return std::unexpected(removed.error().text);
    return {};
  }
  recovered.is_suspect = true;
  recovered.reports.push_back(
      fmt::format("{}/{} says that the history of this server is incomplete: it began without its data, or a leader "
                  "that was replacing it was lost before that was done. A leader must bring it up to date before it "
                  "counts again",
                  dirs.snapshot_dir(), kHistoryNoteName));
  return {};
}

}  // namespace

std::expected<Recovered, std::string> recover(DataDirs& dirs, const Options& options, std::int64_t wall_ms,
                                              RecoveryTarget& target) {
  Recovered recovered;
  if (auto done = end_interrupted_change(dirs, wall_ms, recovered.reports); !done) return std::unexpected(done.error());
  const auto logs = dirs.logs();
  if (!logs) return std::unexpected(logs.error().text);
  const auto mark = read_durable_mark(dirs.disk(), dirs.log_dir());
  if (!mark)
    return std::unexpected(
        fmt::format("{}. Nothing was changed; repair the disk or its permissions and start again", mark.error().text));
  const auto initialized = dirs.has_initialize_marker();
  if (!initialized) return std::unexpected(initialized.error().text);
  recovered.was_initialized = *initialized;
  const auto snapshot = begin(dirs, options, *logs, target, recovered);
  if (!snapshot) return std::unexpected(snapshot.error());
  Replay replay(dirs, *logs, *mark, target, recovered);
  if (auto done = replay.run(); !done) return std::unexpected(done.error());
  if (auto good = refuse_last_epoch(dirs, recovered.last); !good) return std::unexpected(good.error());
  // Everything up to here was read only. It counts if it is still what the files say.
  if (auto same = dirs.refuse_changed(); !same) return std::unexpected(same.error());
  recovered.may_lack_acknowledged = mark->kind == KnownMark::unreadable;
  if (mark->kind == KnownMark::unreadable)
    recovered.reports.push_back(fmt::format(
        "{}/{} cannot be read: neither of its two records is complete. The log ends cleanly with 0x{:x}, so "
        "nothing is cut off; it is unknown whether acknowledged transactions are missing after that",
        dirs.log_dir(), kDurableName, hex(recovered.last)));
  if (auto done = note_missing_history(dirs, recovered); !done) return std::unexpected(done.error());
  // An empty database still needs it: until its first snapshot is durable, the next start must find the same.
  if (recovered.was_initialized && !recovered.is_fresh) {
    if (auto done = dirs.remove_initialize_marker(); !done) return std::unexpected(done.error().text);
  }
  if (auto done = replay.persist_history(dirs, *snapshot, wall_ms); !done) return std::unexpected(done.error());
  dirs.own_changes();
  return recovered;
}

}  // namespace quoll::store
