// The bytes of the election port: one hello of the server that connects, then messages with their length in front
// (org.apache.zookeeper.server.quorum.QuorumCnxManager, FastLeaderElection).
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace quoll::wire {

// Who connects, and where its own election port is. The addresses are what it claims; nobody may be dialled by them.
struct ElectionHello {
  std::int64_t server_id = 0;
  std::string addresses;  // host:port, or several with | between them
};

struct ReadHello {
  ElectionHello hello;
  std::size_t bytes = 0;  // that it took
};

enum class ElectionError {
  version,  // of a hello: a protocol that no server speaks
  length,   // negative, empty or too large
};

// The hello at the front of `bytes`; nullopt: it is not all there yet. Servers of 3.5 to 3.9 send version 1 or 2, those
// of 3.4 their id alone.
std::expected<std::optional<ReadHello>, ElectionError> read_election_hello(std::string_view bytes);
// Version 1, which every server since 3.5 takes.
void append_election_hello(const ElectionHello& hello, std::string& out);

// One vote, as a server tells it.
struct ElectionMessage {
  std::int32_t state = 0;  // QuorumPeer.ServerState
  std::int64_t leader = 0;
  std::int64_t zxid = 0;
  std::int64_t round = 0;  // electionEpoch
  std::int64_t epoch = 0;  // peerEpoch
  std::int32_t version = 0;
  std::string configuration;  // since version 2
};

struct ReadMessage {
  // nullopt: a message of the right length that is no vote; Apache's servers pass over it, too.
  std::optional<ElectionMessage> message;
  std::size_t bytes = 0;
};

std::expected<std::optional<ReadMessage>, ElectionError> read_election_message(std::string_view bytes);
void append_election_message(const ElectionMessage& message, std::string& out);

}  // namespace quoll::wire
