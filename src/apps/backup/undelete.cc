#include "apps/backup/undelete.h"

#include <CLI/CLI.hpp>

#include "apps/backup/extract.h"
#include "apps/backup/past.h"
#include "apps/backup/point.h"
#include "apps/backup/write_tree.h"
#include "apps/files/report.h"
#include "client/connect_string.h"
#include "os/files.h"
#include "types/path.h"

namespace quoll::apps {

namespace {

using namespace backup;
using files::Form;

struct Wish {
  std::string path;
  std::string from;
  std::string log_dir;
  std::string at;
  std::string server;
  std::string auth;
  std::string configuration;
  bool dry_run = false;
  bool json = false;
};

// What is to be written.
struct Plan {
  Zxid as_of;
  std::optional<Deletions::Deletion> deletion;
  PastNodes nodes;
  std::int64_t ephemerals = 0;
};

int fail(const Trouble& trouble) {
  fmt::print(stderr, "{}\n", trouble.text);
  return trouble.kind == Trouble::disk ? files::kUnreadable : files::kBad;
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
  auto past = load_past(disk, source, until, wish.path);
  if (!past) return std::unexpected(past.error());
  plan.as_of = past->as_of;
  plan.nodes = std::move(past->found.nodes);
  plan.ephemerals = past->found.ephemerals;
  if (plan.nodes.empty())
    return std::unexpected(bad(fmt::format("{} did not exist at {}{}", wish.path, files::hex(plan.as_of.value()),
                                           plan.ephemerals > 0 ? ", but as an ephemeral" : "")));
  return plan;
}

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
    write_notes(json, notes);
    json.end_object();
    return files::print_json(json);
  }
  if (plan.deletion)
    fmt::print("Session {} deleted {} znodes of it from {} to {}\n", files::hex(plan.deletion->session),
               plan.deletion->znodes, files::time_text(plan.deletion->first_ms),
               files::time_text(plan.deletion->last_ms));
  if (wish.dry_run) {
    for (const auto& [path, node] : plan.nodes) fmt::print("{}\n", line_of(path, node));
  }
  print_notes(notes);
  fmt::print("{} as of {}: {} znodes, {}{}\n", wish.path, files::hex(plan.as_of.value()), plan.nodes.size(),
             wish.dry_run ? "nothing was written" : fmt::format("{} written", written),
             plan.ephemerals > 0 ? fmt::format("; {} ephemerals are left out", plan.ephemerals) : "");
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
  if (const auto parsed = client::parse_connect_string(wish.server); !parsed)
    return fmt::print(stderr, "{}\n", parsed.error()), 2;
  os::PosixDisk disk;
  const auto security = security_of(disk, wish.configuration);
  if (!security) return fmt::print(stderr, "{}\n", security.error()), 2;
  const auto session = Session::open(wish.server, wish.auth, *security);
  if (!session) return fail(session.error());
  sdk::Blocking& zk = (*session)->zk();
  if (const auto trouble = look_first(zk, wish.path)) return fail(*trouble);
  if (wish.dry_run) return print_plan(plan, wish, 0, {}), files::kGood;
  TreeWriter writer(zk, plan.nodes);
  if (const auto done = writer.run(); !done) return fail(writer.trouble(done.error()));
  print_plan(plan, wish, writer.written(), writer.notes());
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
  app.add_option("--client-configuration", wish.configuration, kConfigurationHelp);
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
