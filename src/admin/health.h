// /livez and /readyz, for supervisors and load balancers, by the status code alone. Apache's server has no such pages.
#pragma once

#include <optional>

#include "http/message.h"
#include "server/server.h"

namespace quoll::admin {

// /livez: 200 from every server whose loop runs. Whoever ends a server for another reason, such as a lost majority,
// makes it worse.
// /readyz: 200 while clients are served, 503 otherwise.
// Nothing for other paths.
std::optional<http::Answer> answer_health(const http::Request& request, const server::Server& server);

}  // namespace quoll::admin
