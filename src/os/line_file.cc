#include "os/line_file.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

namespace quoll::os {

struct LineFile::Output {
  ~Output() {
    if (descriptor >= 0) ::close(descriptor);
  }
  bool open(const std::string& path) {
    constexpr int kMode = 0640;
    const int opened = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, kMode);
    if (opened < 0) {
      error = errno;
      return false;
    }
    if (descriptor >= 0) ::close(descriptor);
    descriptor = opened;
    return true;
  }
  void write(std::string_view text) {
    while (!text.empty()) {
      const ssize_t written = ::write(descriptor, text.data(), text.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) {
        error = errno;
        return;
      }
      text.remove_prefix(static_cast<std::size_t>(written));
    }
  }
  int descriptor = -1;
  int error = 0;  // of the last job
};

LineFile::LineFile(env::Workers& workers, env::Log& log, std::string path, std::size_t waiting_bytes_max)
    : log_(log),
      path_(std::move(path)),
      waiting_bytes_max_(waiting_bytes_max),
      output_(std::make_shared<Output>()),
      worker_(workers.start("audit")) {}

LineFile::~LineFile() {
  if (!waiting_.empty() && is_open_)
    worker_->run([output = output_, text = std::move(waiting_)] { output->write(text); }, [] {});
}

std::expected<void, std::string> LineFile::open() {
  is_open_ = output_->open(path_);
  if (is_open_) return {};
  return std::unexpected(fmt::format("{} can't be written: {}. Make its folder, and give it to the user of the server",
                                     path_, std::strerror(output_->error)));
}

void LineFile::write(std::string_view line) {
  if (waiting_.size() + line.size() > waiting_bytes_max_) {
    ++lost_;
    return;
  }
  if (lost_ > 0) waiting_ += fmt::format("{} lines are missing here: the disk was too slow\n", std::exchange(lost_, 0));
  waiting_ += line;
  waiting_ += '\n';
  if (!is_writing_) flush();
}

void LineFile::flush() {
  is_writing_ = true;
  worker_->run(
      [output = output_, path = path_, text = std::exchange(waiting_, {}),
       reopens = std::exchange(wants_reopen_, false)] {
        output->error = 0;
        if (reopens) output->open(path);
        output->write(text);
      },
      [this] {
        is_writing_ = false;
        if (output_->error != 0)
          log_.error("{}: lines are lost: {}. Make room on its disk", path_, std::strerror(output_->error));
        if (!waiting_.empty()) flush();
      });
}

}  // namespace quoll::os
