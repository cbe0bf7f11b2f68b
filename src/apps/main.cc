// The program quoll and its commands.
#include <fmt/format.h>
#include <string>
#include <vector>

#include "apps/ending.h"
#include "apps/server_command.h"
#include "apps/version.h"

namespace {

constexpr std::string_view kUsage =
    R"(quoll {}: a coordination service that ZooKeeper's clients, data files and tools take for ZooKeeper.

  quoll server [ZOO_CFG]       runs a server (without a file: client port 2181, data under ./data)
  quoll server --help          its arguments
  quoll --version
)";

int run(const std::vector<std::string>& arguments) {
  if (!arguments.empty() && arguments[0] == "server") return quoll::apps::run_server(std::span(arguments).subspan(1));
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
