// An answer to a four-letter word that may be long: it is told in pieces, and others are served in between.
#pragma once

#include <string>

namespace quoll::server {

class LongAnswer {
 public:
  virtual ~LongAnswer() = default;
  // Appends the next piece: little at a time. False: that was the last one.
  virtual bool tell(std::string& out) = 0;
};

}  // namespace quoll::server
