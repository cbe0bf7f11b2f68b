// Bytes that a socket has not taken yet, in pieces: nothing is copied as it grows, and what has gone is let go.
#pragma once

#include <boost/asio/buffer.hpp>
#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"

namespace quoll::os {

class OutQueue {
 public:
  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  [[nodiscard]] bool empty() const { return bytes_ == 0; }

  // Small pieces are gathered, large ones are kept as they are.
  void add(std::string_view bytes) {
    if (bytes.empty()) return;
    bytes_ += bytes.size();
    if (pieces_.empty() || pieces_.back().size() + bytes.size() > kGatheredBytes) pieces_.emplace_back();
    pieces_.back().append(bytes);
  }
  // Takes `bytes` from the offset on; only with nothing queued can a part have gone already.
  void add(std::string&& bytes, std::size_t offset) {
    QUOLL_CHECK(offset == 0 || pieces_.empty(), "what is queued goes first");
    if (bytes.size() - offset <= kGatheredBytes) return add(std::string_view(bytes).substr(offset));
    bytes_ += bytes.size() - offset;
    front_sent_ += offset;
    pieces_.push_back(std::move(bytes));
  }
  // What comes next, for one system call.
  [[nodiscard]] std::vector<boost::asio::const_buffer> next() const {
    std::vector<boost::asio::const_buffer> buffers;
    std::size_t sent = front_sent_;
    for (const std::string& piece : pieces_) {
      buffers.emplace_back(piece.data() + sent, piece.size() - sent);
      sent = 0;
      if (buffers.size() == kPiecesAtOnce) break;
    }
    return buffers;
  }
  void remove(std::size_t count) {
    bytes_ -= count;
    front_sent_ += count;
    while (!pieces_.empty() && front_sent_ >= pieces_.front().size()) {
      front_sent_ -= pieces_.front().size();
      pieces_.pop_front();
    }
    if (pieces_.empty()) pieces_.shrink_to_fit();
  }

 private:
  static constexpr std::size_t kGatheredBytes = 64 * 1024;
  static constexpr std::size_t kPiecesAtOnce = 64;

  std::deque<std::string> pieces_;
  std::size_t front_sent_ = 0;  // of the first piece
  std::size_t bytes_ = 0;
};

}  // namespace quoll::os
