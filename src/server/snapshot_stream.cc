#include "server/snapshot_stream.h"

#include "store/snapshot_bytes.h"
#include "store/snapshot_format.h"

namespace quoll::server {

namespace {
// Nobody tells when the link has taken something.
constexpr std::int64_t kStreamWaitMs = 5;
}  // namespace

SnapshotStream::SnapshotStream(Core& core, Send send, Queued queued, Done done)
    : core_(core), send_(std::move(send)), queued_(std::move(queued)), done_(std::move(done)), walk_(core) {
  next_slice();
}

void SnapshotStream::next_slice() {
  if (queued_() > kQueuedBytesMax) {
    wait_ = core_.env.timers.after(kStreamWaitMs, [this] { next_slice(); });
    return;
  }
  slice_call_.post(core_.env.timers, [this] { slice(); });
}

void SnapshotStream::slice() {
  const StateWalk::Progress progress = walk_.slice(encoded_);
  if (progress == StateWalk::Progress::replaced) return;
  if (progress == StateWalk::Progress::done) {
    store::put_end_of_nodes(encoded_);
    wire::Writer(encoded_).put(store::kWireSignature);
  }
  send_chunks(progress);
  if (progress == StateWalk::Progress::more) return next_slice();
  // The callback may destroy this object, and with it the function that is running.
  const Done done = std::move(done_);
  done();
}

void SnapshotStream::send_chunks(StateWalk::Progress progress) {
  const std::size_t size = encoded_.size();
  const bool is_last = progress == StateWalk::Progress::done;
  if (size <= StateWalk::kChunkBytes) {
    if (is_last || size == StateWalk::kChunkBytes) send_(std::exchange(encoded_, {}));
    return;
  }
  // One znode may be larger than a chunk.
  std::size_t at = 0;
  for (; size - at >= StateWalk::kChunkBytes; at += StateWalk::kChunkBytes)
    send_(encoded_.substr(at, StateWalk::kChunkBytes));
  if (is_last && at < size) send_(encoded_.substr(at));
  encoded_.erase(0, is_last ? size : at);
}

}  // namespace quoll::server
