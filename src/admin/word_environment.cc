// envi: facts about the machine and the program.
#include <fmt/format.h>

#include "admin/words.h"

namespace quoll::admin {

std::string answer_envi(const Question& question) {
  std::string out = fmt::format("Environment:\nzookeeper.version={}\n", question.facts.version);
  if (!question.facts.environment) return out;
  for (const auto& [key, value] : question.facts.environment()) out += fmt::format("{}={}\n", key, value);
  return out;
}

}  // namespace quoll::admin
