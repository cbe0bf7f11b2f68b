// The client handshake: any bytes decode or don't, and what decodes means the same when it is written again.
#include <iterator>

#include "fuzz/record_bytes.h"
#include "fuzz/target.h"
#include "wire/client_frames.h"

using namespace quoll;

namespace {

std::string encoded(const ConnectRequest& request) {
  std::string out;
  wire::Writer writer(out);
  writer.put(request);
  if (request.read_only) writer.put(*request.read_only);
  return out;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input = fuzz::view(data, size);
  const auto request = wire::decode_connect(input);
  if (!request) return 0;
  const std::string once = encoded(*request);
  const auto again = wire::decode_connect(once);
  QUOLL_CHECK(again && encoded(*again) == once, "a handshake is read back as it was");
  // A bool may be any byte but zero; all else is canonical.
  const std::size_t plain = once.size() - (request->read_only ? 1 : 0);
  QUOLL_CHECK(input.substr(0, plain) == std::string_view(once).substr(0, plain), "its bytes are the ones that came");
  QUOLL_CHECK(request->read_only.has_value() == (input.size() > plain), "a read-only byte counts when it is there");
  return 0;
}

std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size, unsigned int seed) {
  base::Prng chance(seed);
  if (chance.below(3) != 0) return LLVMFuzzerMutate(data, size, max_size);
  std::string made;
  if (chance.below(4) == 0) {
    fuzz::put_any<ConnectRequest>(chance, made);
  } else {
    wire::Reader in(fuzz::view(data, size));
    fuzz::put_changed<ConnectRequest>(in, chance, 3, made);
    made += in.rest();
  }
  if (chance.below(4) == 0) fuzz::put_any<bool>(chance, made);
  return fuzz::give(made, data, max_size);
}
