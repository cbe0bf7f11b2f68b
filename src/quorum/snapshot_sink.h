// Where the bytes of a snapshot go that the leader sends between its packets.
#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>

namespace quoll::quorum {

class SnapshotSink {
 public:
  virtual ~SnapshotSink() = default;
  // Returns how many of `bytes` belong to the snapshot; fewer than given: it is complete. An error says why the bytes
  // are no snapshot.
  virtual std::expected<std::size_t, std::string> take(std::string_view bytes) = 0;
  [[nodiscard]] virtual bool is_complete() const = 0;
  // What was taken and is still in memory. The link is not read while it is above LeaderLink::kPendingBytesMax.
  [[nodiscard]] virtual std::size_t pending_bytes() const = 0;
};

}  // namespace quoll::quorum
