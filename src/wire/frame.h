// Writes a frame: four bytes of length, which are filled in when the frame is complete, then the payload.
#pragma once

#include <string>

#include "base/narrow.h"
#include "wire/jute.h"

namespace quoll::wire {

// The frame is appended to `out`, and is complete when this object is destroyed.
class Frame {
 public:
  explicit Frame(std::string& out) : writer_(out), start_(out.size()) { writer_.put(std::int32_t{0}); }
  ~Frame() { writer_.patch(start_, base::narrow32(writer_.out().size() - start_ - 4)); }
  Frame(const Frame&) = delete;
  Frame& operator=(const Frame&) = delete;
  Writer& writer() { return writer_; }

 private:
  Writer writer_;
  std::size_t start_;
};

}  // namespace quoll::wire
