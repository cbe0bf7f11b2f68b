// Snapshots, plain, gzip and snappy: any file is loaded or refused, within limits of memory and time for its size, and
// a server starts with it or refuses to.
#include "fuzz/memory.h"
#include "fuzz/record_bytes.h"
#include "fuzz/served.h"
#include "fuzz/snapshot_bytes.h"
#include "fuzz/target.h"
#include "store/file_names.h"

using namespace quoll;

namespace {

// Only counts.
class Counting : public store::SnapshotVisitor {
 public:
  bool on_session(std::int64_t, std::int32_t) override { return bytes += 12, true; }
  bool on_acl(std::int64_t, AclList list) override {
    return bytes += static_cast<std::int64_t>(12 * list.size()), true;
  }
  bool on_node(std::string_view path, base::NullableView data, std::int64_t, const StatPersisted& stat) override {
    newest = std::max({newest, stat.czxid, stat.mzxid, stat.pzxid});
    return bytes += static_cast<std::int64_t>(path.size() + data.size()), true;
  }
  std::int64_t bytes = 0;
  std::int64_t newest = 0;
};

// Returns the newest zxid in the part of the file that could be read.
Zxid check_reader(std::string_view input) {
  sim::MemoryDisk disk;
  disk.put("/s/snapshot.0", input);
  Counting visitor;
  const auto size = static_cast<std::int64_t>(input.size());
  const fuzz::PeakMemory memory;
  const auto end = store::load_snapshot(disk, {Zxid{0}, "snapshot.0", "/s/snapshot.0", size, 0}, visitor);
  if (!end) QUOLL_CHECK(!end.error().empty(), "an error has a reason");
  QUOLL_CHECK(visitor.bytes <= size * 1200 + (std::int64_t{80} << 20), "the uncompressed size is limited");
  QUOLL_CHECK(memory.bytes() <= (std::size_t{4} << 20) + 16 * static_cast<std::size_t>(visitor.bytes + size) +
                                    (std::size_t{160} << 20),
              "memory stays within the limits");
  return Zxid{visitor.newest};
}

// The zxid in the file's name is that of its newest change, so that the log can continue after it.
void check_server(std::string_view input, Zxid newest) {
  constexpr Zxid kLastThinkable{std::int64_t{1} << 60};
  const bool is_possible = newest < kLastThinkable;
  const Zxid name = is_possible ? newest : Zxid{0};
  fuzz::Served served;
  served.world.disk.put("/data/version-2/" + store::snapshot_name(name, ""), input);
  if (!served.start()) return;
  served.check_well();
  served.check_restart(is_possible ? fuzz::Served::Began::possible : fuzz::Served::Began::made_up);
  served.stop();
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Zxid newest = check_reader(fuzz::view(data, size));
  check_server(fuzz::view(data, size), newest);
  return 0;
}

std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size, unsigned int seed) {
  base::Prng chance(seed);
  if (chance.below(4) == 0) return LLVMFuzzerMutate(data, size, max_size);
  auto parts = fuzz::SnapshotParts::of(fuzz::view(data, size));
  if (!parts) return LLVMFuzzerMutate(data, size, max_size);
  for (std::uint64_t n = 1 + chance.below(3); n > 0; --n) parts->change(chance);
  const auto compression = static_cast<store::Options::Compression>(chance.below(5) < 3 ? 0 : 1 + chance.below(2));
  return fuzz::give(fuzz::compressed(parts->bytes(chance), compression), data, max_size);
}
