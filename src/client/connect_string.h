// The text that names an ensemble: "host:port,host:port/chroot".
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "client/options.h"

namespace quoll::client {

struct ConnectString {
  std::vector<Endpoint> servers;
  std::string chroot;  // empty: none
};

// The port is 2181 if it is missing. IPv6 addresses stand in brackets if a port follows. The error is a sentence for
// people (org.apache.zookeeper.client.ConnectStringParser).
std::expected<ConnectString, std::string> parse_connect_string(std::string_view text);

}  // namespace quoll::client
