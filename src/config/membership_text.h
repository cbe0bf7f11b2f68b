// The list of servers as text: what the znode /zookeeper/config holds and what servers tell each other, byte for byte
// as QuorumMaj.toString and QuorumHierarchical.toString write it.
#pragma once

#include <string>
#include <string_view>

#include "config/settings.h"

namespace quoll::config {

// "server.1=a:2888:3888:participant;0.0.0.0:2181\n...version=0". A client port from clientPort is not in it.
std::string membership_text(const Ensemble& ensemble);

// A host as Java's InetSocketAddress.getHostString returns it: addresses in their long form, names as they are.
std::string java_host(std::string_view host);

}  // namespace quoll::config
