#include "recipes/guard.h"

#include <fmt/format.h>

namespace quoll::recipes {

void Guard::multi(const std::vector<client::Operation>& operations,
                  client::Done<std::vector<client::OperationResult>> done) {
  // An empty path is refused without being sent, soon.
  const bool holds = line_.state() == Line::State::held;
  std::vector<client::Operation> all{client::op::Check{holds ? line_.node() : line_.path(), client::kAnyVersion}};
  all.insert(all.end(), operations.begin(), operations.end());
  auto then = [path = line_.path(),
               done = std::move(done)](client::Result<std::vector<client::OperationResult>> result) mutable {
    if (result) {
      result->erase(result->begin());
    } else if (result.error().operation == 0) {
      result.error().text = fmt::format("{} is not held any more; nothing was written", path);
    }
    done(std::move(result));
  };
  if (holds) {
    line_.client().multi(all, std::move(then));
    return;
  }
  line_.client().session().refuse({Error::no_node, client::Fate::not_sent, {}, 0, {}},
                                  [then = std::move(then)](client::Result<client::Answer> answer) mutable {
                                    then(std::unexpected(answer.error()));
                                  });
}

}  // namespace quoll::recipes
