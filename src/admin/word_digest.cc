// hash: the tree's digest at every 128th transaction, for comparing servers.
#include <fmt/format.h>

#include "admin/words.h"

namespace quoll::admin {

std::string answer_hash(const Question& question) {
  std::string out;
  for (const machine::ZxidDigest& entry : question.server.core().state.digest_log) {
    out += fmt::format("{:x}: {}\n", static_cast<std::uint64_t>(entry.zxid), entry.digest);
  }
  return out;
}

}  // namespace quoll::admin
