#include "admin/health.h"

namespace quoll::admin {

std::optional<http::Answer> answer_health(const http::Request& request, const server::Server& server) {
  using Method = http::Request::Method;
  const bool asks_ready = request.path == "/readyz";
  if (!asks_ready && request.path != "/livez") return std::nullopt;
  if (request.method != Method::get && request.method != Method::head)
    return http::Answer{.status = 405, .headers = {{"Allow", "GET, HEAD"}}};
  if (asks_ready && !server.is_serving()) {
    return http::Answer{.status = 503,
                        .type = "text/plain",
                        .text = "Clients are not served: there is no leader, or this server does not follow it yet\n"};
  }
  return http::Answer{.type = "text/plain", .text = "ok\n"};
}

}  // namespace quoll::admin
