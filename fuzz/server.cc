// A client's bytes to a whole server in a simulated world: it answers or closes the connection, other clients are not
// affected, and a restart gives the same state.
#include "fuzz/memory.h"
#include "fuzz/record_bytes.h"
#include "fuzz/served.h"
#include "fuzz/target.h"

using namespace quoll;

namespace {

std::string connect_frame(base::Prng& chance) {
  std::string frame;
  wire::Writer writer(frame);
  writer.put(std::int32_t{0});
  if (chance.below(6) == 0) {
    fuzz::put_any<ConnectRequest>(chance, frame);
  } else {
    writer.put(ConnectRequest{0, 0, 30000, 0, std::string_view("0123456789abcdef"), {}});
  }
  writer.put(false);
  writer.patch(0, static_cast<std::int32_t>(frame.size() - 4));
  return frame;
}

std::string request_frame(base::Prng& chance, std::int32_t xid) {
  const OpCode op = fuzz::any_opcode(chance);
  std::string frame;
  wire::Writer writer(frame);
  writer.put(std::int32_t{0});
  writer.put(RequestHeader{chance.below(10) == 0 ? static_cast<std::int32_t>(fuzz::any_number(chance)) : xid,
                           static_cast<std::int32_t>(op)});
  fuzz::put_any_request(op, chance, frame);
  writer.patch(0, fuzz::any_count(chance, static_cast<std::int32_t>(frame.size() - 4)));
  return frame;
}

std::string changed_frame(std::string_view frame, base::Prng& chance) {
  wire::Reader in(frame.substr(std::min<std::size_t>(4, frame.size())));
  RequestHeader header;
  in.get(header);
  if (!in.ok()) return std::string(frame);
  std::string out;
  wire::Writer writer(out);
  writer.put(std::int32_t{0});
  writer.put(header);
  fuzz::put_changed_request(static_cast<OpCode>(header.type), in.rest(), chance, out);
  writer.patch(0, static_cast<std::int32_t>(out.size() - 4));
  return out;
}

constexpr std::int64_t kMemoryBytes = std::int64_t{64} << 20;
constexpr std::int64_t kAnswerBytes = 100'000;
constexpr std::int64_t kAnswerBytesForByte = 100;
constexpr std::int64_t kWalked = 10'000;

// Znodes and watches.
std::int64_t walked(fuzz::Served& served) {
  const machine::State& state = served.server->core().state;
  return state.tree.walked() + state.data_watches.walked() + state.child_watches.walked();
}

std::vector<std::string> frames_of(std::string_view bytes) {
  std::vector<std::string> frames;
  while (!bytes.empty()) {
    std::int32_t length = 0;
    wire::Reader(bytes.substr(0, 4)).get(length);
    const std::size_t size = length < 0 ? bytes.size() : std::min(bytes.size(), 4 + static_cast<std::size_t>(length));
    frames.emplace_back(bytes.substr(0, size));
    bytes.remove_prefix(size);
  }
  return frames;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Served served(size);
  QUOLL_CHECK(served.start(), "an empty server serves");
  sim::World& world = served.world;
  // What the input may cost at the most: its requests are short and few, and so is what they can store.
  const auto bytes = static_cast<std::int64_t>(size);
  const std::int64_t sent_max = kAnswerBytes + bytes * (kAnswerBytesForByte + bytes);
  const std::int64_t walked_max = kWalked + bytes * bytes;
  const std::int64_t sent_before = world.network.server_bytes;
  const std::int64_t walked_before = walked(served);
  const fuzz::PeakMemory memory;
  {
    sim::Client client(world, fuzz::Served::kPort);
    client.keep_raw();
    client.dial();
    client.send_raw(fuzz::view(data, size));
    world.run_for(100);
    client.drop();
    world.run_for(20);
  }
  QUOLL_CHECK(!served.failed && served.server->is_serving(), "the server still serves");
  QUOLL_CHECK(static_cast<std::int64_t>(memory.bytes()) <= kMemoryBytes + 100 * sent_max, "memory is bounded");
  QUOLL_CHECK(world.network.server_bytes - sent_before <= sent_max, "what is answered is bounded");
  QUOLL_CHECK(walked(served) - walked_before <= walked_max, "few znodes and watches are walked");
  served.check_well();
  world.run_for(100);
  const machine::State& state = served.server->core().state;
  QUOLL_CHECK(state.digest_mismatches == 0, "transactions match their digests");
  if (size % 4 == 0) served.check_restart(fuzz::Served::Began::possible);
  served.stop();
  return 0;
}

std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size, unsigned int seed) {
  base::Prng chance(seed);
  if (chance.below(4) == 0) return LLVMFuzzerMutate(data, size, max_size);
  std::vector<std::string> frames = frames_of(fuzz::view(data, size));
  if (frames.empty()) frames.push_back(connect_frame(chance));
  for (std::uint64_t n = 1 + chance.below(3); n > 0; --n) {
    const std::size_t at = chance.below(frames.size() + 1);
    const auto xid = static_cast<std::int32_t>(frames.size());
    switch (chance.below(8)) {
      case 0:
        if (at > 0 && at < frames.size()) frames.erase(frames.begin() + static_cast<std::ptrdiff_t>(at));
        break;
      case 1:
        if (at < frames.size()) frames.push_back(frames[at]);
        break;
      case 2:
        frames[0] = connect_frame(chance);
        break;
      case 3:
      case 4:
        if (at > 0 && at < frames.size()) frames[at] = changed_frame(frames[at], chance);
        break;
      default:
        frames.push_back(request_frame(chance, xid));
    }
  }
  std::string made;
  for (const std::string& frame : frames) made += frame;
  return fuzz::give(made, data, max_size);
}
