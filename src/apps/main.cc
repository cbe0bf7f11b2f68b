// quoll: one program, several commands.
#include <fmt/format.h>
#include <new>
#include <string>
#include <unistd.h>
#include <vector>

#include "apps/server_command.h"
#include "apps/version.h"

namespace {

constexpr std::string_view kUsage =
    R"(quoll {}: a coordination service that ZooKeeper's clients, data files and tools take for ZooKeeper.

  quoll server [ZOO_CFG]       runs a server (without a file: client port 2181, data under ./data)
  quoll server --help          its arguments
  quoll --version
)";

// Half-done changes of the state can't be undone, so the process ends; what it acknowledged is on disk. Nothing here
// may allocate.
[[noreturn]] void end_without_memory() {
  static constexpr std::string_view kLine =
      "Out of memory: no more can be had from the system, so the server ends. Nothing acknowledged is lost. "
      "Give it more memory (ulimit -v, the container's limit) or fewer data, and start it again.\n";
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, kLine.data(), kLine.size());
  ::_exit(1);
}

}  // namespace

int main(int argc, char** argv) {
  std::set_new_handler(end_without_memory);
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (!arguments.empty() && arguments[0] == "server") return quoll::apps::run_server(std::span(arguments).subspan(1));
  if (!arguments.empty() && arguments[0] == "--version") return fmt::print("quoll {}\n", quoll::apps::kVersion), 0;
  const bool asked = !arguments.empty() && (arguments[0] == "--help" || arguments[0] == "-h" || arguments[0] == "help");
  fmt::print(asked ? stdout : stderr, kUsage, quoll::apps::kVersion);
  return asked ? 0 : 2;
}
