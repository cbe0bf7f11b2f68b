// What a history does to the files between two lives of the server, and what a start may make of it.
#include <algorithm>
#include <fmt/format.h>

#include "sim/trial/trial.h"
#include "store/durable_mark.h"

namespace quoll::sim {

namespace {
const std::string kSnapshotsAt = "/data/version-2";
}  // namespace

// As if by an older history: its last snapshot is that of an empty tree.
void Trial::make_first_database() {
  if (plan_.first_zxid == 0) return;
  server::Options options = options_;
  options.store.serialize_last_processed_zxid = false;
  server_ = std::make_unique<server::Server>(world_.env(), options, [](server::ExitCode, std::string_view) {});
  const bool is_begun = server_->start() && run_until([&] { return is_serving(); }, 60'000);
  server_->stop();
  server_.reset();
  checked_zxid_ = -1;
  const std::string name = fmt::format("{}/snapshot.{:x}", kSnapshotsAt, plan_.first_zxid);
  const bool is_made =
      is_begun && world_.disk.rename(kSnapshotsAt + "/snapshot.0", name) && world_.disk.sync_directory(kSnapshotsAt);
  if (!is_made) findings_.emplace_back("VL1 liveness: no server starts in empty directories");
}

std::map<std::string, std::string> Trial::stored_files() {
  std::map<std::string, std::string> files;
  for (const std::string& folder : {log_folder_, kSnapshotsAt}) {
    const auto entries = world_.disk.list(folder);
    if (!entries) continue;
    for (const auto& entry : *entries) {
      const bool is_stored =
          entry.name.starts_with("log") || entry.name.starts_with("snapshot.") || entry.name == "quoll.durable";
      if (is_stored) files[folder + "/" + entry.name] = world_.disk.content(folder + "/" + entry.name);
    }
  }
  return files;
}

void Trial::spoil(const std::string& path, const std::string& bytes) {
  const auto [at, is_first] = spoiled_.try_emplace(path, Spoiled{world_.disk.content(path), {}});
  at->second.now = bytes;
  world_.disk.put(path, bytes);
}

// One byte is another, or the file is gone. Older snapshots and the logs since make up for it.
void Trial::spoil_newest_snapshot() {
  const auto zxids = zxids_of_files(world_.disk, kSnapshotsAt, "snapshot.");
  if (zxids.size() < 2) return;
  const std::string path = fmt::format("{}/snapshot.{:x}", kSnapshotsAt, zxids.back());
  std::string bytes = world_.disk.content(path);
  auto& chance = world_.scheduler.chance();
  if (bytes.empty() || chance.below(4) == 0) return static_cast<void>(world_.disk.remove(path));
  bytes[chance.below(bytes.size())] ^= static_cast<char>(1 + chance.below(255));
  world_.disk.put(path, bytes);
}

// Of an entry that the durable mark vouches for, in any log: a server starts only if it does not need it. What lies
// behind the mark, which a power cut may set back by a second, can't be told from a torn write.
void Trial::spoil_a_log() {
  const auto zxids = zxids_of_files(world_.disk, log_folder_, "log.");
  if (zxids.empty()) return;
  auto& chance = world_.scheduler.chance();
  const std::int64_t zxid = zxids[chance.below(zxids.size())];
  const auto mark = store::read_durable_mark(world_.disk, log_folder_);
  if (!mark || mark->kind != store::KnownMark::good || zxid > mark->mark.log.value()) return;
  const std::string path = fmt::format("{}/log.{:x}", log_folder_, zxid);
  std::string bytes = world_.disk.content(path);
  std::size_t end = read_entries(bytes, kEntriesAt, [](std::int64_t, std::string_view) {});
  if (zxid == mark->mark.log.value()) end = std::min(end, static_cast<std::size_t>(mark->mark.offset));
  if (end <= kEntriesAt) return;
  bytes[kEntriesAt + chance.below(end - kEntriesAt)] ^= static_cast<char>(1 + chance.below(255));
  spoil(path, bytes);
}

void Trial::spoil_mark(bool is_whole) {
  constexpr std::size_t kSecondRecord = 512;
  constexpr std::size_t kRecordBytes = 40;
  const std::string path = log_folder_ + "/quoll.durable";
  std::string bytes = world_.disk.content(path);
  auto& chance = world_.scheduler.chance();
  const std::size_t one = chance.below(2) * kSecondRecord;
  for (const std::size_t at : {std::size_t{0}, kSecondRecord}) {
    if ((!is_whole && at != one) || bytes.size() < at + kRecordBytes) continue;
    bytes[at + chance.below(kRecordBytes)] ^= static_cast<char>(1 + chance.below(255));
  }
  if (!bytes.empty()) spoil(path, bytes);
}

void Trial::check_refusal(const std::string& why) {
  // An error of the disk may come in the middle of a repair.
  if (errors_injected_ == 0 && stored_files() != at_start_)
    findings_.push_back("VD7 damage: a start that was refused has changed logs, snapshots or the mark: " + why);
  for (const auto& [path, file] : spoiled_) world_.disk.put(path, file.before);
  spoiled_.clear();
}

void Trial::restore_unneeded_files() {
  const auto files = stored_files();
  for (const auto& [path, file] : spoiled_) {
    const auto at = files.find(path);
    if (at != files.end() && at->second == file.now) world_.disk.put(path, file.before);
  }
  spoiled_.clear();
}

}  // namespace quoll::sim
