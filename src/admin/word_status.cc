// ruok, isro, srvr, stat, srst: the state of the server.
#include <fmt/format.h>

#include "admin/connection_lines.h"
#include "admin/java_text.h"
#include "admin/status.h"
#include "admin/words.h"

namespace quoll::admin {

namespace {

std::string version_line(const Question& question) {
  return fmt::format("Zookeeper version: {}\n", question.facts.version);
}

void append_numbers(const server::Server& server, std::string& out) {
  const server::Core& core = server.core();
  const server::ServerStats& stats = core.stats;
  out += fmt::format("Latency min/avg/max: {}/{}/{}\n", stats.latency_ms.min(),
                     java_double(four_decimals(stats.latency_ms.average())), stats.latency_ms.max());
  out += fmt::format("Received: {}\nSent: {}\n", stats.packets_received, stats.packets_sent);
  out +=
      fmt::format("Connections: {}\nOutstanding: {}\n", server.connections().size(), server.requests().in_progress());
  out += fmt::format("Zxid: 0x{:x}\nMode: {}\n", static_cast<std::uint64_t>(core.zxid()), mode_of(server));
  out += fmt::format("Node count: {}\n", core.state.tree.node_count());
  if (mode_of(server) != "leader") return;
  const server::ByteSizes& sizes = stats.proposal_bytes;
  out += fmt::format("Proposal sizes last/min/max: {}/{}/{}\n", sizes.last, sizes.min, sizes.max);
}

}  // namespace

std::string answer_ruok(const Question&) {
  return "imok";
}

std::string answer_isro(const Question& question) {
  return question.server.core().writes_are_off ? "ro" : "rw";
}

std::string answer_srvr(const Question& question) {
  std::string out = version_line(question);
  append_numbers(question.server, out);
  return out;
}

std::unique_ptr<server::LongAnswer> long_answer_stat(const Question& question) {
  auto steps = std::make_unique<Steps>();
  steps->add_text([text = version_line(question)] { return text + "Clients:\n"; });
  add_connections(question, Detail::brief, *steps);
  steps->add_text([&server = question.server] {
    std::string numbers;
    append_numbers(server, numbers);
    return numbers;
  });
  return steps;
}

std::string reset_server_stats(server::Server& server) {
  server.core().stats.reset();
  server.core().state.digest_mismatches = 0;
  return "Server stats reset.\n";
}

}  // namespace quoll::admin
