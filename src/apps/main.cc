// The program quoll and its commands.
#include <fmt/format.h>
#include <string>
#include <vector>

#include "apps/backup/backup_command.h"
#include "apps/backup/undelete.h"
#include "apps/ending.h"
#include "apps/files/files_command.h"
#include "apps/migrate_command.h"
#include "apps/purge_command.h"
#include "apps/server_command.h"
#include "apps/shell_command.h"
#include "apps/status_command.h"
#include "apps/version.h"

namespace {

constexpr std::string_view kUsage =
    R"(quoll {}: a coordination service that ZooKeeper's clients, data files and tools take for ZooKeeper.

  quoll server [ZOO_CFG]       runs a server (without a file: client port 2181, data under ./data)
  quoll server --help          its arguments
  quoll migrate check ZOO_CFG  says what would stop the replacement of Apache's server by this one
  quoll log show|stats|verify|repair ...
  quoll snapshot show|stats|verify|tree|diff ...
  quoll data verify DATA_DIR   look into the files of a server; each with --help and --json
  quoll backup DIR --from DATA_DIR | --server HOST:PORT
  quoll backup verify DIR
  quoll restore SOURCE DATA_DIR [--at ZXID|TIME]
  quoll restore SOURCE --into HOST:PORT [--at ZXID|TIME] [--dry-run]
                               copies of a server's state, and servers from copies
  quoll status HOST...         the servers of an ensemble in a table, and what is wrong with it
  quoll purge DATA_DIR         removes old snapshots and logs
  quoll undelete PATH --from SOURCE --server HOST:PORT
                               brings back a subtree that was deleted
  quoll shell [-server HOST:PORT] [COMMAND ...]
                               a session with an ensemble, in zkCli's language; or one command
  quoll shell --help           its arguments
  quoll --version
)";

int run(const std::vector<std::string>& arguments) {
  if (!arguments.empty() && arguments[0] == "server") return quoll::apps::run_server(std::span(arguments).subspan(1));
  if (!arguments.empty() && arguments[0] == "migrate") return quoll::apps::run_migrate(std::span(arguments).subspan(1));
  if (!arguments.empty() && arguments[0] == "log") return quoll::apps::run_log(std::span(arguments).subspan(1));
  if (!arguments.empty() && arguments[0] == "snapshot")
    return quoll::apps::run_snapshot(std::span(arguments).subspan(1));
  if (!arguments.empty() && arguments[0] == "data") return quoll::apps::run_data(std::span(arguments).subspan(1));
  if (!arguments.empty() && arguments[0] == "backup") return quoll::apps::run_backup(std::span(arguments).subspan(1));
  if (!arguments.empty() && arguments[0] == "restore") return quoll::apps::run_restore(std::span(arguments).subspan(1));
  if (!arguments.empty() && arguments[0] == "purge") return quoll::apps::run_purge(std::span(arguments).subspan(1));
  if (!arguments.empty() && arguments[0] == "status") return quoll::apps::run_status(std::span(arguments).subspan(1));
  if (!arguments.empty() && arguments[0] == "undelete")
    return quoll::apps::run_undelete(std::span(arguments).subspan(1));
  if (!arguments.empty() && arguments[0] == "shell") return quoll::apps::run_shell(std::span(arguments).subspan(1));
  if (!arguments.empty() && arguments[0] == "--version") return fmt::print("quoll {}\n", quoll::apps::kVersion), 0;
  const bool asked = !arguments.empty() && (arguments[0] == "--help" || arguments[0] == "-h" || arguments[0] == "help");
  fmt::print(asked ? stdout : stderr, kUsage, quoll::apps::kVersion);
  return asked ? 0 : 2;
}

}  // namespace

int main(int argc, char** argv) {
  quoll::apps::install_exit_handlers();
  return quoll::apps::guarded([&] { return run({argv + 1, argv + argc}); });
}
