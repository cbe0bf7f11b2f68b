// A file to which lines are appended by a thread of its own, such as the audit log. No line waits for the disk, and no
// line is lost without a trace.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>

#include "env/log.h"
#include "env/worker.h"

namespace quoll::os {

class LineFile {
 public:
  // All references must outlive it. At most `waiting_bytes_max` bytes wait for the disk; further lines are counted, and
  // the file says how many are missing.
  LineFile(env::Workers& workers, env::Log& log, std::string path,
           std::size_t waiting_bytes_max = std::size_t{16} << 20);
  ~LineFile();  // writes what waits
  LineFile(const LineFile&) = delete;
  LineFile& operator=(const LineFile&) = delete;

  // Opens the file, or makes it. The error is a sentence for people.
  [[nodiscard]] std::expected<void, std::string> open();
  void write(std::string_view line);
  // Later lines go to the file that has the path then: the old one was renamed.
  void reopen() { wants_reopen_ = true; }

 private:
  struct Output;  // belongs to the thread while a job runs
  void flush();

  env::Log& log_;
  const std::string path_;
  const std::size_t waiting_bytes_max_;
  std::shared_ptr<Output> output_;
  std::string waiting_;
  std::uint64_t lost_ = 0;
  bool wants_reopen_ = false;
  bool is_open_ = false;
  bool is_writing_ = false;
  std::unique_ptr<env::Worker> worker_;  // destroyed first
};

}  // namespace quoll::os
