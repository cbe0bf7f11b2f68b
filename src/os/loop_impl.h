// Boost.Asio objects shared by this room's files.
#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <chrono>
#include <deque>

#include "os/loop.h"
#include "os/out_queue.h"

namespace quoll::os {

struct Loop::Impl {
  // One thread runs the loop; workers post to it from their threads.
  boost::asio::io_context io{BOOST_ASIO_CONCURRENCY_HINT_1};
  std::deque<boost::asio::signal_set> signals;
  // All sockets read into this buffer and pass the bytes on before the next read, so that a connection needs no buffer
  // of its own.
  std::array<char, 256 * 1024> read_buffer;

  // Bytes queued in all sockets, not yet taken by the kernel.
  std::size_t queued_bytes = 0;

  // How long a closing connection may take to send its queued bytes. After that it is closed even if the peer does not
  // read.
  std::chrono::milliseconds last_bytes_time{10'000};

  // Frees the memory of closed connections in small steps, because many connections may close at once.
  void discard(OutQueue bytes);

 private:
  void discard_some();
  std::deque<OutQueue> discarded_;
};

}  // namespace quoll::os
