// quoll log show, stats, verify: one file after another, one transaction at a time.
#include <array>
#include <map>

#include "apps/files/report.h"
#include "store/log_file.h"
#include "wire/txn_record.h"

namespace quoll::apps::files {

namespace {

std::string type_name(std::int32_t type) {
  static const std::map<std::int32_t, std::string_view> kNames{
      {1, "create"},           {2, "delete"},     {5, "setData"},
      {7, "setACL"},           {13, "check"},     {14, "multi"},
      {15, "create2"},         {16, "reconfig"},  {19, "createContainer"},
      {20, "deleteContainer"}, {21, "createTTL"}, {-10, "createSession"},
      {-11, "closeSession"},   {-1, "error"}};
  const auto at = kNames.find(type);
  return at == kNames.end() ? fmt::format("type {}", type) : std::string(at->second);
}

// What a body says, as fields: "path", "bytes", ...
struct Describe {
  std::vector<std::pair<std::string_view, std::string>> fields;

  void path(base::NullableView view) { fields.emplace_back("path", std::string(view.view())); }
  void number(std::string_view name, std::int64_t value) { fields.emplace_back(name, fmt::format("{}", value)); }
  void bytes(base::NullableView view) { number("bytes", static_cast<std::int64_t>(view.view().size())); }

  void operator()(const CreateTxn& txn) {
    path(txn.path);
    bytes(txn.data);
    if (txn.ephemeral) fields.emplace_back("ephemeral", "true");
  }
  void operator()(const CreateContainerTxn& txn) {
    path(txn.path);
    bytes(txn.data);
  }
  void operator()(const CreateTtlTxn& txn) {
    path(txn.path);
    bytes(txn.data);
    number("ttl_ms", txn.ttl_ms);
  }
  void operator()(const DeleteTxn& txn) { path(txn.path); }
  void operator()(const SetDataTxn& txn) {
    path(txn.path);
    bytes(txn.data);
    number("version", txn.version);
  }
  void operator()(const SetAclTxn& txn) {
    path(txn.path);
    number("version", txn.version);
  }
  void operator()(const CheckVersionTxn& txn) {
    path(txn.path);
    number("version", txn.version);
  }
  void operator()(const CreateSessionTxn& txn) { number("timeout_ms", txn.timeout_ms); }
  void operator()(const CloseSessionTxn& txn) {
    if (txn.paths) number("ephemerals", static_cast<std::int64_t>(txn.paths->size()));
  }
  void operator()(const ErrorTxn& txn) { number("error", txn.err); }
  void operator()(const MultiTxn& txn) {
    for (const SubTxn& sub : txn.txns) {
      Describe part;
      std::visit(part, sub.body);
      const std::string what = part.fields.empty() ? "" : " " + part.fields.front().second;
      fields.emplace_back("part", type_name(static_cast<std::int32_t>(sub.type)) + what);
    }
  }
};

void print_entry(const store::LogEntry& entry, Form form) {
  const TxnHeader& header = entry.header;
  Describe about;
  const auto txn = wire::decode_txn(entry.bytes);
  if (txn) {
    std::visit(about, txn->body);
  } else {
    about.fields.emplace_back("unreadable", txn.error());
  }
  if (form == Form::text) {
    fmt::print("{} {} session {} cxid {} {}", hex(header.zxid), time_text(header.time_ms), hex(header.client_id),
               header.cxid, type_name(header.type));
    for (const auto& [name, value] : about.fields) fmt::print(" {}={}", name, shown(value, 1000));
    if (txn && txn->digest) fmt::print(" digest={}", txn->digest->tree_digest);
    fmt::print("\n");
    return;
  }
  admin::JsonText json;
  json.begin_object();
  json.field("zxid", hex(header.zxid));
  json.field("time_ms", header.time_ms);
  json.field("session", hex(header.client_id));
  json.field("cxid", std::int64_t{header.cxid});
  json.field("type", type_name(header.type));
  json.key("fields");
  json.begin_array();
  for (const auto& [name, value] : about.fields) {
    json.begin_object();
    json.field(name, value);
    json.end_object();
  }
  json.end_array();
  if (txn && txn->digest) json.field("digest", txn->digest->tree_digest);
  json.end_object();
  print_json(json);
}

struct Found {
  std::int64_t entries = 0;
  std::int64_t bytes = 0;  // of entries
  std::int64_t first_zxid = 0;
  std::int64_t last_zxid = 0;
  std::int64_t first_ms = 0;
  std::int64_t last_ms = 0;
  std::int64_t longest = 0;
  std::map<std::int32_t, std::pair<std::int64_t, std::int64_t>> by_type;  // count, bytes
  std::string problem;                                                    // empty: the file ends as it should
};

// What follows the last entry; empty: nothing, or the zeros of a file that grows in large steps.
std::expected<std::string, std::string> problem_at_end(env::Disk& disk, const store::StoreFile& file,
                                                       const store::LogFile& log, store::EntryState state) {
  if (state == store::EntryState::end_of_file) return {};
  const auto tail = store::scan_tail(disk, file.path, log.offset());
  if (!tail) return std::unexpected(tail.error().text);
  if (state == store::EntryState::zeros && !tail->has_bytes) return {};
  return fmt::format("at byte {} there is {}{}", log.offset(), store::text_of(state),
                     tail->has_entry ? ", and whole entries follow: bytes in the middle are damaged"
                                     : "; no whole entry follows, as after a power cut");
}

template <typename Visit>
std::expected<Found, std::string> walk(env::Disk& disk, const std::string& path, Visit visit) {
  const auto file = file_of(disk, path);
  if (!file) return std::unexpected(file.error());
  auto log = store::LogFile::open(disk, *file);
  if (!log) return std::unexpected(log.error().text);
  Found found;
  if (log->header() != store::HeaderState::good) {
    found.problem = log->header() == store::HeaderState::torn ? "it is shorter than a log's header, or zeros"
                                                              : "it does not begin like a transaction log";
    return found;
  }
  store::LogEntry entry;
  while (true) {
    const auto state = log->next(entry);
    if (!state) return std::unexpected(state.error().text);
    if (*state != store::EntryState::whole) {
      auto problem = problem_at_end(disk, *file, *log, *state);
      if (!problem) return std::unexpected(problem.error());
      found.problem = std::move(*problem);
      return found;
    }
    if (found.entries > 0 && entry.header.zxid <= found.last_zxid)
      found.problem = fmt::format("{} follows {}", hex(entry.header.zxid), hex(found.last_zxid));
    if (found.entries++ == 0) {
      found.first_zxid = entry.header.zxid;
      found.first_ms = entry.header.time_ms;
    }
    found.last_zxid = entry.header.zxid;
    found.last_ms = entry.header.time_ms;
    const auto size = static_cast<std::int64_t>(entry.bytes.size());
    found.bytes += size;
    found.longest = std::max(found.longest, size);
    auto& [count, bytes] = found.by_type[entry.header.type];
    ++count;
    bytes += size;
    visit(entry);
    if (!found.problem.empty()) return found;
  }
}

void write_found(const std::string& path, const Found& found, admin::JsonText& json) {
  json.field("file", path);
  json.field("good", found.problem.empty());
  if (!found.problem.empty()) json.field("problem", found.problem);
  json.field("entries", found.entries);
  json.field("first_zxid", hex(found.first_zxid));
  json.field("last_zxid", hex(found.last_zxid));
}

// Walks each file with `visit`, and reports what was found in it. The exit code says whether all are good.
template <typename Visit, typename Report>
int judge(env::Disk& disk, const std::vector<std::string>& paths, Visit visit, Report report) {
  int code = kGood;
  for (const std::string& path : paths) {
    const auto found = walk(disk, path, visit);
    if (!found) return complain(found.error());
    if (!found->problem.empty()) code = kBad;
    report(path, *found);
  }
  return code;
}

void no_visit(const store::LogEntry&) {}

void print_stats_as_json(const std::string& path, const Found& found) {
  admin::JsonText json;
  json.begin_object();
  write_found(path, found, json);
  json.field("first_time_ms", found.first_ms);
  json.field("last_time_ms", found.last_ms);
  json.field("bytes", found.bytes);
  json.field("longest", found.longest);
  json.key("types");
  json.begin_object();
  for (const auto& [type, sums] : found.by_type) {
    json.key(type_name(type));
    json.begin_object();
    json.field("count", sums.first);
    json.field("bytes", sums.second);
    json.end_object();
  }
  json.end_object();
  json.end_object();
  print_json(json);
}

void print_stats(const std::string& path, const Found& found) {
  fmt::print("{}: {} transactions, {} to {}, {} to {}; {} bytes, the longest {}\n", path, found.entries,
             hex(found.first_zxid), hex(found.last_zxid), time_text(found.first_ms), time_text(found.last_ms),
             found.bytes, found.longest);
  for (const auto& [type, sums] : found.by_type)
    fmt::print("  {:16} {:>10} {:>14} bytes\n", type_name(type), sums.first, sums.second);
  if (!found.problem.empty()) fmt::print("  damaged: {}\n", found.problem);
}

void print_verdict_as_json(const std::string& path, const Found& found) {
  admin::JsonText json;
  json.begin_object();
  write_found(path, found, json);
  json.end_object();
  print_json(json);
}

void print_verdict(const std::string& path, const Found& found) {
  if (found.problem.empty()) {
    fmt::print("{}: good, {} transactions, {} to {}\n", path, found.entries, hex(found.first_zxid),
               hex(found.last_zxid));
  } else {
    fmt::print("{}: DAMAGED: {}; {} good transactions before it, to {}\n", path, found.problem, found.entries,
               hex(found.last_zxid));
  }
}

}  // namespace

int show_log(env::Disk& disk, const std::vector<std::string>& paths, Form form, std::int64_t from, std::int64_t to) {
  const auto print_wanted = [&](const store::LogEntry& entry) {
    if (entry.header.zxid >= from && entry.header.zxid <= to) print_entry(entry, form);
  };
  return judge(disk, paths, print_wanted, [](const std::string& path, const Found& found) {
    if (!found.problem.empty()) fmt::print(stderr, "{}: {}\n", path, found.problem);
  });
}

int log_stats(env::Disk& disk, const std::vector<std::string>& paths, Form form) {
  return judge(disk, paths, no_visit, form == Form::json ? print_stats_as_json : print_stats);
}

int verify_logs(env::Disk& disk, const std::vector<std::string>& paths, Form form) {
  return judge(disk, paths, no_visit, form == Form::json ? print_verdict_as_json : print_verdict);
}

}  // namespace quoll::apps::files
