#include "store/epoch_files.h"

#include <cerrno>
#include <fmt/format.h>

#include "store/history_note.h"
#include "store/small_file.h"

namespace quoll::store {

namespace {

std::string path_of(const std::string& snapshot_dir, EpochFile which) {
  return fmt::format("{}/{}", snapshot_dir, which == EpochFile::accepted ? "acceptedEpoch" : "currentEpoch");
}

std::expected<std::optional<Epoch>, std::string> read(env::Disk& disk, const std::string& path) {
  const auto text = read_small_file(disk, path);
  if (!text) return std::unexpected(text.error());
  if (!*text) return std::nullopt;
  const auto number = decimal(first_line(**text));
  // Apache's server writes -1 if its database is empty without the "initialize" file.
  if (!number || *number < -1 || *number > INT32_MAX) {
    return std::unexpected(fmt::format(
        "{} does not contain an epoch (a number from 0 to {}). Copy the data directories before you do anything else. "
        "Then restore the file from a backup, or, in an ensemble, start this server without data: it "
        "copies them from the others",
        path, INT32_MAX));
  }
  return Epoch{*number};
}

env::DiskResult<void> replace(env::Disk& disk, const std::string& snapshot_dir, EpochFile which, Epoch epoch) {
  return replace_small_file(disk, snapshot_dir, path_of(snapshot_dir, which), fmt::format("{}", epoch.value()));
}

std::expected<Epoch, std::string> read_or_make(env::Disk& disk, const std::string& snapshot_dir, EpochFile which,
                                               Epoch otherwise, std::vector<std::string>& reports) {
  const auto found = read_epoch(disk, snapshot_dir, which);
  if (!found) return std::unexpected(found.error());
  if (*found) return **found;
  if (const auto made = replace(disk, snapshot_dir, which, otherwise); !made) return std::unexpected(made.error().text);
  reports.push_back(fmt::format("{} was missing and was created with {}, the epoch of the last transaction",
                                path_of(snapshot_dir, which), otherwise.value()));
  return otherwise;
}

// Whether the note allows a history that ends with `last` although currentEpoch is earlier. One that is incomplete is
// not trusted anyway, whatever its epoch.
bool allows(const std::optional<HistoryNote>& note, Zxid last) {
  return note && (!note->up_to || *note->up_to >= last.epoch());
}

// From now on transactions of epochs up to `accepted` may come.
env::DiskResult<void> note_accepted(env::Disk& disk, const std::string& snapshot_dir, Epoch accepted) {
  const auto note = read_history_note(disk, snapshot_dir);
  if (!note) return std::unexpected(env::DiskError{EINVAL, note.error()});
  if (allows(*note, Zxid{accepted.value() << 32})) return {};
  return write_history_note(disk, snapshot_dir, HistoryNote{accepted});
}

}  // namespace

std::expected<std::optional<Epoch>, std::string> read_epoch(env::Disk& disk, const std::string& snapshot_dir,
                                                            EpochFile which) {
  return read(disk, path_of(snapshot_dir, which));
}

env::DiskResult<void> write_epoch(env::Disk& disk, const std::string& snapshot_dir, EpochFile which, Epoch epoch) {
  if (which == EpochFile::accepted) {
    if (auto done = note_accepted(disk, snapshot_dir, epoch); !done) return done;
    return replace(disk, snapshot_dir, which, epoch);
  }
  if (auto done = replace(disk, snapshot_dir, which, epoch); !done) return done;
  return remove_history_note(disk, snapshot_dir);
}

std::expected<Epochs, std::string> load_epochs(env::Disk& disk, const std::string& snapshot_dir, Zxid last,
                                               std::vector<std::string>& reports) {
  auto current = read_or_make(disk, snapshot_dir, EpochFile::current, last.epoch(), reports);
  if (!current) return std::unexpected(current.error());
  const auto note = read_history_note(disk, snapshot_dir);
  if (!note) return std::unexpected(note.error());
  if (last.epoch() > *current && allows(*note, last)) {
    reports.push_back(fmt::format(
        "The last transaction, 0x{:x}, is of a later epoch than currentEpoch, {}: a leader was bringing this "
        "server up to date, and was lost before it was followed",
        static_cast<std::uint64_t>(last.value()), current->value()));
  } else if (last.epoch() > *current) {
    const std::string path = path_of(snapshot_dir, EpochFile::current);
    const auto left = read(disk, path + ".tmp");
    if (!left) return std::unexpected(left.error());
    if (!*left) {
      return std::unexpected(
          fmt::format("{} says {}, but the last transaction, 0x{:x}, is of epoch {}. Copy the data directories "
                      "before you do anything else. Then restore the file from a backup of the same day, or, in an "
                      "ensemble, start this server without data: it copies them from the others",
                      path, current->value(), static_cast<std::uint64_t>(last.value()), last.epoch().value()));
    }
    current = **left;
    if (const auto written = write_epoch(disk, snapshot_dir, EpochFile::current, *current); !written)
      return std::unexpected(written.error().text);
    reports.push_back(
        fmt::format("{} was set to {}, the number in {}.tmp of an interrupted change", path, current->value(), path));
  }
  const auto accepted = read_or_make(disk, snapshot_dir, EpochFile::accepted, last.epoch(), reports);
  if (!accepted) return std::unexpected(accepted.error());
  if (*accepted < *current) {
    return std::unexpected(fmt::format(
        "acceptedEpoch in {} is {}, less than currentEpoch, {}, which is impossible. Restore both from the same backup",
        snapshot_dir, accepted->value(), current->value()));
  }
  // Apache's server writes no note.
  if (*accepted > *current) {
    if (const auto noted = note_accepted(disk, snapshot_dir, *accepted); !noted)
      return std::unexpected(noted.error().text);
  }
  return Epochs{*accepted, *current};
}

}  // namespace quoll::store
