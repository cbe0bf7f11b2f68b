#include "admin/connection_lines.h"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>

#include "admin/java_text.h"

namespace quoll::admin {

namespace {

void append_session(const server::ClientConnection& connection, std::string& out) {
  const server::ConnectionStats& stats = connection.stats;
  auto to = std::back_inserter(out);
  fmt::format_to(to, ",sid=0x{:x},lop={},est={},to={}", static_cast<std::uint64_t>(connection.session.value()),
                 stats.last_op, stats.established_wall_ms, connection.timeout_ms);
  if (stats.last_cxid >= 0) fmt::format_to(to, ",lcxid=0x{:x}", stats.last_cxid);
  const std::int64_t count = stats.latency_ms.count();
  fmt::format_to(to, ",lzxid=0x{:x},lresp={},llat={},minlat={},avglat={},maxlat={}",
                 static_cast<std::uint64_t>(stats.last_zxid), stats.last_response_ms, stats.last_latency_ms,
                 stats.latency_ms.min(), count == 0 ? 0 : stats.latency_ms.sum() / count, stats.latency_ms.max());
}

void append_line(const server::ClientConnection& connection, const env::Address& asking, Detail detail,
                 std::string& out) {
  fmt::format_to(std::back_inserter(out), " {}[{:x}](queued={},recved={},sent={}",
                 java_address(connection.transport().peer()), interest_ops(connection, asking), connection.outstanding,
                 connection.stats.packets_received, connection.stats.packets_sent);
  if (detail == Detail::full && connection.session.value() != 0) append_session(connection, out);
  out += ")\n";
}

}  // namespace

int interest_ops(const server::ClientConnection& connection, const env::Address& asking) {
  const env::Address& peer = connection.transport().peer();
  if (peer.port == asking.port && peer.host == asking.host) return 0;
  return (connection.is_held() ? 0 : 1) | (connection.transport().queued_bytes() > 0 ? 4 : 0);
}

PortRole role_of_port(const server::Server& server, const Facts& facts, std::uint16_t port) {
  const auto& listeners = server.listeners();
  for (std::size_t i = 0; i < listeners.size() && i < facts.port_roles.size(); ++i) {
    if (listeners[i]->local().port == port) return facts.port_roles[i];
  }
  return PortRole::plain;
}

void add_connections(const Question& question, Detail detail, Steps& steps) {
  const server::Connections& connections = question.server.connections();
  std::vector<server::ConnectionId> ids = connections.ids();
  steps.add([&connections, detail, asking = question.from, ids = std::move(ids),
             at = std::size_t{0}](std::string& out) mutable {
    for (const std::size_t end = std::min(ids.size(), at + kLinesInOneStep); at < end; ++at) {
      // Skips connections that have been closed since the answer began.
      if (const server::ClientConnection* const connection = connections.find(ids[at]))
        append_line(*connection, asking, detail, out);
    }
    if (at < ids.size()) return true;
    out += '\n';
    return false;
  });
}

}  // namespace quoll::admin
