// A long answer as a row of steps: each is called until it says that it is done, and then the next one.
#pragma once

#include <deque>
#include <functional>
#include <memory>

#include "server/long_answer.h"

namespace quoll::admin {

// So many lines are told in one go.
inline constexpr std::size_t kLinesInOneStep = 500;

class Steps : public server::LongAnswer {
 public:
  using Step = std::move_only_function<bool(std::string& out)>;  // true: call me again
  void add(Step step) { steps_.push_back(std::move(step)); }
  // Text that is known when its turn comes.
  void add_text(std::move_only_function<std::string()> text) {
    add([text = std::move(text)](std::string& out) mutable {
      out += text();
      return false;
    });
  }

  bool tell(std::string& out) override {
    if (!steps_.front()(out)) steps_.pop_front();
    return !steps_.empty();
  }

 private:
  std::deque<Step> steps_;
};

}  // namespace quoll::admin
