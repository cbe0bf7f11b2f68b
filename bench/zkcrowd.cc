// Loads a ZooKeeper server with many clients of one kind, or measures the latency of other clients. tests/load runs it.
// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <sys/resource.h>

#include "crowds.h"
#include "failure.h"

namespace zkload {

namespace {

struct Command {
  const char* name;
  void (*run)(const Arguments&);
  const char* what;
};

constexpr Command kCommands[] = {
    {"probe", probe, "a read every 2 ms and a write every 5 ms: their latencies"},
    {"connections", open_connections, "--count sessions that only ping"},
    {"slow", read_nothing, "--count sessions that request --path repeatedly and read no reply"},
    {"drip", drip, "--count sessions that send their requests byte by byte"},
    {"flood", flood, "connects and closes as fast as it can"},
    {"watches", leave_watches, "--count watches from --conns sessions"},
    {"words", ask_words, "sends the four-letter word --word repeatedly"},
    {"children", make_children, "creates --count znodes below /many"},
    {"list", list_children, "getChildren of /many, repeatedly"},
    {"ephemerals", own_ephemerals, "one session with --count ephemerals, which closes at the end"},
};

int usage() {
  std::fputs("zkcrowd COMMAND --port 2181 [--NAME VALUE ...]; it runs until its standard input ends\n", stderr);
  for (const Command& command : kCommands) std::fprintf(stderr, "  %-12s %s\n", command.name, command.what);
  return 2;
}

void allow_many_descriptors() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

void say_ready() {
  std::puts("ready");
  std::fflush(stdout);
}

int run(int argc, char** argv) {
  const std::string name = argc > 1 ? argv[1] : "";
  for (const Command& command : kCommands) {
    if (name != command.name) continue;
    allow_many_descriptors();
    command.run(Arguments(argc, argv));
    return 0;
  }
  return usage();
}

}  // namespace zkload

int main(int argc, char** argv) {
  try {
    return zkload::run(argc, argv);
  } catch (const zkload::Failure& failure) {
    std::fprintf(stderr, "zkcrowd: %s\n", failure.what());
    return 1;
  }
}
