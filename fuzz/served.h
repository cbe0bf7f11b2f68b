// A production server in a simulated world, with every feature that clients can use enabled.
#pragma once

#include <memory>
#include <optional>

#include "admin/four_letter_words.h"
#include "sasl/digest_server.h"
#include "server/server.h"
#include "sim/client.h"
#include "sim/world.h"

namespace quoll::fuzz {

class Served {
 public:
  static constexpr std::uint16_t kPort = 2181;

  explicit Served(std::uint64_t seed = 1);
  // Starts a server on the files of the disk. Returns whether it serves; false: it refused to start, or ended.
  bool start();
  void stop();
  // Ends the server and starts a new one on its files: it has the same history. It has the same tree, too, unless a
  // session has expired meanwhile or the files could not have been written by a server (made_up).
  enum class Began { possible, made_up };
  void check_restart(Began began);
  // Checks that a client can connect, create a znode and read it.
  void check_well();

  sim::World world;
  server::Options options;
  admin::Facts facts;
  std::unique_ptr<server::Server> server;
  std::optional<admin::FourLetterWords> words;
  bool failed = false;

 private:
  sasl::DigestConfig sasl_;
  int made_ = 0;
};

}  // namespace quoll::fuzz
