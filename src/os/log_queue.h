// A queue of log lines that a thread of its own writes to a file, a pipe or a terminal, so that logging never blocks.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace quoll::os {

// Lines are dropped and counted while kBytesMax bytes are queued or the output fails (a full disk, a closed pipe). The
// first line written afterwards tells how many are missing. Thread-safe.
class LogQueue {
 public:
  static constexpr std::size_t kBytesMax = std::size_t{4} << 20;
  // How long the end of the process may wait for queued lines.
  static constexpr int kEndMs = 1000;

  // Called on the writing thread, at most once a second, for lines to write in addition.
  using Idle = std::function<std::string()>;
  // Returns the line that reports this many dropped lines.
  using Missing = std::function<std::string(std::int64_t lines)>;

  // `descriptor` stays owned by the caller.
  LogQueue(int descriptor, Idle idle, Missing missing);
  ~LogQueue();
  LogQueue(const LogQueue&) = delete;
  LogQueue& operator=(const LogQueue&) = delete;

  // `lines` must end with a line feed.
  void push(std::string lines);
  // Lines pushed from now on are written to `descriptor`, which the queue owns and closes.
  void switch_to(int descriptor);
  [[nodiscard]] std::int64_t dropped() const;

 private:
  struct Batch {
    std::string bytes;
    std::int64_t lines = 0;
  };
  void work();
  Batch take();  // requires mutex_
  // Returns false if not everything could be written.
  bool write(std::string_view bytes);
  bool wait_writable();

  const Idle idle_;
  const Missing missing_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::string> lines_;
  std::size_t bytes_ = 0;
  std::int64_t dropped_ = 0;
  std::int64_t reported_ = 0;  // part of dropped_
  bool stopping_ = false;
  int next_descriptor_ = -1;
  // Used by the writing thread only.
  int descriptor_;
  bool owned_ = false;
  std::thread thread_;
};

}  // namespace quoll::os
