// Requests: four bytes of opcode, then a body, for the decoder of the client port.
#include <variant>

#include "fuzz/memory.h"
#include "fuzz/record_bytes.h"
#include "fuzz/target.h"
#include "wire/client_frames.h"

using namespace quoll;

namespace {

// A createTTL with flags of another kind is decoded as that kind, but keeps fields that only a createTTL has.
bool was_create_ttl(const SubRequest& sub) {
  const auto* create = std::get_if<CreateRequest>(&sub.body);
  return create != nullptr && (!create->acl || create->flags < 0 || create->flags > 6);
}

void put_sub(const SubRequest& sub, wire::Writer& writer) {
  const OpCode op = was_create_ttl(sub) ? OpCode::create_ttl : sub.op;
  writer.put(MultiHeader{static_cast<std::int32_t>(op), false, -1});
  std::visit([&](const auto& record) { writer.put(record); }, sub.body);
  if (was_create_ttl(sub)) writer.put(std::int64_t{-1});
}

std::string encoded(const RequestBody& body) {
  std::string out;
  wire::Writer writer(out);
  if (const auto* multi = std::get_if<MultiRequest>(&body)) {
    for (const SubRequest& sub : multi->ops) put_sub(sub, writer);
    writer.put(MultiHeader{-1, true, -1});
    return out;
  }
  std::visit(
      [&](const auto& record) {
        if constexpr (wire::Record<std::decay_t<decltype(record)>>) writer.put(record);
      },
      body);
  return out;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  wire::Reader reader(fuzz::view(data, size));
  std::int32_t type = 0;
  reader.get(type);
  if (!reader.ok()) return 0;
  const auto op = static_cast<OpCode>(type);
  const std::string_view body_bytes = reader.rest();
  const fuzz::PeakMemory memory;
  const auto body = wire::decode_body(op, reader);
  // The largest item of a vector is a part of a multi: about a hundred bytes for the nine of its header, twice while
  // the vector grows.
  QUOLL_CHECK(memory.bytes() <= 4096 + 128 * size, "memory is proportional to the size of the input");
  if (!body) return 0;
  const std::string once = encoded(*body);
  wire::Reader again_reader(once);
  const auto again = wire::decode_body(op, again_reader);
  QUOLL_CHECK(again && again->index() == body->index(), "an encoded request decodes");
  QUOLL_CHECK(again_reader.remaining() == 0 && encoded(*again) == once, "decoding gives the same request");
  if (!std::holds_alternative<MultiRequest>(*body))
    QUOLL_CHECK(fuzz::is_same_record(body_bytes, once), "encoding gives the bytes of the input");
  return 0;
}

std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size, unsigned int seed) {
  base::Prng chance(seed);
  const std::uint64_t way = chance.below(4);
  if (way < 2 || size < 4) return LLVMFuzzerMutate(data, size, max_size);
  std::string made;
  if (way == 2) {
    const OpCode op = fuzz::any_opcode(chance);
    wire::Writer(made).put(static_cast<std::int32_t>(op));
    fuzz::put_any_request(op, chance, made);
  } else {
    std::int32_t type = 0;
    wire::Reader(fuzz::view(data, size)).get(type);
    wire::Writer(made).put(type);
    fuzz::put_changed_request(static_cast<OpCode>(type), fuzz::view(data, size).substr(4), chance, made);
  }
  return fuzz::give(made, data, max_size);
}
