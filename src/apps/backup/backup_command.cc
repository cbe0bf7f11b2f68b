#include "apps/backup/backup_command.h"

#include <CLI/CLI.hpp>

#include "apps/backup/make_backup.h"
#include "apps/backup/point.h"
#include "apps/backup/restore_into.h"
#include "apps/backup/write_tree.h"
#include "apps/files/report.h"
#include "apps/shell/progress.h"
#include "apps/version.h"
#include "client/connect_string.h"
#include "os/clocks.h"
#include "os/files.h"

namespace quoll::apps {

namespace {

using namespace backup;
using files::Form;

constexpr std::string_view kExitCodes =
    "Exit codes: 0 done, or good; 1 refused, or damaged; 2 wrong arguments; 3 a disk or a connection has failed.";

// Counts bytes for people who wait.
class Bytes {
 public:
  explicit Bytes(const std::string& what) : progress_("MiB " + what) {}
  [[nodiscard]] OnBytes counter() {
    return [this](std::int64_t bytes) {
      bytes_ += bytes;
      progress_.at(static_cast<std::size_t>(bytes_ >> 20));
    };
  }

 private:
  shell::Progress progress_;
  std::int64_t bytes_ = 0;
};

int refuse(const Trouble& trouble) {
  fmt::print(stderr, "{}\n", trouble.text);
  return trouble.kind == Trouble::disk ? files::kUnreadable : files::kBad;
}

int report(const std::expected<Made, Trouble>& made, Form form) {
  if (!made) return refuse(made.error());
  const Extracted& content = made->content;
  if (form == Form::json) {
    admin::JsonText json;
    json.begin_object();
    json.field("directory", made->directory);
    json.field("snapshot_zxid", files::hex(content.snapshot.value()));
    json.field("last_zxid", files::hex(content.last.value()));
    if (content.last_time_ms) json.field("last_time", files::time_text(*content.last_time_ms));
    json.field("transactions", content.transactions);
    json.field("exact", content.is_exact);
    json.field("files", content.files.size());
    json.key("notes");
    json.begin_array();
    for (const std::string& note : content.notes) json.value(note);
    json.end_array();
    json.end_object();
    files::print_json(json);
    return files::kGood;
  }
  for (const std::string& note : content.notes) fmt::print(stderr, "Note: {}\n", files::shown(note, 1000));
  fmt::print("{}: snapshot {}, and {} transactions after it; the history ends with {}{}\n", made->directory,
             files::hex(content.snapshot.value()), content.transactions, files::hex(content.last.value()),
             content.last_time_ms ? " of " + files::time_text(*content.last_time_ms) : "");
  return files::kGood;
}

int parse(CLI::App& app, std::span<const std::string> arguments) {
  app.footer(std::string(kExitCodes));
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? -1 : 2;
  }
  return 0;
}

int wrong(std::string_view text) {
  fmt::print(stderr, "{}\n", text);
  return 2;
}

// "digest:user:password" becomes the field that the AdminServer reads: "digest user:password".
std::string authorization_of(std::string auth) {
  if (const std::size_t colon = auth.find(':'); colon != std::string::npos) auth[colon] = ' ';
  return auth;
}

// While a server works in it, files may be purged between the moment they are found and the moment they are opened.
std::expected<Made, Trouble> backup_of(env::Disk& disk, const std::string& from, const std::string& log_dir,
                                       const Until& until, const std::string& to) {
  constexpr int kAttempts = 3;
  for (int attempt = 1;; ++attempt) {
    Bytes bytes("of the history copied");
    const auto source = open_source(disk, from, log_dir, bytes.counter());
    if (!source) return std::unexpected(Trouble{Trouble::bad, source.error()});
    auto made = backup_directory(disk, *source, until, to, fmt::format("quoll {}", kVersion),
                                 os::SystemClock().wall_ms(), bytes.counter());
    if (made || attempt == kAttempts || made.error().kind != Trouble::disk) return made;
  }
}

int verify(std::span<const std::string> arguments) {
  CLI::App app("Compares every file of a backup with the manifest, and reads the whole history", "quoll backup verify");
  std::string directory;
  bool json = false;
  app.add_option("DIR", directory, "the backup")->required();
  app.add_flag("--json", json, "prints JSON");
  if (const int code = parse(app, arguments); code != 0) return std::max(code, 0);
  os::PosixDisk disk;
  Bytes bytes("compared");
  const auto source = open_source(disk, directory, "", bytes.counter());
  if (!source) return refuse({Trouble::bad, source.error()});
  if (!source->manifest)
    return refuse({Trouble::bad, fmt::format("{} has no {}: it is no backup, or its making was interrupted", directory,
                                             kManifestName)});
  const auto part = choose(disk, *source, {});
  if (!part) return refuse(part.error());
  Made made{directory, {}};
  made.content.snapshot = made.content.last = part->snapshot.zxid;
  const auto walked = walk_transactions(disk, *source, *part, [&](const auto&, const auto& entry) {
    made.content.last = Zxid{entry.header.zxid};
    made.content.last_time_ms = entry.header.time_ms;
    ++made.content.transactions;
    return env::DiskResult<bool>(true);
  });
  if (!walked) return refuse(walked.error());
  if (made.content.last != source->manifest->last || part->snapshot.zxid != source->manifest->snapshot)
    return refuse(
        {Trouble::bad, fmt::format("{} holds another part of the history than its manifest says", directory)});
  made.content.is_exact = source->manifest->is_exact;
  made.content.files = source->manifest->files;
  return report(made, json ? Form::json : Form::text);
}

int report_into(const std::expected<IntoResult, Trouble>& done, const IntoWish& wish, Form form) {
  if (!done) return refuse(done.error());
  if (form == Form::json) {
    admin::JsonText json;
    json.begin_object();
    json.field("into", wish.server);
    json.field("as_of", files::hex(done->as_of.value()));
    json.field("znodes", done->znodes);
    json.field("written", done->written);
    json.field("ephemerals_left_out", done->ephemerals);
    json.field("root_changed", done->is_root_changed);
    write_notes(json, done->notes);
    json.end_object();
    files::print_json(json);
    return files::kGood;
  }
  for (const std::string& line : done->lines) fmt::print("{}\n", line);
  print_notes(done->notes);
  fmt::print("As of {}: {} znodes, {}{}{}\n", files::hex(done->as_of.value()), done->znodes,
             wish.dry_run ? "nothing was written" : fmt::format("{} written", done->written),
             done->is_root_changed
                 ? (wish.dry_run ? "; the root would get its data and ACL" : "; the root has its data and ACL")
                 : "",
             done->ephemerals > 0 ? fmt::format("; {} ephemerals are left out", done->ephemerals) : "");
  return files::kGood;
}

}  // namespace

int run_backup(std::span<const std::string> arguments) {
  if (!arguments.empty() && arguments[0] == "verify") return verify(arguments.subspan(1));
  CLI::App app("Makes a backup of a server's state in a new directory. quoll backup verify DIR checks one",
               "quoll backup");
  std::string to;
  std::string from;
  std::string log_dir;
  std::string server;
  std::string auth;
  std::string at;
  std::string configuration;
  bool json = false;
  app.add_option("DIR", to, "the new directory")->required();
  auto* const from_option = app.add_option("--from", from, "dataDir of a server, running or not, or an archive");
  app.add_option("--log-dir", log_dir, "dataLogDir, if it is another")->needs(from_option);
  auto* const server_option =
      app.add_option("--server", server, "HOST:PORT of the admin server of a running server (8080)")
          ->excludes(from_option);
  app.add_option("--auth", auth, "for the server: digest:user:password, with all permissions of the root")
      ->needs(server_option);
  app.add_option("--client-configuration", configuration, kConfigurationHelp)->needs(server_option);
  app.add_option("--at", at, "the last zxid (0x...), or a time in UTC; without it all")->needs(from_option);
  app.add_flag("--json", json, "prints JSON");
  if (const int code = parse(app, arguments); code != 0) return std::max(code, 0);
  if (from.empty() && server.empty()) return wrong("Say of what: --from DATA_DIR or --server HOST:PORT");
  os::PosixDisk disk;
  const Form form = json ? Form::json : Form::text;
  if (!from.empty()) {
    const auto until = point_of(at);
    if (!until) return wrong(until.error());
    return report(backup_of(disk, from, log_dir, *until, to), form);
  }
  const auto address = address_of(server, 8080);
  if (!address) return wrong(fmt::format("{} is no address of a server: write HOST:PORT", server));
  const auto security = security_of(disk, configuration);
  if (!security) return wrong(security.error());
  Download download{*address, "/commands/snapshot?streaming=true", authorization_of(auth)};
  download.tls = security->tls;
  Bytes bytes("of the snapshot received");
  return report(backup_server(disk, download, to, fmt::format("quoll {}", kVersion), os::SystemClock().wall_ms(),
                              bytes.counter()),
                form);
}

int run_restore(std::span<const std::string> arguments) {
  CLI::App app(
      "Makes a new dataDir from a backup, an archive, or another dataDir, or writes its znodes into a running ensemble",
      "quoll restore");
  IntoWish into;
  std::string from;
  std::string log_dir;
  std::string data_dir;
  std::string at;
  bool json = false;
  app.add_option("SOURCE", from, "a backup, an archive, or a dataDir")->required();
  auto* const dir_option = app.add_option("DATA_DIR", data_dir, "the new dataDir: missing, or empty but for myid");
  auto* const into_option = app.add_option("--into", into.server,
                                           "HOST:PORT,... of a running ensemble (2181), which gets the znodes by "
                                           "ordinary requests")
                                ->excludes(dir_option);
  app.add_option("--auth", into.auth, "with --into: digest:user:password, who may create there")->needs(into_option);
  std::string configuration;
  app.add_option("--client-configuration", configuration, kConfigurationHelp)->needs(into_option);
  app.add_flag("--dry-run", into.dry_run, "with --into: shows the znodes, and writes nothing")->needs(into_option);
  app.add_option("--log-dir", log_dir, "dataLogDir of the source, if it is another");
  app.add_option("--at", at, "the last zxid (0x...), or a time in UTC; without it all");
  app.add_flag("--json", json, "prints JSON");
  if (const int code = parse(app, arguments); code != 0) return std::max(code, 0);
  if (data_dir.empty() && into.server.empty()) return wrong("Say where: a new DATA_DIR, or --into HOST:PORT");
  if (!into.server.empty()) {
    if (const auto parsed = client::parse_connect_string(into.server); !parsed) return wrong(parsed.error());
  }
  const auto until = point_of(at);
  if (!until) return wrong(until.error());
  os::PosixDisk disk;
  auto security = security_of(disk, configuration);
  if (!security) return wrong(security.error());
  into.security = std::move(*security);
  Bytes bytes("of the history read and written");
  const auto source = open_source(disk, from, log_dir, bytes.counter());
  if (!source) return refuse({Trouble::bad, source.error()});
  const Form form = json ? Form::json : Form::text;
  if (!into.server.empty()) return report_into(restore_into(disk, *source, *until, into), into, form);
  return report(restore(disk, *source, *until, data_dir, bytes.counter()), form);
}

}  // namespace quoll::apps
