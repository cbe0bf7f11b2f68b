// Shared by this room's tests: a worker that runs on request, a recovery target that records its calls, and hex blocks
// from docs/formats.
// docs/formats.
#pragma once

#include <algorithm>
#include <deque>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <map>

#include "env/log.h"
#include "env/worker.h"
#include "sim/disk.h"
#include "store/log_writer.h"
#include "store/recovery.h"
#include "store/snapshot_writer.h"
#include "wire/txn_record.h"

namespace quoll::store::testing {

// Runs the queued jobs, each followed by its `done`, when a test asks for it.
class QueueWorker : public env::Worker {
 public:
  void run(std::move_only_function<void()> job, std::move_only_function<void()> done) override {
    jobs_.push_back({std::move(job), std::move(done)});
  }
  void run_all() {
    while (!jobs_.empty()) {
      auto [job, done] = std::move(jobs_.front());
      jobs_.pop_front();
      job();
      done();
    }
  }
  [[nodiscard]] std::size_t waiting() const { return jobs_.size(); }

 private:
  struct Job {
    std::move_only_function<void()> job;
    std::move_only_function<void()> done;
  };
  std::deque<Job> jobs_;
};

class LineLog : public env::Log {
 public:
  void write(env::Level, std::string_view line) override { lines.emplace_back(line); }
  [[nodiscard]] bool enabled(env::Level) const override { return true; }
  std::vector<std::string> lines;
};

class Remembering : public RecoveryTarget {
 public:
  struct Node {
    base::NullableView data;
    std::string bytes;
    std::int64_t acl = 0;
    StatPersisted stat;
  };
  void reset() override {
    ++resets;
    sessions.clear();
    acls.clear();
    nodes.clear();
    zxids.clear();
  }
  bool on_session(std::int64_t id, std::int32_t timeout_ms) override { return sessions.emplace(id, timeout_ms).second; }
  bool on_acl(std::int64_t id, AclList list) override { return acls.emplace(id, std::move(list)).second; }
  bool on_node(std::string_view path, base::NullableView data, std::int64_t acl_id,
               const StatPersisted& stat) override {
    Node node{data, data.str(), acl_id, stat};
    const bool has_parent = path.empty() || nodes.contains(std::string(path.substr(0, path.rfind('/'))));
    return has_parent && nodes.emplace(std::string(path), std::move(node)).second;
  }
  void on_snapshot_end(Zxid, const SnapshotEnd& snapshot_end) override { end = snapshot_end; }
  std::expected<void, std::string> on_transaction(const LogEntry& entry) override {
    zxids.push_back(entry.header.zxid);
    return {};
  }
  void on_recovery_progress(std::string_view, std::int64_t, std::int64_t) override {}

  std::map<std::int64_t, std::int32_t> sessions;
  std::map<std::int64_t, AclList> acls;
  std::map<std::string, Node> nodes;
  std::vector<std::int64_t> zxids;
  SnapshotEnd end;
  int resets = 0;
};

inline const std::string kVersionDir = "/data/version-2";
inline constexpr std::int64_t kWallMs = 1'700'000'000'000;  // 2023-11-14T22:13:20Z

inline Options small_options() {
  Options options;
  options.data_dir = "/data";
  options.pre_alloc_kb = 8;
  return options;
}

inline std::string create_txn(std::int64_t zxid, std::size_t data_bytes = 10) {
  Txn txn;
  txn.header = TxnHeader{0x100000000000001, 1, zxid, 1700000000000 + zxid, static_cast<std::int32_t>(OpCode::create)};
  const std::string path = fmt::format("/n{:x}", zxid);
  const std::string data(data_bytes, static_cast<char>('a' + zxid % 26));
  txn.body = CreateTxn{path, data, open_acl_unsafe(), false, 1};
  std::string out;
  wire::append_txn(txn, out);
  return out;
}

inline std::string error_txn(std::int64_t zxid) {
  std::string out;
  wire::append_txn(Txn{TxnHeader{1, 1, zxid, 0, static_cast<std::int32_t>(OpCode::error)}, ErrorTxn{-5}, {}}, out);
  return out;
}

// Flushes the writer; returns the error's text, or "".
inline std::string flush(LogWriter& writer, QueueWorker& worker) {
  std::string error;
  writer.flush(worker, [&](std::expected<FlushInfo, env::DiskError> result) {
    if (!result) error = result.error().text;
  });
  worker.run_all();
  return error;
}

inline std::string write_snapshot(env::Disk& disk, const Options& options, Zxid zxid) {
  QueueWorker worker;
  std::string error;
  SnapshotWriter writer(disk, worker, kVersionDir, options, zxid);
  writer.sessions({{1, 30000}});
  writer.acl_count(1);
  writer.acl(1, AclList{Acl{perm::kRead, Id{"world", "anyone"}}});
  writer.node("", "", -1, StatPersisted{});
  for (int i = 0; i < 20; ++i)
    writer.node(fmt::format("/node{}", i), fmt::format("{}", zxid.value()), 1, StatPersisted{});
  writer.finish(SnapshotDigest{zxid.value(), kDigestVersion, 77}, zxid,
                [&](std::expected<void, env::DiskError> result) {
                  if (!result) error = result.error().text;
                });
  worker.run_all();
  return error;
}

struct Outcome {
  std::expected<Recovered, std::string> recovered;
  Remembering target;
};

// A complete start: opens the directories and recovers.
inline Outcome start(env::Disk& disk, const Options& options) {
  LineLog log;
  Outcome outcome{std::unexpected("not started"), {}};
  auto dirs = DataDirs::open(disk, options, log);
  if (!dirs) {
    outcome.recovered = std::unexpected(dirs.error());
    return outcome;
  }
  outcome.recovered = recover(*dirs, options, kWallMs, outcome.target);
  return outcome;
}

// The bytes of the `index`th ```hex block of a page in docs/formats.
inline std::string hex_block(const std::string& page, int index) {
  std::ifstream in(fmt::format("{}/docs/formats/{}", QUOLL_SOURCE_DIR, page));
  const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  std::size_t at = 0;
  for (int i = 0; i <= index; ++i) at = text.find("```hex\n", at) + 7;
  std::string bytes;
  for (const std::size_t stop = text.find("```", at); at < stop;) {
    const std::size_t line_end = text.find('\n', at);
    const std::string line = text.substr(at, line_end - at).substr(0, text.substr(at, line_end - at).find('#'));
    for (std::size_t i = 0; i + 1 < line.size(); i += 3) {
      if (line[i] != ' ') bytes.push_back(static_cast<char>(std::stoi(line.substr(i, 2), nullptr, 16)));
    }
    at = line_end + 1;
  }
  return bytes;
}

}  // namespace quoll::store::testing
