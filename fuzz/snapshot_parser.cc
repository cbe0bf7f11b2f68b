// The state that a leader sends, in pieces: whatever comes is taken or refused, in memory bounded by its size, and the
// pieces make no difference. What is taken loads from the file that is made of it, with the same content.
//
// The first byte says how large the pieces are.
#include "store/snapshot_parser.h"

#include <zlib.h>

#include "fuzz/memory.h"
#include "fuzz/target.h"
#include "sim/disk.h"
#include "store/snapshot_format.h"
#include "wire/jute.h"

using namespace quoll;

namespace {

// Everything that is told, as one text.
class Telling : public store::SnapshotVisitor {
 public:
  bool on_session(std::int64_t id, std::int32_t timeout_ms) override {
    writer_.put(id);
    writer_.put(timeout_ms);
    return true;
  }
  bool on_acl(std::int64_t id, AclList list) override {
    writer_.put(id);
    writer_.put(list);
    return true;
  }
  bool on_node(std::string_view path, base::NullableView data, std::int64_t acl_id,
               const StatPersisted& stat) override {
    writer_.put(path);
    writer_.put(data);
    writer_.put(acl_id);
    writer_.put(stat);
    return true;
  }
  std::string told;

 private:
  wire::Writer writer_{told};
};

struct Result {
  std::string told;
  std::string body;
  std::string error;
  std::size_t taken = 0;
  bool is_complete = false;
};

Result parse(std::string_view input, std::size_t piece) {
  Result result;
  Telling visitor;
  store::SnapshotParser parser(visitor);
  while (result.taken < input.size() && !parser.is_complete()) {
    const std::string_view some = input.substr(result.taken, piece);
    const auto used = parser.take(some, result.body);
    if (!used) {
      QUOLL_CHECK(!used.error().empty() && !parser.is_complete(), "an error has a reason, and nothing is complete");
      result.error = used.error();
      break;
    }
    QUOLL_CHECK(*used == some.size() || parser.is_complete(), "only what follows the end is left");
    result.taken += *used;
  }
  QUOLL_CHECK(parser.kept_bytes() <= input.size(), "no more is kept than came");
  result.is_complete = parser.is_complete();
  result.told = std::move(visitor.told);
  return result;
}

std::string load(const std::string& body) {
  std::string file;
  wire::Writer writer(file);
  writer.put(store::kSnapshotMagic);
  writer.put(store::kSnapshotVersion);
  writer.put(store::kSnapshotDbId);
  file += body;
  const auto sum = adler32_z(1, reinterpret_cast<const Bytef*>(file.data()), file.size());
  writer.put(static_cast<std::int64_t>(sum));
  writer.put(std::string_view("/"));
  sim::MemoryDisk disk;
  disk.put("/s/snapshot.0", file);
  Telling visitor;
  const auto size = static_cast<std::int64_t>(file.size());
  const auto end = store::load_snapshot(disk, {Zxid{0}, "snapshot.0", "/s/snapshot.0", size, 0}, visitor);
  QUOLL_CHECK(end.has_value(), "what was taken from a leader loads from the file");
  return visitor.told;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view input = fuzz::view(data, size).substr(1);
  const fuzz::PeakMemory memory;
  const Result whole = parse(input, input.size() + 1);
  QUOLL_CHECK(memory.bytes() <= (std::size_t{1} << 20) + 32 * size, "memory stays within the limits");
  const Result pieces = parse(input, 1 + std::size_t{data[0]});
  QUOLL_CHECK(pieces.is_complete == whole.is_complete && pieces.error == whole.error, "pieces make no difference");
  QUOLL_CHECK(pieces.told == whole.told && pieces.body == whole.body, "nor to what is told");
  if (!whole.is_complete) return 0;
  QUOLL_CHECK(pieces.taken == whole.taken, "it ends at the same byte");
  QUOLL_CHECK(load(whole.body) == whole.told, "the file contains what was told");
  return 0;
}

// Libfuzzer's own mutations: the format has no checksum.
std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size, unsigned int) {
  return LLVMFuzzerMutate(data, size, max_size);
}
