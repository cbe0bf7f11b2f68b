// Values that the client's thread puts in and other threads take out, in order.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

namespace quoll::sdk {

template <typename T>
class Mailbox {
 public:
  // When `limit` values are waiting, all of them are replaced by `overflow`, which tells their reader so.
  Mailbox(std::size_t limit, T overflow) : limit_(limit), overflow_(std::move(overflow)) {}

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
    if (!came_.wait_for(lock, patience, [this] { return !values_.empty(); })) return std::nullopt;
    T value = std::move(values_.front());
    values_.pop_front();
    return value;
  }

 private:
  const std::size_t limit_;
  const T overflow_;
  std::mutex mutex_;
  std::condition_variable came_;
  std::deque<T> values_;
};

}  // namespace quoll::sdk
