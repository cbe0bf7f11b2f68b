// A long answer as a sequence of steps: each step is called until it reports that it is done, then the next.
#pragma once

#include <deque>
#include <functional>
#include <memory>

#include "server/long_answer.h"

namespace quoll::admin {

// The number of lines that one step prints.
inline constexpr std::size_t kLinesInOneStep = 500;

class Steps : public server::LongAnswer {
 public:
  using Step = std::move_only_function<bool(std::string& out)>;  // true: not done, call again
  void add(Step step) { steps_.push_back(std::move(step)); }
  // Adds a text that is computed when its turn comes.
  void add_text(std::move_only_function<std::string()> text) {
    add([text = std::move(text)](std::string& out) mutable {
      out += text();
      return false;
    });
  }

  bool append_more(std::string& out) override {
    if (!steps_.front()(out)) steps_.pop_front();
    return !steps_.empty();
  }

 private:
  std::deque<Step> steps_;
};

}  // namespace quoll::admin
