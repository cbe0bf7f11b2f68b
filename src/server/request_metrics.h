// Updates the metrics of requests and their effects, which Apache's server updates in its tree
// (org.apache.zookeeper.server.DataTree).
#pragma once

#include <cstddef>

#include "machine/prepare.h"
#include "server/metrics.h"
#include "types/replies.h"
#include "types/requests.h"
#include "types/txn.h"
#include "watch/watch.h"

namespace quoll::server {

// Counts bytes read and written by top-level znode.
void note_read(Metrics& metrics, const tree::Tree& tree, const RequestBody& request, const ReplyBody& reply);
void note_written(Metrics& metrics, const TxnBody& txn);
void note_quota_exceeded(Metrics& metrics, const RequestBody& request, const machine::Preparer::Result& result);
void note_watches(Metrics& metrics, watch::EventType type, std::size_t watchers);

}  // namespace quoll::server
