// A member of a line (recipes/line.h) for callers that wait.
#pragma once

#include <functional>
#include <future>
#include <memory>
#include <utility>
#include <vector>

#include "recipes/guard.h"
#include "recipes/line.h"
#include "sdk/blocking.h"

namespace quoll::sdk {

class BlockingLine {
 public:
  // `on_lost` is called once, on the client's thread, when this member may not hold any more: when it has lost, or when
  // its session has not been heard of for two thirds of its timeout.
  BlockingLine(Blocking& client, recipes::LineOptions options, std::function<void()> on_lost);
  // Releases, unless it is lost.
  ~BlockingLine();
  BlockingLine(const BlockingLine&) = delete;
  BlockingLine& operator=(const BlockingLine&) = delete;

  // Waits until this member holds. `timeout_ms`: 0 for as long as it takes.
  client::Result<recipes::Token> acquire(std::int64_t timeout_ms);
  // Guard::multi.
  client::Result<std::vector<client::OperationResult>> write(const std::vector<client::Operation>& operations);
  [[nodiscard]] std::string node();
  [[nodiscard]] bool surely_held();
  void release();

 private:
  void watch();
  void lost();

  Runtime& runtime_;
  std::function<void()> on_lost_;
  std::unique_ptr<recipes::Line> line_;  // on the loop
  bool is_lost_ = false;                 // on the loop
  std::unique_ptr<env::Timer> timer_;    // on the loop
};

}  // namespace quoll::sdk
