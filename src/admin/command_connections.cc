// connections, stats: one object per connection (org.apache.zookeeper.server.ServerCnxn.getConnectionInfo).
#include <algorithm>
#include <vector>

#include "admin/command.h"
#include "admin/connection_lines.h"
#include "admin/java_text.h"
#include "admin/steps.h"

namespace quoll::admin {

namespace {

// JSON takes more time than a line of text.
constexpr std::size_t kConnectionsInOneStep = kLinesInOneStep / 5;

void write_session(const server::ClientConnection& connection, JsonText& json) {
  const server::ConnectionStats& stats = connection.stats;
  const std::int64_t count = stats.latency_ms.count();
  json.field("session_id", connection.session.value());
  json.field("last_operation", stats.last_op);
  json.field("established", stats.established_wall_ms);
  json.field("session_timeout", std::int64_t{connection.timeout_ms});
  json.field("last_cxid", stats.last_cxid);
  json.field("last_zxid", stats.last_zxid);
  json.field("last_response_time", stats.last_response_ms);
  json.field("last_latency", stats.last_latency_ms);
  json.field("min_latency", stats.latency_ms.min());
  json.field("avg_latency", count == 0 ? std::int64_t{0} : stats.latency_ms.sum() / count);
  json.field("max_latency", stats.latency_ms.max());
}

void write_connection(const server::ClientConnection& connection, const env::Address& asking, Detail detail,
                      JsonText& json) {
  json.begin_object();
  json.field("remote_socket_address", java_address(connection.transport().peer()).substr(1));
  json.field("interest_ops", interest_ops(connection, asking));
  json.field("outstanding_requests", connection.outstanding);
  json.field("packets_received", connection.stats.packets_received);
  json.field("packets_sent", connection.stats.packets_sent);
  if (detail == Detail::full) write_session(connection, json);
  json.end_object();
}

// The connections to the ports of one kind.
void add_list(const Question& about, std::string_view key, PortRole role, Detail detail, JsonSteps& steps) {
  steps.once([key](JsonText& json) {
    json.key(key);
    json.begin_array();
  });
  const server::Connections& connections = about.server.connections();
  steps.add([&about_facts = about.facts, &server = about.server, &connections, role, detail, asking = about.from,
             ids = std::vector<server::ConnectionId>(), at = std::size_t{0}](JsonText& json) mutable {
    if (at == 0) ids = connections.ids();
    for (const std::size_t end = std::min(ids.size(), at + kConnectionsInOneStep); at < end; ++at) {
      const server::ClientConnection* const connection = connections.find(ids[at]);
      if (connection != nullptr && role_of_port(server, about_facts, connection->transport().local().port) == role)
        write_connection(*connection, asking, detail, json);
    }
    return at < ids.size();
  });
  steps.once([](JsonText& json) { json.end_array(); });
}

void add_connections(const Question& about, Detail detail, JsonSteps& steps) {
  add_list(about, "connections", PortRole::plain, detail, steps);
  add_list(about, "secure_connections", PortRole::secure, detail, steps);
}

}  // namespace

void command_connections(const CommandQuestion& question, JsonSteps& steps) {
  add_connections(question.about, Detail::full, steps);
}

void command_stats(const CommandQuestion& question, JsonSteps& steps) {
  const Question& about = question.about;
  steps.once([&server = about.server, &facts = about.facts, from = about.from](JsonText& json) {
    write_server_state({server, facts, from}, json);
  });
  add_connections(about, Detail::brief, steps);
}

}  // namespace quoll::admin
