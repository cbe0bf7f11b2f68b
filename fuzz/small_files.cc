// acceptedEpoch, currentEpoch, myid and the durable mark: the input is used for each of these files.
#include "config/myid.h"
#include "fuzz/target.h"
#include "sim/disk.h"
#include "store/durable_mark.h"
#include "store/epoch_files.h"
#include "store/small_file.h"

using namespace quoll;

namespace {

const std::string kDir = "/data/version-2";

void check_epochs(std::string_view input) {
  sim::MemoryDisk disk;
  disk.put(kDir + "/acceptedEpoch", input);
  const auto read = store::read_epoch(disk, kDir, store::EpochFile::accepted);
  if (!read) {
    QUOLL_CHECK(!read.error().empty(), "a refusal says why");
    return;
  }
  QUOLL_CHECK(read->has_value() && (*read)->value() >= -1 && (*read)->value() <= INT32_MAX, "an epoch is one");
  QUOLL_CHECK(store::write_epoch(disk, kDir, store::EpochFile::accepted, **read).has_value(), "it is written");
  disk.cut();
  const auto again = store::read_epoch(disk, kDir, store::EpochFile::accepted);
  QUOLL_CHECK(again && *again == *read, "... and read back after a power cut");

  // As the current one, with the accepted one beside it, and a leftover of a crash.
  disk.put(kDir + "/currentEpoch", "0");
  disk.put(kDir + "/currentEpoch.tmp", input);
  std::vector<std::string> reports;
  const auto both = store::load_epochs(disk, kDir, Zxid{5LL << 32}, reports);
  if (both) QUOLL_CHECK(both->accepted >= both->current, "the accepted epoch is never the older one");
}

void check_myid(std::string_view input) {
  const auto id = config::parse_myid(input);
  if (id) QUOLL_CHECK(config::parse_myid(std::to_string(*id)) == id, "the number reads back");
  if (!id) QUOLL_CHECK(!id.error().empty(), "a refusal says why");
}

void check_mark(std::string_view input) {
  sim::MemoryDisk disk;
  disk.put(kDir + "/quoll.durable", input);
  const auto mark = store::read_durable_mark(disk, kDir);
  QUOLL_CHECK(mark && mark->kind != store::KnownMark::missing, "it is there");
  auto file = store::DurableMarkFile::open(disk, kDir);
  QUOLL_CHECK(file.has_value(), "a mark of any content can be written anew");
  const store::DurableMark next{Zxid{7}, 99, Zxid{8}};
  QUOLL_CHECK(file->write(next).has_value(), "it is written");
  const auto read = store::read_durable_mark(disk, kDir);
  QUOLL_CHECK(read && read->kind == store::KnownMark::good && (read->mark == next || read->mark == mark->mark),
              "what is read is what was written, or the old one");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input = fuzz::view(data, size);
  check_epochs(input);
  check_myid(input);
  check_mark(input);
  return 0;
}
