// A production server on a simulated world, with all that clients can reach switched on.
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
  // Starts a process over what the disk holds. True: it serves; false: it refused, or gave up.
  bool start();
  void stop();
  // Ends the process and starts the next over its files: it has the same history, and the same tree unless a session
  // has expired meanwhile, or the files that it began with were of no possible history.
  enum class Began { possible, made_up };
  void check_restart(Began began);
  // Connects, creates a znode and reads it back: the server is well.
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
