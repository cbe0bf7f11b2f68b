// What the files of this room share of Boost.Asio.
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
  // One thread runs the loop, but workers post from theirs.
  boost::asio::io_context io{BOOST_ASIO_CONCURRENCY_HINT_1};
  std::deque<boost::asio::signal_set> signals;
  // Sockets read into here and hand the bytes on before anyone else reads: no buffer for each connection.
  std::array<char, 256 * 1024> read_buffer;

  // What all sockets together have not taken yet.
  std::size_t queued_bytes = 0;

  // How long a connection that closes may take to send what it still has: a peer that never reads holds it no longer.
  std::chrono::milliseconds last_bytes_time{10'000};

  // Frees what a closed connection leaves, little by little: a crowd that goes leaves much at once.
  void discard(OutQueue bytes);

 private:
  void discard_some();
  std::deque<OutQueue> discarded_;
};

}  // namespace quoll::os
