// cons, crst: the connections and what has gone over them.
#include "admin/connection_lines.h"
#include "admin/words.h"

namespace quoll::admin {

std::string say_cons(const Question& question) {
  std::string out;
  append_connections(question, Detail::full, out);
  return out;
}

std::string say_crst(const Question& question) {
  question.server.connections().for_each([](server::ClientConnection& connection) { connection.stats.reset(); });
  return "Connection stats reset.\n";
}

}  // namespace quoll::admin
