// Transactions, as in the log and in proposals.
#include "fuzz/memory.h"
#include "fuzz/record_bytes.h"
#include "fuzz/target.h"
#include "wire/txn_record.h"

using namespace quoll;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input = fuzz::view(data, size);
  const fuzz::PeakMemory memory;
  const auto txn = wire::decode_txn(input);
  QUOLL_CHECK(memory.bytes() <= 4096 + 128 * size, "memory is proportional to the size of the input");
  const auto header = wire::decode_txn_header(input);
  if (!txn) return 0;
  QUOLL_CHECK(header && header->zxid == txn->header.zxid, "both decoders return the same header");
  std::string once;
  wire::append_txn(*txn, once);
  const auto again = wire::decode_txn(once);
  QUOLL_CHECK(again.has_value() && again->body.index() == txn->body.index(), "an encoded transaction decodes");
  std::string twice;
  wire::append_txn(*again, twice);
  QUOLL_CHECK(twice == once, "decoding gives the same transaction");
  return 0;
}

std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size, unsigned int seed) {
  base::Prng chance(seed);
  if (chance.below(2) == 0) return LLVMFuzzerMutate(data, size, max_size);
  std::string made;
  if (chance.below(3) == 0) {
    fuzz::put_any_txn(fuzz::any_number(chance), chance, made);
  } else {
    fuzz::put_changed_txn(fuzz::view(data, size), chance, made);
  }
  return fuzz::give(made, data, max_size);
}
