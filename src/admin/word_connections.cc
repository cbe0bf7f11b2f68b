// cons, crst: prints the connections, resets their statistics.
#include "admin/connection_lines.h"
#include "admin/words.h"

namespace quoll::admin {

std::unique_ptr<server::LongAnswer> long_answer_cons(const Question& question) {
  auto steps = std::make_unique<Steps>();
  add_connections(question, Detail::full, *steps);
  return steps;
}

std::string reset_connection_stats(server::Server& server) {
  server.connections().for_each([](server::ClientConnection& connection) { connection.stats.reset(); });
  return "Connection stats reset.\n";
}

}  // namespace quoll::admin
