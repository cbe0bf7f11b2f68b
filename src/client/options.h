// How a client connects, and its limits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "env/network.h"
#include "sasl/jaas.h"

namespace quoll::client {

struct Endpoint {
  std::string host;  // a name or a numeric address, without brackets
  std::uint16_t port = 2181;
  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

struct Options {
  // At least one. They are tried in a random order, and names are resolved at each attempt.
  std::vector<Endpoint> servers;
  // All paths are below it: "/app". Empty: none. It need not exist.
  std::string chroot;
  // What is asked for, in ms; the server may grant less or more.
  std::int32_t session_timeout_ms = 30'000;
  // For one attempt: the name, the connection, the server's answer. 0: the session timeout, divided by the number of
  // servers, and at least 1 s.
  std::int64_t connect_timeout_ms = 0;
  // The deadline of calls that have none of their own, in ms from the call; 0: none. A call that waits for a connection
  // fails with connection_loss and Fate::not_sent after the session timeout in any case.
  std::int64_t request_timeout_ms = 0;
  // A connection to a server without a quorum is accepted, for reading, until one with a quorum is found.
  bool read_only = false;
  env::Security security = env::Security::plain;
  // Proves on each connection who this is, with SASL DIGEST-MD5, before anything else is sent. A server that refuses
  // ends the session (State::auth_failed).
  std::optional<sasl::Login> login;
  // Between rounds through all servers: a random time below backoff_ms, which doubles with each round up to the
  // maximum.
  std::int64_t backoff_ms = 100;
  std::int64_t backoff_ms_max = 2'000;
  // A session to resume; 0: a new one.
  std::int64_t session_id = 0;
  std::string password;

  // Limits. A call above one of the first two fails with throttled_op and Fate::not_sent.
  std::size_t calls_max = 100'000;                       // waiting for a connection or an answer
  std::size_t bytes_queued_max = std::size_t{64} << 20;  // requests that are not sent yet
  std::size_t reply_bytes_max = std::size_t{128} << 20;  // longer answers end the connection
  std::size_t watch_frame_bytes_max = 128 * 1024;        // of paths in one setWatches, as Apache's client has it
};

}  // namespace quoll::client
