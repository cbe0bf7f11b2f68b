#include "store/history_note.h"

#include <fmt/format.h>

#include "store/file_names.h"
#include "store/small_file.h"

namespace quoll::store {

namespace {

constexpr std::string_view kUpTo = "up to epoch ";
constexpr std::string_view kIncomplete = "incomplete";

std::string note_path(const std::string& snapshot_dir) {
  return fmt::format("{}/{}", snapshot_dir, kHistoryNoteName);
}

std::optional<HistoryNote> decode_note(std::string_view line) {
  if (line == kIncomplete) return HistoryNote{};
  if (!line.starts_with(kUpTo)) return std::nullopt;
  const auto epoch = decimal(line.substr(kUpTo.size()));
  if (!epoch || *epoch < 0 || *epoch > INT32_MAX) return std::nullopt;
  return HistoryNote{Epoch{*epoch}};
}

}  // namespace

std::expected<std::optional<HistoryNote>, std::string> read_history_note(env::Disk& disk,
                                                                         const std::string& snapshot_dir) {
  const auto text = read_small_file(disk, note_path(snapshot_dir));
  if (!text) return std::unexpected(text.error());
  if (!*text) return std::nullopt;
  auto note = decode_note(first_line(**text));
  if (note) return note;
  return std::unexpected(fmt::format(
      "{} contains neither \"{}<number>\" nor \"{}\". Copy the data directories before you do anything else. Then "
      "restore them from a backup, or, in an ensemble, start this server without data: it copies them from the others",
      note_path(snapshot_dir), kUpTo, kIncomplete));
}

env::DiskResult<void> write_history_note(env::Disk& disk, const std::string& snapshot_dir, const HistoryNote& note) {
  const std::string text =
      note.up_to ? fmt::format("{}{}\n", kUpTo, note.up_to->value()) : fmt::format("{}\n", kIncomplete);
  return replace_small_file(disk, snapshot_dir, note_path(snapshot_dir), text);
}

env::DiskResult<void> remove_history_note(env::Disk& disk, const std::string& snapshot_dir) {
  const std::string path = note_path(snapshot_dir);
  const auto there = disk.stat(path);
  if (!there) return std::unexpected(there.error());
  if (!*there) return {};
  if (auto done = disk.remove(path); !done) return done;
  return disk.sync_directory(snapshot_dir);
}

}  // namespace quoll::store
