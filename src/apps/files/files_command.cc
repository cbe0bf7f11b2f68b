#include "apps/files/files_command.h"

#include <CLI/CLI.hpp>
#include <limits>

#include "apps/files/report.h"
#include "os/files.h"

namespace quoll::apps {

namespace {

using files::Form;

// One command of a noun: `quoll log show ...`.
class Noun {
 public:
  Noun(const std::string& what, const std::string& name) : app_(what, name) { app_.require_subcommand(1); }

  CLI::App& verb(const std::string& name, const std::string& what, std::function<int()> run) {
    CLI::App* const made = app_.add_subcommand(name, what);
    made->add_flag("--json", json_, "prints JSON, one object for each thing");
    verbs_.emplace_back(made, std::move(run));
    return *made;
  }
  [[nodiscard]] Form form() const { return json_ ? Form::json : Form::text; }
  int parse(std::span<const std::string> arguments) {
    try {
      app_.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
    } catch (const CLI::ParseError& error) {
      return app_.exit(error) == 0 ? 0 : 2;
    }
    for (const auto& [verb, run] : verbs_) {
      if (verb->parsed()) return run();
    }
    return 2;
  }

 private:
  CLI::App app_;
  bool json_ = false;
  std::vector<std::pair<CLI::App*, std::function<int()>>> verbs_;
};

}  // namespace

int run_log(std::span<const std::string> arguments) {
  os::PosixDisk disk;
  std::vector<std::string> paths;
  std::string from;
  std::string to;
  std::string data_dir;
  std::string log_dir;
  const auto zxid = [](const std::string& text, std::int64_t otherwise) {
    return text.empty() ? otherwise : static_cast<std::int64_t>(std::stoull(text, nullptr, 16));
  };
  const auto is_zxid = [](const std::string& text) {
    const std::string digits = text.starts_with("0x") ? text.substr(2) : text;
    const bool good = !digits.empty() && digits.size() <= 16 &&
                      digits.find_first_not_of("0123456789abcdefABCDEF") == std::string::npos;
    return good ? std::string() : text + " is no zxid: write 0x1f or 1f";
  };
  Noun noun("Transaction logs, Apache's and Quoll's", "quoll log");
  auto& show = noun.verb("show", "prints each transaction", [&] {
    return files::show_log(disk, paths, noun.form(), zxid(from, std::numeric_limits<std::int64_t>::min()),
                           zxid(to, std::numeric_limits<std::int64_t>::max()));
  });
  show.add_option("FILE", paths, "log.<zxid>")->required();
  show.add_option("--from", from, "the first zxid to print, hexadecimal")->check(is_zxid);
  show.add_option("--to", to, "the last one")->check(is_zxid);
  noun.verb("stats", "counts transactions and bytes by type",
            [&] { return files::log_stats(disk, paths, noun.form()); })
      .add_option("FILE", paths, "log.<zxid>")
      ->required();
  noun.verb("verify", "checks every byte. Exit code 1: damaged",
            [&] { return files::verify_logs(disk, paths, noun.form()); })
      .add_option("FILE", paths, "log.<zxid>")
      ->required();
  auto& repair = noun.verb("repair",
                           "makes the changes that a start would make: a torn end is moved to a file of its own. Only "
                           "while no server runs",
                           [&] { return files::repair_logs(disk, data_dir, log_dir, noun.form()); });
  repair.add_option("DATA_DIR", data_dir, "dataDir of zoo.cfg")->required();
  repair.add_option("--log-dir", log_dir, "dataLogDir, if it is another");
  return noun.parse(arguments);
}

int run_snapshot(std::span<const std::string> arguments) {
  os::PosixDisk disk;
  std::string path;
  std::string after;
  std::vector<std::string> paths;
  int depth = 2;
  Noun noun("Snapshots, Apache's and Quoll's, plain, gz and snappy", "quoll snapshot");
  noun.verb("show", "prints each znode without its data", [&] { return files::show_snapshot(disk, path, noun.form()); })
      .add_option("FILE", path, "snapshot.<zxid>")
      ->required();
  noun.verb("stats", "counts znodes, sessions and bytes",
            [&] { return files::snapshot_stats(disk, path, noun.form()); })
      .add_option("FILE", path, "snapshot.<zxid>")
      ->required();
  noun.verb("verify", "checks every byte. Exit code 1: damaged",
            [&] { return files::verify_snapshots(disk, paths, noun.form()); })
      .add_option("FILE", paths, "snapshot.<zxid>")
      ->required();
  auto& tree = noun.verb("tree", "sums znodes and bytes by subtree",
                         [&] { return files::snapshot_tree(disk, path, depth, noun.form()); });
  tree.add_option("FILE", path, "snapshot.<zxid>")->required();
  tree.add_option("--depth", depth, "levels that are told apart; 2 by default")->check(CLI::Range(0, 100));
  auto& diff =
      noun.verb("diff", "lists the znodes that were added (+), removed (-) or changed (~). Exit code 1: there are such",
                [&] { return files::snapshot_diff(disk, path, after, noun.form()); });
  diff.add_option("BEFORE", path, "snapshot.<zxid>")->required();
  diff.add_option("AFTER", after, "snapshot.<zxid>")->required();
  return noun.parse(arguments);
}

int run_data(std::span<const std::string> arguments) {
  os::PosixDisk disk;
  std::string data_dir;
  std::string log_dir;
  Noun noun("The data directories of a server", "quoll data");
  auto& verify = noun.verb("verify",
                           "says whether a server would start with them, up to which transaction, and what it would "
                           "repair. Changes nothing. Exit code 1: it would not start",
                           [&] { return files::verify_data(disk, data_dir, log_dir, noun.form()); });
  verify.add_option("DATA_DIR", data_dir, "dataDir of zoo.cfg")->required();
  verify.add_option("--log-dir", log_dir, "dataLogDir, if it is another");
  return noun.parse(arguments);
}

}  // namespace quoll::apps
