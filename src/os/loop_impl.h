// What the files of this room share of Boost.Asio.
#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include "os/loop.h"

namespace quoll::os {

struct Loop::Impl {
  // One thread runs the loop, but workers post from theirs.
  boost::asio::io_context io{BOOST_ASIO_CONCURRENCY_HINT_1};
  boost::asio::signal_set signals{io};
  // Sockets read into here and hand the bytes on before anyone else reads: no buffer for each connection.
  std::array<char, 256 * 1024> read_buffer;
};

}  // namespace quoll::os
