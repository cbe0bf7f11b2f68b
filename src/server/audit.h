// The audit log: who changed what, from where, and with which result, in the format of Apache's
// (org.apache.zookeeper.audit.AuditHelper, AuditEvent). Each server logs the requests of its own clients, and every
// server the ephemerals that a closed session owned.
#pragma once

#include <string>
#include <string_view>

#include "machine/apply.h"
#include "server/client_connection.h"
#include "types/txn.h"

namespace quoll::server {

struct Core;

// Takes the lines, without their ends.
class AuditSink {
 public:
  virtual ~AuditSink() = default;
  virtual void write(std::string_view line) = 0;
  // The user of the process, who counts as the author of what the server itself does.
  [[nodiscard]] virtual std::string_view process_user() const = 0;
};

// A client's request has been carried out, or refused by an error transaction. `answered.body` is the request.
void audit_request(Core& core, const ClientConnection& from, const QueuedRequest& answered, const Txn& txn,
                   const machine::ApplyResult& result);

// Before a closeSession is applied.
void audit_session_end(Core& core, const Txn& txn);

// "user=root\toperation=serverStart\tresult=success".
void audit_server(AuditSink& sink, std::string_view operation, std::string_view result);

}  // namespace quoll::server
