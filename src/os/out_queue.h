// The bytes that a socket has not taken yet, in pieces: they are not copied as the queue grows, and sent pieces are
// freed.
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

  // Small pieces are combined; large ones are kept as they are.
  void add(std::string_view bytes) {
    if (bytes.empty()) return;
    bytes_ += bytes.size();
    if (pieces_.empty() || pieces_.back().size() + bytes.size() > kGatheredBytes) pieces_.emplace_back();
    pieces_.back().append(bytes);
  }
  // Queues `bytes` from `offset` on. The offset is not 0 only if the queue is empty and a part has been sent already.
  void add(std::string&& bytes, std::size_t offset) {
    QUOLL_CHECK(offset == 0 || pieces_.empty(), "queued bytes are sent before new ones");
    if (bytes.size() - offset <= kGatheredBytes) return add(std::string_view(bytes).substr(offset));
    bytes_ += bytes.size() - offset;
    front_sent_ += offset;
    pieces_.push_back(std::move(bytes));
  }
  // The next bytes to send, for one system call.
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
  std::size_t front_sent_ = 0;  // sent bytes of the first piece
  std::size_t bytes_ = 0;
};

}  // namespace quoll::os
