#include "machine/prepare.h"

#include "machine/ops/table.h"

namespace quoll::machine {

std::size_t Preparer::bytes_left_for_body() const {
  const std::size_t around = record_bytes(TxnHeader{}) + record_bytes(TxnDigest{});
  return txn_bytes_max_ > around ? txn_bytes_max_ - around : 0;
}

void Preparer::attach_digest(Txn& txn) const {
  // Without its list of paths a closeSession body is empty, and readers would take a digest after it for the list.
  const auto* close = std::get_if<CloseSessionTxn>(&txn.body);
  if (close != nullptr && !close->paths) return;
  if (rules_.digests == tree::Digests::on) txn.digest = TxnDigest{kDigestVersion, changes_.tree_digest()};
}

Preparer::Result Preparer::prepare(const Request& request, Zxid zxid, std::int64_t time_ms, bool session_open) {
  owned_.clear();
  Result result;
  Preparation preparation{
      request,        zxid.value(),         time_ms, rules_, schemes_, state_, changes_, session_open, owned_,
      result.notices, bytes_left_for_body()};
  const ops::Operation* const operation = ops::find(request.op);
  Prepared prepared = operation == nullptr || operation->prepare == nullptr
                          ? Prepared(std::unexpected(Error::unimplemented))
                          : operation->prepare(preparation);
  if (!prepared) {
    Result refused = refuse(request, zxid, time_ms, prepared.error());
    refused.notices = std::move(result.notices);
    return refused;
  }
  result.txn.header =
      TxnHeader{request.session.value(), request.cxid, zxid.value(), time_ms, static_cast<std::int32_t>(request.op)};
  result.txn.body = std::move(*prepared);
  attach_digest(result.txn);
  return result;
}

Preparer::Result Preparer::refuse(const Request& request, Zxid zxid, std::int64_t time_ms, Error error) {
  Result result;
  result.error = error;
  result.txn.header =
      TxnHeader{request.session.value(), request.cxid, zxid.value(), time_ms, static_cast<std::int32_t>(OpCode::error)};
  result.txn.body = ErrorTxn{static_cast<std::int32_t>(error)};
  return result;
}

}  // namespace quoll::machine
