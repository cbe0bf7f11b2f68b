#include "apps/backup/undelete.h"

#include <CLI/CLI.hpp>
#include <functional>
#include <map>

#include "apps/backup/extract.h"
#include "apps/backup/past_tree.h"
#include "apps/backup/point.h"
#include "apps/files/report.h"
#include "apps/shell/progress.h"
#include "client/connect_string.h"
#include "os/files.h"
#include "sdk/blocking.h"
#include "sdk/thread_runtime.h"
#include "store/snapshot_reader.h"
#include "types/path.h"
#include "wire/txn_record.h"

namespace quoll::apps {

namespace {

using namespace backup;
using files::Form;

// Of one multi: well below the servers' limit of a megabyte.
constexpr std::size_t kBatchOperations = 500;
constexpr std::size_t kBatchBytes = std::size_t{512} << 10;
constexpr std::int64_t kConnectMs = 30'000;
// Children that are created and deleted again for one znode's counter.
constexpr std::int64_t kCounterStepsMax = 1'000'000;

struct Wish {
  std::string path;
  std::string from;
  std::string log_dir;
  std::string at;
  std::string server;
  std::string auth;
  bool dry_run = false;
  bool json = false;
};

// What is to be written.
struct Plan {
  Zxid as_of;
  std::optional<Deletions::Deletion> deletion;
  std::vector<std::pair<std::string, PastNode>> nodes;  // parents first, without ephemerals
  std::int64_t ephemerals = 0;
};

int fail(const Trouble& trouble) {
  fmt::print(stderr, "{}\n", trouble.text);
  return trouble.kind == Trouble::disk ? files::kUnreadable : files::kBad;
}

OwnerKind kind_of(const PastNode& node) {
  return owner_kind(node.owner, {.extended = true});
}

std::string kind_text(const PastNode& node) {
  switch (kind_of(node)) {
    case OwnerKind::container:
      return " container";
    case OwnerKind::ttl:
      return fmt::format(" ttl={}", ttl_ms(node.owner, {.extended = true}));
    default:
      return "";
  }
}

// Every transaction after the oldest snapshot, or after one that a point is given for.
std::expected<void, Trouble> for_each_txn(env::Disk& disk, const Source& source, const Part& part,
                                          const std::function<void(const Txn&)>& look) {
  std::optional<std::string> undecodable;
  const auto walked = walk_transactions(disk, source, part, [&](const auto&, const store::LogEntry& entry) {
    const auto txn = wire::decode_txn(entry.bytes);
    if (!txn) {
      undecodable = fmt::format("Transaction {} cannot be decoded: {}", files::hex(entry.header.zxid), txn.error());
      return env::DiskResult<bool>(false);
    }
    look(*txn);
    return env::DiskResult<bool>(true);
  });
  if (undecodable) return std::unexpected(bad(*undecodable));
  return walked;
}

// The newest deletion in the source. The logs are searched from the oldest snapshot on.
std::expected<Deletions::Deletion, Trouble> find_deletion(env::Disk& disk, const Source& source,
                                                          const std::string& path) {
  const auto end = end_of_logs(disk, source);
  if (!end) return std::unexpected(end.error());
  for (auto oldest = source.snapshots.rbegin(); oldest != source.snapshots.rend(); ++oldest) {
    Deletions deletions(path);
    Part all;
    all.snapshot = *oldest;
    if (*end && **end >= oldest->zxid) all.until = *end;
    const auto searched = for_each_txn(disk, source, all, [&](const Txn& txn) { deletions.look_at(txn); });
    if (searched && deletions.found()) return *deletions.found();
    if (searched) break;
    // If logs after it are gone, a later snapshot is the beginning.
    if (std::next(oldest) == source.snapshots.rend()) return std::unexpected(searched.error());
  }
  return std::unexpected(bad(
      fmt::format("The logs in {} do not show that {} was deleted. With --at it is brought back as of a zxid or a time",
                  source.directory, path)));
}

std::expected<Plan, Trouble> plan_of(env::Disk& disk, const Source& source, const Wish& wish, Until until) {
  Plan plan;
  if (!until.zxid && !until.time_ms) {
    const auto deletion = find_deletion(disk, source, wish.path);
    if (!deletion) return std::unexpected(deletion.error());
    plan.deletion = *deletion;
    until.zxid = Zxid{deletion->first.value() - 1};
  }
  const auto part = choose(disk, source, until);
  if (!part) return std::unexpected(part.error());
  PastTree tree(wish.path);
  if (const auto loaded = store::load_snapshot(disk, part->snapshot, tree); !loaded)
    return std::unexpected(bad(fmt::format("{}: {}", part->snapshot.path, loaded.error())));
  plan.as_of = part->snapshot.zxid;
  const auto walked = for_each_txn(disk, source, *part, [&](const Txn& txn) {
    tree.apply(txn);
    plan.as_of = Zxid{txn.header.zxid};
  });
  if (!walked) return std::unexpected(walked.error());
  for (const auto& [path, node] : tree.nodes()) {
    if (kind_of(node) == OwnerKind::session) {
      ++plan.ephemerals;
    } else {
      plan.nodes.emplace_back(path, node);
    }
  }
  if (plan.nodes.empty())
    return std::unexpected(bad(fmt::format("{} did not exist at {}{}", wish.path, files::hex(plan.as_of.value()),
                                           plan.ephemerals > 0 ? ", but as an ephemeral" : "")));
  return plan;
}

// Writes a plan. Each batch happens whole, or not at all.
class Writing {
 public:
  Writing(sdk::Blocking& zk, const Plan& plan) : zk_(zk), plan_(plan) {
    for (const auto& [path, node] : plan.nodes) ++children_[std::string(path::parent(path))];
  }

  client::Result<void> run() {
    shell::Progress progress("znodes written");
    for (const auto& [path, node] : plan_.nodes) {
      if (auto added = add(create_of(path, node), path.size() + node.data.value_or("").size()); !added) return added;
      if (auto raised = raise_counter(path, node); !raised) return raised;
      progress.at(written_, plan_.nodes.size());
    }
    return send();
  }
  [[nodiscard]] std::size_t written() const { return written_; }
  [[nodiscard]] const std::vector<std::string>& notes() const { return notes_; }

 private:
  static client::op::Create create_of(const std::string& path, const PastNode& node) {
    client::CreateOptions options{.acl = *node.acl};
    options.mode.container = kind_of(node) == OwnerKind::container;
    options.mode.ttl = kind_of(node) == OwnerKind::ttl;
    if (options.mode.ttl) options.ttl_ms = ttl_ms(node.owner, {.extended = true});
    return {path, node.data, std::move(options)};
  }

  client::Result<void> add(client::Operation operation, std::size_t bytes) {
    if (bytes_ + bytes > kBatchBytes || batch_.size() >= kBatchOperations) {
      if (auto sent = send(); !sent) return sent;
    }
    if (std::holds_alternative<client::op::Create>(operation)) ++creates_;
    batch_.push_back(std::move(operation));
    bytes_ += bytes;
    return {};
  }

  client::Result<void> send() {
    if (batch_.empty()) return {};
    const auto done = zk_.multi(batch_);
    if (!done) return std::unexpected(done.error());
    written_ += creates_ - steps_;
    batch_.clear();
    bytes_ = creates_ = steps_ = 0;
    return {};
  }

  // The counter from which sequence numbers are taken counts the children that were ever created. So that none is given
  // again, it is raised by children that are created and deleted at once.
  client::Result<void> raise_counter(const std::string& path, const PastNode& node) {
    const auto found = children_.find(path);
    const std::int64_t own = found == children_.end() ? 0 : found->second;
    std::int64_t missing = std::int64_t{node.cversion} - own;
    if (missing <= 0 || kind_of(node) == OwnerKind::session) return {};
    if (missing > kCounterStepsMax) {
      notes_.push_back(fmt::format("The counter of {} was {} and begins anew: sequence numbers are given again", path,
                                   node.cversion));
      return {};
    }
    const std::string step = path + "/quoll-undelete";
    for (; missing > 0; --missing) {
      if (auto added = add(client::op::Create{step, std::nullopt, {}}, step.size()); !added) return added;
      ++steps_;
      // Both in one multi: nobody sees the child.
      batch_.emplace_back(client::op::Remove{step});
      bytes_ += step.size();
    }
    return {};
  }

  sdk::Blocking& zk_;
  const Plan& plan_;
  std::map<std::string, std::int64_t> children_;  // that are written, by parent
  std::vector<client::Operation> batch_;
  std::size_t bytes_ = 0;
  std::size_t creates_ = 0;
  std::size_t steps_ = 0;
  std::size_t written_ = 0;
  std::vector<std::string> notes_;
};

void print_plan(const Plan& plan, const Wish& wish, std::size_t written, const std::vector<std::string>& notes) {
  if (wish.json) {
    admin::JsonText json;
    json.begin_object();
    json.field("path", wish.path);
    json.field("as_of", files::hex(plan.as_of.value()));
    if (plan.deletion) {
      json.field("deleted_by", files::hex(plan.deletion->session));
      json.field("deleted_from", files::time_text(plan.deletion->first_ms));
      json.field("deleted_until", files::time_text(plan.deletion->last_ms));
    }
    json.field("znodes", plan.nodes.size());
    json.field("ephemerals_left_out", plan.ephemerals);
    json.field("written", written);
    json.key("notes");
    json.begin_array();
    for (const std::string& note : notes) json.value(note);
    json.end_array();
    json.end_object();
    return files::print_json(json);
  }
  if (plan.deletion)
    fmt::print("Session {} deleted {} znodes of it from {} to {}\n", files::hex(plan.deletion->session),
               plan.deletion->znodes, files::time_text(plan.deletion->first_ms),
               files::time_text(plan.deletion->last_ms));
  if (wish.dry_run) {
    for (const auto& [path, node] : plan.nodes)
      fmt::print("{} bytes={} cversion={}{}\n", files::shown(path, 4096), node.data.value_or("").size(), node.cversion,
                 kind_text(node));
  }
  for (const std::string& note : notes) fmt::print(stderr, "Note: {}\n", files::shown(note, 1000));
  fmt::print("{} as of {}: {} znodes, {}{}\n", wish.path, files::hex(plan.as_of.value()), plan.nodes.size(),
             wish.dry_run ? "nothing was written" : fmt::format("{} written", written),
             plan.ephemerals > 0 ? fmt::format("; {} ephemerals are left out", plan.ephemerals) : "");
}

std::string hint(Error code) {
  if (code == Error::no_auth) return ". Name an identity with --auth that may create there, or the super user";
  return "";
}

// Refuses what cannot be done, before anything is written.
std::optional<Trouble> look_first(sdk::Blocking& zk, const std::string& path) {
  const auto there = zk.exists(path);
  if (!there) return Trouble{Trouble::disk, there.error().text};
  if (*there) return bad(fmt::format("{} exists: nothing was written. Move it away first, as by quoll shell mv", path));
  const std::string parent(path::parent(path));
  if (parent.empty()) return std::nullopt;
  const auto above = zk.exists(parent);
  if (!above) return Trouble{Trouble::disk, above.error().text};
  if (!*above)
    return bad(fmt::format("{} does not exist: create it first, or bring it back in place of {}", parent, path));
  return std::nullopt;
}

int write(const Plan& plan, const Wish& wish) {
  const auto parsed = client::parse_connect_string(wish.server);
  if (!parsed) return fmt::print(stderr, "{}\n", parsed.error()), 2;
  sdk::ThreadRuntime runtime;
  client::Options options;
  options.servers = parsed->servers;
  options.chroot = parsed->chroot;
  sdk::Blocking zk(runtime, std::move(options), [](client::State) {});
  if (!zk.wait_connected(kConnectMs))
    return fail({Trouble::disk, fmt::format("{} cannot be reached: {}", wish.server, zk.last_trouble())});
  if (!wish.auth.empty()) {
    const std::size_t colon = wish.auth.find(':');
    const auto added = zk.add_auth(wish.auth.substr(0, colon), wish.auth.substr(std::min(colon + 1, wish.auth.size())));
    if (!added) return fail(bad(fmt::format("--auth was refused: {}", added.error().text)));
  }
  if (const auto trouble = look_first(zk, wish.path)) return fail(*trouble);
  if (wish.dry_run) return print_plan(plan, wish, 0, {}), files::kGood;
  Writing writing(zk, plan);
  if (const auto done = writing.run(); !done) {
    const bool is_answered = done.error().fate == client::Fate::answered;
    return fail({is_answered ? Trouble::bad : Trouble::disk,
                 fmt::format("{} of {} znodes are written; then: {}{}", writing.written(), plan.nodes.size(),
                             done.error().text, hint(done.error().code))});
  }
  print_plan(plan, wish, writing.written(), writing.notes());
  return files::kGood;
}

}  // namespace

int run_undelete(std::span<const std::string> arguments) {
  CLI::App app(
      "Brings back a subtree that was deleted: data, ACLs, TTLs, containers and counters, by ordinary requests",
      "quoll undelete");
  app.footer("Exit codes: 0 done; 1 refused, or done in part; 2 wrong arguments; 3 a disk or a connection has failed.");
  Wish wish;
  app.add_option("PATH", wish.path, "the root of the subtree")->required();
  app.add_option("--from", wish.from, "a backup, an archive, or a dataDir, in use or not")->required();
  app.add_option("--log-dir", wish.log_dir, "dataLogDir of the source, if it is another");
  app.add_option("--at", wish.at, "as of this zxid (0x...), or time in UTC; without it just before it was deleted");
  app.add_option("--server", wish.server, "HOST:PORT[,HOST:PORT...] of the ensemble")->required();
  app.add_option("--auth", wish.auth, "digest:user:password");
  app.add_flag("--dry-run", wish.dry_run, "lists what would be written");
  app.add_flag("--json", wish.json, "prints JSON");
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  if (!path::is_valid(wish.path) || wish.path == "/" || path::is_special(wish.path))
    return fmt::print(stderr, "{} is no path of a znode that can be deleted\n", wish.path), 2;
  const auto until = point_of(wish.at);
  if (!until) return fmt::print(stderr, "{}\n", until.error()), 2;
  os::PosixDisk disk;
  const auto source = open_source(disk, wish.from, wish.log_dir, [](std::int64_t) {});
  if (!source) return fail(bad(source.error()));
  const auto plan = plan_of(disk, *source, wish, *until);
  if (!plan) return fail(plan.error());
  return write(*plan, wish);
}

}  // namespace quoll::apps
