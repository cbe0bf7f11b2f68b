// multi: several writes with one zxid; all succeed or none.
#include "machine/ops/common.h"
#include "machine/ops/ops.h"

namespace quoll::machine::ops {

namespace {

Prepared prepare_sub(Preparation& p, const SubRequest& sub) {
  return std::visit(
      [&](const auto& body) -> Prepared {
        using Body = std::decay_t<decltype(body)>;
        if constexpr (std::is_same_v<Body, CreateRequest> || std::is_same_v<Body, CreateTtlRequest>)
          return prepare_create(p, sub.op, body);
        if constexpr (std::is_same_v<Body, DeleteRequest>) return prepare_delete(p, body);
        if constexpr (std::is_same_v<Body, SetDataRequest>) return prepare_set_data(p, body);
        if constexpr (std::is_same_v<Body, CheckVersionRequest>) return prepare_check(p, body);
        return std::unexpected(Error::marshalling_error);
      },
      sub.body);
}

// The parts are preceded by their count, and each part by its opcode and length.
constexpr std::size_t kCountBytes = 4;
constexpr std::size_t kSubHeaderBytes = 8;
constexpr std::size_t kErrorPartBytes = kSubHeaderBytes + 4;

SubTxn as_sub(OpCode op, TxnBody body) {
  return std::visit(
      [&](auto&& txn) -> SubTxn {
        if constexpr (std::is_constructible_v<SubTxnBody, std::decay_t<decltype(txn)>>) {
          return SubTxn{op, std::forward<decltype(txn)>(txn)};
        } else {
          return SubTxn{OpCode::error, ErrorTxn{static_cast<std::int32_t>(Error::marshalling_error)}};
        }
      },
      std::move(body));
}

bool has_null_path(const SubRequest& sub) {
  return std::visit([](const auto& body) { return body.path.is_null(); }, sub.body);
}

// If one part makes Apache's provider throw (a null id in an ACL), the whole request fails, as in Apache's server.
bool is_request_error(Error err) {
  return err == Error::marshalling_error;
}

}  // namespace

Prepared prepare_multi(Preparation& p) {
  const auto& request = std::get<MultiRequest>(p.request.body);
  for (const SubRequest& sub : request.ops) {
    if (has_null_path(sub)) return std::unexpected(Error::marshalling_error);
  }
  MultiTxn multi;
  bool failed = false;
  static_cast<void>(p.charge(kCountBytes));
  p.changes.mark();
  for (const SubRequest& sub : request.ops) {
    if (failed) {
      multi.txns.push_back({OpCode::error, ErrorTxn{static_cast<std::int32_t>(Error::runtime_inconsistency)}});
      continue;
    }
    Prepared prepared = p.charge(kSubHeaderBytes) ? prepare_sub(p, sub) : Prepared(std::unexpected(kTooLarge));
    if (prepared) {
      multi.txns.push_back(as_sub(sub.op, std::move(*prepared)));
      continue;
    }
    p.changes.roll_back();
    if (is_request_error(prepared.error())) return std::unexpected(prepared.error());
    // The parts before this one are kept in the record, and the others become errors.
    if (!p.charge((request.ops.size() - multi.txns.size()) * kErrorPartBytes)) return std::unexpected(kTooLarge);
    failed = true;
    multi.txns.push_back({OpCode::error, ErrorTxn{static_cast<std::int32_t>(prepared.error())}});
  }
  p.changes.keep();
  return multi;
}

void apply_multi(Applier& applier, const TxnHeader& header, const MultiTxn& multi, ApplyResult& result) {
  const bool failed =
      std::any_of(multi.txns.begin(), multi.txns.end(), [](const SubTxn& sub) { return sub.type == OpCode::error; });
  bool past_failure = false;
  for (const SubTxn& sub : multi.txns) {
    ApplyResult& sub_result = result.multi.emplace_back();
    if (failed) {
      const auto* error = std::get_if<ErrorTxn>(&sub.body);
      past_failure = past_failure || error != nullptr;
      sub_result.err = error != nullptr ? static_cast<Error>(error->err)
                       : past_failure   ? Error::runtime_inconsistency
                                        : Error::ok;
    } else {
      TxnHeader sub_header = header;
      sub_header.type = static_cast<std::int32_t>(sub.type);
      sub_result =
          std::visit([&](const auto& body) { return apply_body(applier, sub_header, TxnBody{body}); }, sub.body);
    }
    if (result.err == Error::ok) result.err = sub_result.err;
  }
}

}  // namespace quoll::machine::ops
