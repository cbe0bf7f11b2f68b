// quoll data verify, quoll log repair: what a start would find in the data directories, and what it would do.
#include "apps/files/report.h"
#include "os/clocks.h"
#include "os/console_log.h"
#include "store/log_cursor.h"
#include "store/log_repair.h"
#include "store/snapshot_reader.h"

namespace quoll::apps::files {

namespace {

struct Findings {
  std::optional<std::string> snapshot;  // the newest that is good
  Zxid last;
  std::int64_t transactions = 0;
  std::vector<std::string> notes;       // what would be ignored
  std::vector<std::string> repairs;     // what a start would change
  std::optional<std::string> obstacle;  // why it would be refused
};

store::Options options_of(const std::string& data_dir, const std::string& log_dir) {
  store::Options options;
  options.data_dir = data_dir;
  options.data_log_dir = log_dir.empty() ? data_dir : log_dir;
  options.data_dir_autocreate = false;
  return options;
}

std::string repair_text(const store::LogRepair& repair) {
  switch (repair.verdict) {
    case store::Verdict::remove:
      return fmt::format("{} holds nothing and would be removed", repair.file.path);
    case store::Verdict::set_aside:
      return fmt::format("{} holds no transaction and would be renamed", repair.file.path);
    default:
      return fmt::format(
          "{} would be cut at byte {} after {}, where there is {}; the rest is kept in a file of its own",
          repair.file.path, repair.offset, hex(repair.last.value()), repair.found);
  }
}

// The newest snapshot that is good; the zxid after which the log counts.
std::expected<Zxid, std::string> find_snapshot(const store::DataDirs& dirs, Findings& findings) {
  const auto snapshots = dirs.snapshots();
  if (!snapshots) return std::unexpected(snapshots.error().text);
  for (const store::StoreFile& file : *snapshots) {
    const auto end = store::check_snapshot(dirs.disk(), file);
    if (end) {
      findings.snapshot = file.path;
      return file.zxid;
    }
    findings.notes.push_back(fmt::format("{} is not complete: {}", file.path, end.error()));
  }
  return Zxid{0};
}

// The cursor is left where the history ends.
std::expected<store::LogCursor, std::string> walk_logs(const store::DataDirs& dirs, Zxid from, Findings& findings) {
  const auto logs = dirs.logs();
  if (!logs) return std::unexpected(logs.error().text);
  const auto mark = store::read_durable_mark(dirs.disk(), dirs.log_dir());
  if (!mark) return std::unexpected(mark.error().text);
  if (!findings.snapshot && !logs->empty())
    findings.obstacle = fmt::format("there are logs in {}, but no good snapshot in {} before them", dirs.log_dir(),
                                    dirs.snapshot_dir());
  const Zxid next{from.value() + 1};
  store::LogCursor cursor(dirs.disk(), store::logs_from(*logs, next), next, *mark);
  findings.last = from;
  while (true) {
    const auto entry = cursor.next();
    if (!entry) {
      findings.obstacle = entry.error().text;
      return cursor;
    }
    if (!*entry) break;
    findings.last = Zxid{(*entry)->header.zxid};
    ++findings.transactions;
  }
  for (const std::string& ignored : cursor.ignored()) findings.notes.push_back(ignored);
  for (const store::LogRepair& repair : cursor.repairs()) findings.repairs.push_back(repair_text(repair));
  return cursor;
}

void write_list(admin::JsonText& json, std::string_view key, const std::vector<std::string>& lines) {
  json.key(key);
  json.begin_array();
  for (const std::string& line : lines) json.value(line);
  json.end_array();
}

void print_findings(const Findings& findings, Form form) {
  if (form == Form::json) {
    admin::JsonText json;
    json.begin_object();
    json.field("starts", !findings.obstacle.has_value());
    if (findings.obstacle) json.field("obstacle", *findings.obstacle);
    if (findings.snapshot) json.field("snapshot", *findings.snapshot);
    json.field("last_zxid", hex(findings.last.value()));
    json.field("transactions_after_snapshot", findings.transactions);
    write_list(json, "repairs", findings.repairs);
    write_list(json, "notes", findings.notes);
    json.end_object();
    return print_json(json);
  }
  fmt::print("Snapshot: {}\n", findings.snapshot.value_or("none"));
  fmt::print("Log: {} transactions after it; the history ends with {}\n", findings.transactions,
             hex(findings.last.value()));
  for (const std::string& note : findings.notes) fmt::print("Note: {}\n", shown(note, 1000));
  for (const std::string& repair : findings.repairs) fmt::print("Repair: {}\n", repair);
  if (findings.obstacle) {
    fmt::print("A server would NOT start: {}\n", *findings.obstacle);
  } else {
    fmt::print("A server would start with it.\n");
  }
}

}  // namespace

int verify_data(env::Disk& disk, const std::string& data_dir, const std::string& log_dir, Form form) {
  const auto dirs = store::DataDirs::look(disk, options_of(data_dir, log_dir));
  if (!dirs) return complain(dirs.error());
  Findings findings;
  const auto from = find_snapshot(*dirs, findings);
  if (!from) return complain(from.error());
  const auto cursor = walk_logs(*dirs, *from, findings);
  if (!cursor) return complain(cursor.error());
  print_findings(findings, form);
  return findings.obstacle ? kBad : kGood;
}

int repair_logs(env::Disk& disk, const std::string& data_dir, const std::string& log_dir, Form form) {
  os::ConsoleLog log(env::Level::warn);
  auto dirs = store::DataDirs::look(disk, options_of(data_dir, log_dir));
  if (!dirs) return complain(dirs.error());
  if (const auto alone = dirs->refuse_other_users(log); !alone) return complain(alone.error());
  if (const auto taken = dirs->take_over(log); !taken) return complain(taken.error());
  Findings findings;
  const auto from = find_snapshot(*dirs, findings);
  if (!from) return complain(from.error());
  const auto cursor = walk_logs(*dirs, *from, findings);
  if (!cursor) return complain(cursor.error());
  print_findings(findings, form);
  if (findings.obstacle) return kBad;
  store::Reports reports;
  if (const auto done = store::repair_log(*dirs, cursor->repairs(), os::SystemClock().wall_ms(), reports); !done)
    return complain(done.error().text);
  for (const std::string& report : reports) fmt::print(stderr, "{}\n", report);
  return kGood;
}

}  // namespace quoll::apps::files
