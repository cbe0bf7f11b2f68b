#include "apps/purge_command.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "os/files.h"
#include "store/data_dirs.h"
#include "store/purge.h"

namespace quoll::apps {

namespace {

struct Request {
  std::string data_dir;
  std::string log_dir;
  int keep = store::kPurgeRetainMin;
  bool only_shows = false;
};

int complain(std::string_view what) {
  fmt::print(stderr, "quoll purge: {}\n", what);
  return 1;
}

int purge(const Request& request) {
  os::PosixDisk disk;
  store::Options options;
  options.data_dir = request.data_dir;
  options.data_log_dir = request.log_dir.empty() ? request.data_dir : request.log_dir;
  options.data_dir_autocreate = false;
  const auto dirs = store::DataDirs::look(disk, options);
  if (!dirs) return complain(dirs.error());
  const auto doomed = store::files_to_purge(*dirs, request.keep);
  if (!doomed) return complain(doomed.error().text);
  for (const std::string& path : *doomed) {
    if (!request.only_shows) {
      if (const auto removed = disk.remove(path); !removed) return complain(removed.error().text);
    }
    fmt::print("{} {}\n", request.only_shows ? "Would remove" : "Removed", path);
  }
  if (doomed->empty())
    fmt::print("Nothing to remove: there are not more than {} complete snapshots, and no logs from before them\n",
               request.keep);
  return 0;
}

}  // namespace

int run_purge(std::span<const std::string> arguments) {
  CLI::App app(
      "Removes old snapshots, and the logs that only they need, Apache's and Quoll's. The server may run meanwhile. "
      "A server does the same itself with autopurge.purgeInterval",
      "quoll purge");
  Request request;
  app.add_option("DATA_DIR", request.data_dir, "dataDir of the server")->required();
  app.add_option("--log-dir", request.log_dir, "dataLogDir, if it is another directory");
  app.add_option("--keep", request.keep, "how many complete snapshots stay; at least 3")
      ->check(CLI::Range(store::kPurgeRetainMin, 1'000'000))
      ->capture_default_str();
  app.add_flag("--dry-run", request.only_shows, "says what would be removed, and removes nothing");
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  return purge(request);
}

}  // namespace quoll::apps
