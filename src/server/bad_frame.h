// The log line for a client that sends bytes that are not frames. It contains the words that operators of Apache's
// server search for.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "env/network.h"
#include "types/ids.h"

namespace quoll::server {

// `bytes` begin with the four bytes that were read as `length`, which is negative or above `bytes_max`
// (org.apache.zookeeper.server.NIOServerCnxn.readLength, "Len error").
std::string bad_frame_line(const env::Address& peer, SessionId session, std::int32_t length, std::string_view bytes,
                           std::int64_t bytes_max);

}  // namespace quoll::server
