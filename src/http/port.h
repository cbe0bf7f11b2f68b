// A port that speaks HTTP: its connections, their limits, and their share of the loop's time.
#pragma once

#include <deque>
#include <expected>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "env/env.h"
#include "env/posted_call.h"
#include "http/connection.h"
#include "http/message.h"
#include "http/options.h"

namespace quoll::http {

class Port {
 public:
  // `env` and `handler` must outlive the port.
  Port(const env::Env& env, Options options, Handler& handler) : env_(env), options_(options), handler_(handler) {}
  ~Port();
  Port(const Port&) = delete;
  Port& operator=(const Port&) = delete;

  // Begins to listen and to answer. The error is a sentence for people. Security and probes of `at` are used as they
  // are.
  [[nodiscard]] std::expected<void, std::string> open(env::ListenOptions at);
  // After open().
  [[nodiscard]] const env::Address& local() const { return listener_->local(); }
  [[nodiscard]] std::size_t connection_count() const { return connections_.size(); }

  // For its connections.
  [[nodiscard]] const env::Env& env() const { return env_; }
  [[nodiscard]] const Options& options() const { return options_; }
  [[nodiscard]] Handler& handler() { return handler_; }
  void give_turn(Connection& connection);
  // It is destroyed later, because its code may be on the stack.
  void remove(const Connection& connection);

 private:
  env::ConnectionHandler* accept(std::unique_ptr<env::Connection> transport);
  // Closes the connection that has waited longest for a request; false: all are being answered.
  bool make_room();
  void next_turn_later();
  void next_turn();
  void close_overdue_later();
  void close_overdue();

  const env::Env& env_;
  const Options options_;
  Handler& handler_;
  std::unique_ptr<env::Listener> listener_;
  std::map<std::uint64_t, std::unique_ptr<Connection>> connections_;  // by id: oldest first
  std::vector<std::unique_ptr<Connection>> closed_;
  std::deque<std::uint64_t> waiting_;  // for a turn
  std::uint64_t next_id_ = 1;
  std::int64_t worked_us_ = 0;  // since the last rest
  std::unique_ptr<env::Timer> rest_;
  std::unique_ptr<env::Timer> overdue_timer_;
  env::PostedCall turn_call_;
  env::PostedCall end_call_;
};

}  // namespace quoll::http
