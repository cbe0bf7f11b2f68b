#include "types/error.h"

namespace quoll {

std::string_view name(Error error) {
  switch (error) {
    case Error::ok:
      return "Ok";
    case Error::system_error:
      return "SystemError";
    case Error::runtime_inconsistency:
      return "RuntimeInconsistency";
    case Error::data_inconsistency:
      return "DataInconsistency";
    case Error::connection_loss:
      return "ConnectionLoss";
    case Error::marshalling_error:
      return "MarshallingError";
    case Error::unimplemented:
      return "Unimplemented";
    case Error::operation_timeout:
      return "OperationTimeout";
    case Error::bad_arguments:
      return "BadArguments";
    case Error::unknown_session:
      return "UnknownSession";
    case Error::new_config_no_quorum:
      return "NewConfigNoQuorum";
    case Error::reconfig_in_progress:
      return "ReconfigInProgress";
    case Error::api_error:
      return "ApiError";
    case Error::no_node:
      return "NoNode";
    case Error::no_auth:
      return "NoAuth";
    case Error::bad_version:
      return "BadVersion";
    case Error::no_children_for_ephemerals:
      return "NoChildrenForEphemerals";
    case Error::node_exists:
      return "NodeExists";
    case Error::not_empty:
      return "NotEmpty";
    case Error::session_expired:
      return "SessionExpired";
    case Error::invalid_callback:
      return "InvalidCallback";
    case Error::invalid_acl:
      return "InvalidAcl";
    case Error::auth_failed:
      return "AuthFailed";
    case Error::session_moved:
      return "SessionMoved";
    case Error::not_read_only:
      return "NotReadOnly";
    case Error::ephemeral_on_local_session:
      return "EphemeralOnLocalSession";
    case Error::no_watcher:
      return "NoWatcher";
    case Error::request_timeout:
      return "RequestTimeout";
    case Error::reconfig_disabled:
      return "ReconfigDisabled";
    case Error::session_closed_require_sasl_auth:
      return "SessionClosedRequireSaslAuth";
    case Error::quota_exceeded:
      return "QuotaExceeded";
    case Error::throttled_op:
      return "ThrottledOp";
  }
  return "Unknown";
}

}  // namespace quoll
