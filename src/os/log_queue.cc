#include "os/log_queue.h"

#include <cerrno>
#include <chrono>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <unistd.h>

namespace quoll::os {

namespace {

constexpr std::size_t kBatchBytes = 64 * 1024;
constexpr std::chrono::milliseconds kIdle{1000};
constexpr int kPollMs = 50;

}  // namespace

LogQueue::LogQueue(int descriptor, Idle idle, Missing missing)
    : idle_(std::move(idle)), missing_(std::move(missing)), descriptor_(descriptor), thread_([this] { work(); }) {
  pthread_setname_np(thread_.native_handle(), "quoll-log");
}

LogQueue::~LogQueue() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
  if (owned_) ::close(descriptor_);
  if (next_descriptor_ >= 0) ::close(next_descriptor_);
}

void LogQueue::push(std::string lines) {
  {
    const std::lock_guard lock(mutex_);
    if (bytes_ + lines.size() > kBytesMax) {
      ++dropped_;
      return;
    }
    bytes_ += lines.size();
    lines_.push_back(std::move(lines));
  }
  wake_.notify_one();
}

void LogQueue::switch_to(int descriptor) {
  const std::lock_guard lock(mutex_);
  if (next_descriptor_ >= 0) ::close(next_descriptor_);
  next_descriptor_ = descriptor;
  wake_.notify_one();
}

std::int64_t LogQueue::dropped() const {
  const std::lock_guard lock(mutex_);
  return dropped_;
}

LogQueue::Batch LogQueue::take() {
  Batch batch;
  if (next_descriptor_ >= 0) {
    if (owned_) ::close(descriptor_);
    descriptor_ = std::exchange(next_descriptor_, -1);
    owned_ = true;
  }
  for (; !lines_.empty() && batch.bytes.size() < kBatchBytes; lines_.pop_front()) {
    batch.bytes += lines_.front();
    ++batch.lines;
    bytes_ -= lines_.front().size();
  }
  return batch;
}

void LogQueue::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait_for(lock, kIdle, [this] { return stopping_ || !lines_.empty() || next_descriptor_ >= 0; });
    const bool last = stopping_ && lines_.empty();
    const std::int64_t missing = dropped_ - reported_;
    Batch batch = take();
    lock.unlock();
    if (std::string idle = idle_(); !idle.empty()) batch.bytes += idle;
    if (missing > 0) batch.bytes.insert(0, missing_(missing));
    const bool written = batch.bytes.empty() || write(batch.bytes);
    lock.lock();
    if (written) {
      reported_ += missing;
    } else {
      dropped_ += batch.lines;
    }
    if (last || (stopping_ && !written)) return;
  }
}

// Polls a blocked pipe or terminal until it accepts data, so that the thread can end.
bool LogQueue::wait_writable() {
  for (int waited_ms = 0;; waited_ms += kPollMs) {
    pollfd output{descriptor_, POLLOUT, 0};
    const int ready = ::poll(&output, 1, kPollMs);
    if (ready > 0) return (output.revents & (POLLNVAL | POLLERR)) == 0;
    if (ready < 0 && errno != EINTR) return false;
    const std::lock_guard lock(mutex_);
    if (stopping_ && waited_ms >= kEndMs) return false;
  }
}

bool LogQueue::write(std::string_view bytes) {
  while (!bytes.empty()) {
    if (!wait_writable()) return false;
    // A writable pipe accepts this many bytes without blocking.
    const ssize_t put = ::write(descriptor_, bytes.data(), std::min<std::size_t>(bytes.size(), PIPE_BUF));
    if (put < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (put <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
  return true;
}

}  // namespace quoll::os
