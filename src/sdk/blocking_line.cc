#include "sdk/blocking_line.h"

namespace quoll::sdk {

namespace {
constexpr std::int64_t kLookMs = 50;
}  // namespace

BlockingLine::BlockingLine(Blocking& client, recipes::LineOptions options, std::function<void()> on_lost)
    : runtime_(client.runtime()), on_lost_(std::move(on_lost)) {
  client.with([&](client::Client& zk) {
    line_ = std::make_unique<recipes::Line>(zk, runtime_.world(), std::move(options));
    line_->on_lost([this] { lost(); });
  });
}

BlockingLine::~BlockingLine() {
  release();
  runtime_.run([this] { line_.reset(); });
}

client::Result<recipes::Token> BlockingLine::acquire(std::int64_t timeout_ms) {
  const auto promise = std::make_shared<std::promise<client::Result<recipes::Token>>>();
  auto future = promise->get_future();
  runtime_.post([this, promise, timeout_ms] {
    if (line_->state() != recipes::Line::State::out) {
      promise->set_value(std::unexpected(client::Failure{
          Error::bad_arguments, client::Fate::not_sent, "this member holds, waits or leaves already", {}, {}}));
      return;
    }
    line_->acquire(timeout_ms, [this, promise](client::Result<recipes::Token> result) {
      is_lost_ = false;
      if (result) watch();
      promise->set_value(std::move(result));
    });
  });
  return runtime_.await(std::move(future));
}

void BlockingLine::watch() {
  timer_ = runtime_.world().timers.after(kLookMs, [this] { line_->surely_held() ? watch() : lost(); });
}

void BlockingLine::lost() {
  timer_.reset();
  if (std::exchange(is_lost_, true)) return;
  if (on_lost_) on_lost_();
}

std::string BlockingLine::node() {
  std::string node;
  runtime_.run([&] { node = line_->node(); });
  return node;
}

bool BlockingLine::surely_held() {
  bool held = false;
  runtime_.run([&] { held = line_->surely_held(); });
  return held;
}

client::Result<std::vector<client::OperationResult>> BlockingLine::write(
    const std::vector<client::Operation>& operations) {
  using Results = client::Result<std::vector<client::OperationResult>>;
  const auto promise = std::make_shared<std::promise<Results>>();
  auto future = promise->get_future();
  runtime_.post([&] {
    recipes::Guard(*line_).multi(operations, [promise](Results results) { promise->set_value(std::move(results)); });
  });
  return runtime_.await(std::move(future));
}

void BlockingLine::release() {
  const auto promise = std::make_shared<std::promise<void>>();
  auto released = promise->get_future();
  runtime_.post([this, promise] {
    timer_.reset();
    // Without a connection nothing can be released, and the session ends by itself.
    if (is_lost_ && !client::is_connected(line_->client().state())) return promise->set_value();
    line_->release([promise] { promise->set_value(); });
  });
  runtime_.await(std::move(released));
}

}  // namespace quoll::sdk
