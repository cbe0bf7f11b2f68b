// Values that the client's thread puts in and other threads take out, in order.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "sdk/waiting.h"

namespace quoll::sdk {

template <typename T>
class Mailbox {
 public:
  // When `limit` values are waiting, all of them are replaced by `overflow`, which tells their reader so. `time`: null
  // if it is real.
  Mailbox(std::size_t limit, T overflow, std::shared_ptr<VirtualTime> time = nullptr)
      : limit_(limit), overflow_(std::move(overflow)), time_(std::move(time)) {}

  void put(T value) {
    {
      const std::lock_guard lock(mutex_);
      if (values_.size() >= limit_) {
        values_.clear();
        values_.push_back(overflow_);
      }
      values_.push_back(std::move(value));
    }
    came_.notify_all();
  }
  std::optional<T> next(std::chrono::milliseconds patience) {
    std::unique_lock lock(mutex_);
    if (!wait_for(lock, came_, time_.get(), patience, [this] { return !values_.empty(); })) return std::nullopt;
    T value = std::move(values_.front());
    values_.pop_front();
    return value;
  }

 private:
  const std::size_t limit_;
  const T overflow_;
  const std::shared_ptr<VirtualTime> time_;
  std::mutex mutex_;
  std::condition_variable came_;
  std::deque<T> values_;
};

}  // namespace quoll::sdk
