#include "apps/ending.h"

#include <cstdlib>
#include <exception>
#include <fmt/format.h>
#include <new>
#include <string_view>
#include <unistd.h>

#include "base/utf8.h"

namespace quoll::apps {

namespace {

constexpr int kUnexpected = 1;

// A half-done change of the state cannot be undone, so the process ends. What it acknowledged is on disk. This function
// must not allocate.
[[noreturn]] void end_on_out_of_memory() {
  static constexpr std::string_view kLine =
      "Out of memory: no more can be had from the system, so the server ends. Nothing acknowledged is lost. "
      "Give it more memory (ulimit -v, the container's limit) or fewer data, and start it again.\n";
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, kLine.data(), kLine.size());
  ::_exit(kUnexpected);
}

// Called while an exception is being handled.
void report_exception() {
  std::string what = "of an unknown type";
  try {
    throw;
  } catch (const std::exception& error) {
    what = base::escaped(error.what());
  } catch (...) {
  }
  fmt::print(stderr,
             "Quoll ends because of an unexpected error, which is a bug in it: {}. Nothing acknowledged is "
             "lost; start it again, and report this line\n",
             what);
}

[[noreturn]] void end_uncaught() {
  if (std::current_exception() != nullptr) report_exception();
  ::_exit(kUnexpected);
}

}  // namespace

void install_exit_handlers() {
  std::set_new_handler(end_on_out_of_memory);
  std::set_terminate(end_uncaught);
}

int guarded(const std::function<int()>& command) {
  try {
    return command();
  } catch (...) {
    report_exception();
    return kUnexpected;
  }
}

}  // namespace quoll::apps
