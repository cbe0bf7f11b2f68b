// Lines on their way to a file, a pipe or a terminal, written by a thread of their own: whoever logs never waits.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace quoll::os {

// Lines are dropped, and counted, when kBytesMax of them wait or the output refuses them (a full disk, a closed pipe).
// When it takes lines again, the first one tells how many are missing. For any thread.
class LogQueue {
 public:
  static constexpr std::size_t kBytesMax = std::size_t{4} << 20;
  // What the end of the process may wait for lines that still have to be written.
  static constexpr int kEndMs = 1000;

  // Called on the writing thread, at most a second apart, for lines that nobody has pushed.
  using Idle = std::function<std::string()>;
  // The line, with its end, that tells of so many dropped ones.
  using Missing = std::function<std::string(std::int64_t lines)>;

  // `descriptor` stays the caller's.
  LogQueue(int descriptor, Idle idle, Missing missing);
  ~LogQueue();
  LogQueue(const LogQueue&) = delete;
  LogQueue& operator=(const LogQueue&) = delete;

  // `lines` end with a line feed.
  void push(std::string lines);
  // What is pushed from now on goes to `descriptor`, which the queue closes when it is done with it.
  void switch_to(int descriptor);
  [[nodiscard]] std::int64_t dropped() const;

 private:
  struct Batch {
    std::string bytes;
    std::int64_t lines = 0;
  };
  void work();
  Batch take();  // mutex_ is held
  // False: not all of it could be written.
  bool write(std::string_view bytes);
  bool wait_writable();

  const Idle idle_;
  const Missing missing_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::string> lines_;
  std::size_t bytes_ = 0;
  std::int64_t dropped_ = 0;
  std::int64_t reported_ = 0;  // of dropped_
  bool stopping_ = false;
  int next_descriptor_ = -1;
  // The writing thread's alone.
  int descriptor_;
  bool owned_ = false;
  std::thread thread_;
};

}  // namespace quoll::os
