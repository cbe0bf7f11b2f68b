// The bytes of the two ports between servers. What decodes is translated and encoded again, and gives the same; lies
// about lengths are refused before they are waited for; how the bytes are cut into pieces changes nothing. Nobody
// passes SASL without a proof.
#include <vector>

#include "fuzz/target.h"
#include "quorum/authentication.h"
#include "quorum/packet_input.h"
#include "quorum/translate.h"
#include "wire/election_frames.h"
#include "wire/quorum_auth_frames.h"
#include "wire/quorum_frames.h"

using namespace quoll;

namespace {

constexpr wire::QuorumLimits kLimits{.data_bytes_max = 8 * 1024, .auth_bytes_max = 4 * 1024};

struct Heard {
  std::vector<std::string> packets;  // encoded again
  std::string error;
};

void take_all(quorum::PacketInput& input, Heard& heard) {
  while (heard.error.empty()) {
    auto packet = input.next(kLimits);
    if (!packet) {
      heard.error = packet.error();
      return;
    }
    if (!*packet) return;
    quorum::append_packet(**packet, heard.packets.emplace_back());
  }
}

// Pieces of `piece` bytes; 0: all at once.
Heard read_packets(std::string_view bytes, quorum::PacketInput::Translate translate, std::size_t piece) {
  quorum::PacketInput input(translate);
  Heard heard;
  while (!bytes.empty() && heard.error.empty()) {
    const std::string_view next = bytes.substr(0, piece == 0 ? bytes.size() : piece);
    input.add(next);
    bytes.remove_prefix(next.size());
    take_all(input, heard);
  }
  return heard;
}

void check_packets(std::string_view bytes, quorum::PacketInput::Translate translate, std::size_t piece) {
  const Heard whole = read_packets(bytes, translate, 0);
  const Heard cut = read_packets(bytes, translate, piece);
  QUOLL_CHECK(whole.packets == cut.packets && whole.error == cut.error, "pieces of any size give the same packets");
  for (const std::string& packet : whole.packets) {
    const Heard again = read_packets(packet, translate, 0);
    QUOLL_CHECK(again.error.empty() && again.packets.size() == 1 && again.packets[0] == packet,
                "a packet decodes to the same after encoding");
  }
}

void check_election(std::string_view bytes) {
  const auto hello = wire::read_election_hello(bytes);
  if (hello && *hello) {
    QUOLL_CHECK((*hello)->bytes <= bytes.size() && (*hello)->bytes <= 20 + 2048, "a hello is short, and there");
    if (!(*hello)->hello.addresses.empty()) {
      std::string once;
      wire::append_election_hello((*hello)->hello, once);
      const auto again = wire::read_election_hello(once);
      QUOLL_CHECK(again && *again && (*again)->hello.addresses == (*hello)->hello.addresses,
                  "a hello decodes to the same after encoding");
    }
    bytes.remove_prefix((*hello)->bytes);
  }
  while (true) {
    const auto read = wire::read_election_message(bytes);
    if (!read || !*read) return;
    QUOLL_CHECK((*read)->bytes > 4 && (*read)->bytes <= bytes.size(), "a message is there");
    bytes.remove_prefix((*read)->bytes);
    if (!(*read)->message) continue;
    const auto notification = quorum::notification_of(*(*read)->message);
    if (!notification || notification->version < 2) continue;
    std::string once;
    quorum::append_notification(*notification, once);
    const auto again = wire::read_election_message(once);
    QUOLL_CHECK(again && *again && (*again)->message, "a vote decodes after encoding");
    QUOLL_CHECK(quorum::notification_of(*(*again)->message)->vote == notification->vote, "and is the same");
  }
}

const quorum::Authentication& authentication(bool is_required) {
  static const auto make = [](bool required) {
    quorum::Authentication made;
    made.accepts.users = {{"server", "secret"}};
    made.is_required = required;
    made.connects_as = sasl::Login{"server", "secret"};
    made.nonces = [](std::size_t bytes) { return std::string(bytes, 'n'); };
    return made;
  };
  static const quorum::Authentication required = make(true);
  static const quorum::Authentication optional = make(false);
  return is_required ? required : optional;
}

struct Authenticated {
  quorum::AuthVerdict verdict = quorum::AuthVerdict::pending;
  std::string said;
  std::string rest;  // of the input
  std::string why;
  bool operator==(const Authenticated&) const = default;
};

// In pieces of `piece` bytes; 0: all at once.
Authenticated authenticate(auto& side, std::string_view bytes, std::size_t piece) {
  Authenticated out;
  std::string input;
  while (!bytes.empty() && out.verdict == quorum::AuthVerdict::pending) {
    const std::string_view next = bytes.substr(0, piece == 0 ? bytes.size() : piece);
    input += next;
    bytes.remove_prefix(next.size());
    out.verdict = side.take(input, out.said);
    QUOLL_CHECK(out.verdict != quorum::AuthVerdict::pending || input.size() < 16 + wire::kQuorumAuthTokenBytesMax,
                "no more than one packet is waited for");
  }
  out.rest = input + std::string(bytes);
  out.why = side.why();
  return out;
}

void check_authentication(std::string_view bytes, std::size_t piece) {
  for (const bool is_required : {true, false}) {
    quorum::AuthAcceptor one(authentication(is_required));
    quorum::AuthAcceptor other(authentication(is_required));
    const Authenticated whole = authenticate(one, bytes, 0);
    const Authenticated cut = authenticate(other, bytes, piece);
    QUOLL_CHECK(whole.verdict != quorum::AuthVerdict::passed || whole == cut, "pieces of any size give the same");
    QUOLL_CHECK(whole.verdict == cut.verdict && whole.said == cut.said, "and the same answers");
    if (is_required && whole.verdict == quorum::AuthVerdict::passed)
      QUOLL_CHECK(one.user() == "server", "only who proves its name passes");
  }
  std::string first;
  quorum::AuthInitiator initiator(authentication(true), first);
  QUOLL_CHECK(authenticate(initiator, bytes, piece).verdict != quorum::AuthVerdict::passed || bytes.contains("rspauth"),
              "a server is believed after its proof");
}

// What a server says that authenticates, right or not quite.
std::string any_authentication(base::Prng& chance) {
  std::string said;
  quorum::AuthInitiator initiator(authentication(true), said);
  quorum::AuthAcceptor acceptor(authentication(true));
  std::string input = said;
  std::string answer;
  (void)acceptor.take(input, answer);
  if (chance.below(4) == 0) return answer;
  std::string response;
  (void)initiator.take(answer, response);
  said += response;
  if (chance.below(2) == 0) said[chance.below(said.size())] = static_cast<char>(chance.below(256));
  return said;
}

std::string any_packets(base::Prng& chance) {
  std::string made;
  for (std::uint64_t count = 1 + chance.below(4); count > 0; --count) {
    QuorumPacket packet{static_cast<std::int32_t>(chance.below(21)), static_cast<std::int64_t>(chance.next()), {}, {}};
    const std::string data(chance.below(40), static_cast<char>(chance.below(256)));
    if (chance.below(3) != 0) packet.data = data;
    if (chance.below(3) == 0)
      packet.auth_info = std::vector(chance.below(3), Id{"ip", std::string(chance.below(9), 'i')});
    wire::append_quorum_packet(packet, made);
  }
  return made;
}

std::string any_votes(base::Prng& chance) {
  std::string made;
  if (chance.below(2) == 0)
    wire::append_election_hello({static_cast<std::int64_t>(chance.below(9)), "host:3888"}, made);
  for (std::uint64_t count = 1 + chance.below(3); count > 0; --count) {
    wire::append_election_message(
        {static_cast<std::int32_t>(chance.below(5)), static_cast<std::int64_t>(chance.below(9)),
         static_cast<std::int64_t>(chance.next()), static_cast<std::int64_t>(chance.below(9)),
         static_cast<std::int64_t>(chance.below(9)), static_cast<std::int32_t>(chance.below(4)),
         std::string(chance.below(30), 'c')},
        made);
  }
  return made;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view input = fuzz::view(data + 1, size - 1);
  const std::size_t piece = 1 + data[0];
  check_packets(input, quorum::packet_of_leader, piece);
  check_packets(input, quorum::packet_of_learner, piece);
  check_election(input);
  check_authentication(input, piece);
  return 0;
}

std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size, unsigned int seed) {
  base::Prng chance(seed);
  if (chance.below(4) != 0) return LLVMFuzzerMutate(data, size, max_size);
  std::string made(1, static_cast<char>(chance.below(256)));
  if (chance.below(3) == 0) made += any_authentication(chance);
  made += chance.below(2) == 0 ? any_packets(chance) : any_votes(chance);
  if (chance.below(2) == 0) made += fuzz::view(data, size).substr(size == 0 ? 0 : chance.below(size));
  return fuzz::give(made, data, max_size);
}
