// Formats values as Java prints them, which is what programs that parse four-letter words expect.
#pragma once

#include <cstdint>
#include <string>

#include "env/network.h"

namespace quoll::admin {

// Double.toString: "0.0", "12.5", "1.0E7", "5.0E-4".
std::string java_double(double value);
// Rounds to four decimals, as Apache rounds its averages.
double four_decimals(double value);
// InetSocketAddress.toString of a numeric address: "/127.0.0.1:2181", "/[0:0:0:0:0:0:0:1]:2181".
std::string java_address(const env::Address& address);
// Date.toString in UTC: "Tue Nov 24 12:19:25 UTC 2026". Milliseconds since 1970.
std::string java_date(std::int64_t wall_ms);

}  // namespace quoll::admin
