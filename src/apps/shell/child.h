// A program that runs beside the shell, and can be ended by another thread.
#pragma once

#include <expected>
#include <map>
#include <mutex>
#include <string>
#include <sys/types.h>
#include <vector>

namespace quoll::apps::shell {

class Child {
 public:
  // Starts a program, which is found by PATH, with these variables added to its environment. It gets SIGTERM when the
  // shell dies. The error is a sentence for people.
  static std::expected<void, std::string> start(Child& child, const std::vector<std::string>& command,
                                                const std::map<std::string, std::string>& variables);
  // Its exit code; 128 and the signal's number if one ended it.
  int wait();
  // Sends the signal, unless the program has ended or is not started. From any thread.
  void signal(int number);

 private:
  std::mutex mutex_;
  pid_t pid_ = 0;  // 0: it does not run
};

}  // namespace quoll::apps::shell
