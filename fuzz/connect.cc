// Connect requests: if the bytes decode, encoding the result and decoding again gives the same.
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
  QUOLL_CHECK(again && encoded(*again) == once, "a request decodes to the same after encoding");
  // A bool may be any byte other than zero; all other fields have one encoding.
  const std::size_t plain = once.size() - (request->read_only ? 1 : 0);
  QUOLL_CHECK(input.substr(0, plain) == std::string_view(once).substr(0, plain),
              "encoding gives the bytes of the input");
  QUOLL_CHECK(request->read_only.has_value() == (input.size() > plain), "the read-only byte is decoded if it is there");
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
