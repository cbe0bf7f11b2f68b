// Accepted connections on the election port of which nobody knows yet whose they are. Each has a deadline and sends no
// more than a hello and, with quorum.auth.enableSasl, what it authenticates with; there is a limit to their number.
#pragma once

#include <functional>
#include <list>
#include <memory>
#include <string>
#include <string_view>

#include "env/env.h"
#include "env/posted_call.h"
#include "quorum/options.h"
#include "wire/election_frames.h"

namespace quoll::quorum {

class Greetings {
 public:
  // A connection whose hello is complete, and which has authenticated if it must.
  struct Guest {
    wire::ElectionHello hello;
    std::unique_ptr<env::Connection> connection;  // nullptr: the other server has closed it
    std::string host;                             // from which it came
    std::string_view rest;                        // what came behind the hello
  };
  using OnHello = std::function<void(Guest guest)>;

  // All references must outlive this object.
  Greetings(env::Env& env, const Options& options, OnHello on_hello);
  ~Greetings();
  Greetings(const Greetings&) = delete;
  Greetings& operator=(const Greetings&) = delete;

  env::ConnectionHandler* accept(std::unique_ptr<env::Connection> connection);
  [[nodiscard]] std::size_t count() const { return strangers_.size(); }

 private:
  class Stranger;
  // Removes the stranger; it is destroyed when its callback has returned.
  void dismiss(Stranger& stranger);
  void refuse(Stranger& stranger, std::string_view why);
  void note(const AuthAcceptor& acceptor, std::string_view host);

  env::Env& env_;
  const Options& options_;
  OnHello on_hello_;
  std::list<std::unique_ptr<Stranger>> strangers_;  // oldest first
  std::list<std::unique_ptr<Stranger>> dismissed_;
  env::PostedCall destroy_dismissed_;
};

}  // namespace quoll::quorum
