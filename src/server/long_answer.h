// A long answer to a four-letter word. It is produced in pieces so that other clients are served in between.
#pragma once

#include <string>

namespace quoll::server {

class LongAnswer {
 public:
  virtual ~LongAnswer() = default;
  // Appends the next small piece. False: it was the last one.
  virtual bool append_more(std::string& out) = 0;
};

}  // namespace quoll::server
