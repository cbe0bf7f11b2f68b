#include "server/request_metrics.h"

#include <algorithm>

#include "base/utf8.h"
#include "types/path.h"

namespace quoll::server {

namespace {

// The size that Apache counts for a znode's stat.
constexpr std::size_t kStatBytes = 6 * 8 + 5 * 4;

void add(ByNamespace<Summary>& to, std::string_view path, std::size_t bytes) {
  const std::string_view space = path::top_namespace(path);
  if (space.empty()) return;
  if (Summary* const summary = to.find(space)) {
    // Names count with their length in UTF-16 units, as in Java.
    summary->add(static_cast<std::int64_t>(base::utf16_length(path) + bytes));
  }
}

std::size_t bytes_of(const tree::Tree& tree, const auto& reply) {
  std::size_t bytes = 0;
  if constexpr (requires { reply.data; }) {
    bytes = reply.data.size();
  } else if constexpr (requires { reply.names; }) {
    // A million names are scattered in memory; their lengths in UTF-16 units are computed only if they differ from the
    // bytes.
    const bool by_bytes = tree.java_lengths_are_bytes();
    for (const std::string_view name : reply.names) bytes += by_bytes ? name.size() : base::utf16_length(name);
  }
  return bytes;
}

void note_one(Metrics& metrics, const DeleteTxn& txn) {
  add(metrics.written_bytes, txn.path.view(), 0);
}
void note_one(Metrics& metrics, const MultiTxn& multi);
void note_one(Metrics& metrics, const CloseSessionTxn& txn) {
  if (!txn.paths) return;
  for (const auto& path : *txn.paths) add(metrics.written_bytes, path.view(), 0);
}
void note_one(Metrics& metrics, const auto& txn) {
  if constexpr (requires { txn.data; }) add(metrics.written_bytes, txn.path.view(), txn.data.size());
}
void note_one(Metrics& metrics, const MultiTxn& multi) {
  // A failed multi wrote nothing, although some of its parts would have.
  if (std::ranges::any_of(multi.txns, [](const SubTxn& sub) { return std::holds_alternative<ErrorTxn>(sub.body); }))
    return;
  for (const SubTxn& sub : multi.txns) std::visit([&](const auto& txn) { note_one(metrics, txn); }, sub.body);
}

template <typename Reply>
void note_one_read(Metrics& metrics, const tree::Tree& tree, const WatchedReadRequest& read, const Reply& reply) {
  add(metrics.read_bytes, read.path.view(),
      kStatBytes + std::visit([&](const auto& body) { return bytes_of(tree, body); }, reply));
}

void add_exceeded(Metrics& metrics, const auto& request) {
  if constexpr (requires {
                  request.path;
                  request.data;
                }) {
    const std::string_view space = path::top_namespace(request.path.view());
    if (Counter* const counter = space.empty() ? nullptr : metrics.quota_exceeded.find(space)) ++*counter;
  }
}

void add_exceeded_in_multi(Metrics& metrics, const MultiRequest& request, const MultiTxn& txn) {
  for (std::size_t i = 0; i < txn.txns.size() && i < request.ops.size(); ++i) {
    const auto* const error = std::get_if<ErrorTxn>(&txn.txns[i].body);
    if (error == nullptr || error->err != static_cast<std::int32_t>(Error::quota_exceeded)) continue;
    std::visit([&](const auto& one) { add_exceeded(metrics, one); }, request.ops[i].body);
  }
}

}  // namespace

void note_read(Metrics& metrics, const tree::Tree& tree, const RequestBody& request, const ReplyBody& reply) {
  if (const auto* const read = std::get_if<WatchedReadRequest>(&request))
    return note_one_read(metrics, tree, *read, reply);
  const auto* const multi = std::get_if<MultiRequest>(&request);
  const auto* const results = std::get_if<MultiReply>(&reply);
  if (multi == nullptr || results == nullptr) return;
  for (std::size_t i = 0; i < results->results.size() && i < multi->ops.size(); ++i) {
    const auto* const read = std::get_if<WatchedReadRequest>(&multi->ops[i].body);
    const SubReply& result = results->results[i];
    if (read != nullptr && result.type != OpCode::error) note_one_read(metrics, tree, *read, result.body);
  }
}

void note_written(Metrics& metrics, const TxnBody& txn) {
  std::visit([&](const auto& one) { note_one(metrics, one); }, txn);
}

void note_quota_exceeded(Metrics& metrics, const RequestBody& request, const machine::Preparer::Result& result) {
  if (result.error == Error::quota_exceeded)
    return std::visit([&](const auto& one) { add_exceeded(metrics, one); }, request);
  // Only quotas add notices, so that most multis need not be searched.
  if (result.notices.empty()) return;
  const auto* const multi = std::get_if<MultiRequest>(&request);
  const auto* const txn = std::get_if<MultiTxn>(&result.txn.body);
  if (multi != nullptr && txn != nullptr) add_exceeded_in_multi(metrics, *multi, *txn);
}

void note_watches(Metrics& metrics, watch::EventType type, std::size_t watchers) {
  const auto count = static_cast<std::int64_t>(watchers);
  switch (type) {
    case watch::EventType::node_created:
      return metrics.watches_on_created.add(count);
    case watch::EventType::node_deleted:
      return metrics.watches_on_deleted.add(count);
    case watch::EventType::node_data_changed:
      return metrics.watches_on_changed.add(count);
    case watch::EventType::node_children_changed:
      return metrics.watches_on_children.add(count);
    case watch::EventType::none:
      return;
  }
}

}  // namespace quoll::server
