// Calls the apply function for a transaction's body.
#include "machine/ops/ops.h"

namespace quoll::machine::ops {

namespace {

struct Apply {
  Applier& applier;
  const TxnHeader& header;
  ApplyResult& result;

  void operator()(const CreateTxn& txn) { apply_create(applier, header, txn, result); }
  void operator()(const CreateContainerTxn& txn) { apply_create(applier, header, txn, result); }
  void operator()(const CreateTtlTxn& txn) { apply_create(applier, header, txn, result); }
  void operator()(const DeleteTxn& txn) { apply_delete(applier, header, txn, result); }
  void operator()(const SetDataTxn& txn) { apply_set_data(applier, header, txn, result); }
  void operator()(const SetAclTxn& txn) { apply_set_acl(applier, header, txn, result); }
  void operator()(const CheckVersionTxn& txn) { result.path = txn.path.view(); }
  void operator()(const CreateSessionTxn& txn) { applier.state().sessions[header.client_id] = txn.timeout_ms; }
  void operator()(const CloseSessionTxn& txn) { apply_close_session(applier, header, txn); }
  void operator()(const ErrorTxn& txn) { result.err = static_cast<Error>(txn.err); }
  void operator()(const MultiTxn& txn) { apply_multi(applier, header, txn, result); }
};

}  // namespace

ApplyResult apply_body(Applier& applier, const TxnHeader& header, const TxnBody& body) {
  ApplyResult result{.type = static_cast<OpCode>(header.type)};
  std::visit(Apply{applier, header, result}, body);
  return result;
}

}  // namespace quoll::machine::ops
