// The election connection to one other member: at most one at a time, dialled by the server with the larger id
// (org.apache.zookeeper.server.quorum.QuorumCnxManager).
//
//   idle ──send──> dialling ──connected, this id is larger──> open
//                     │ └─────connected, it is smaller──> waiting for the other to dial back ──adopt──> open
//                     └─refused, no answer──> idle, and again after a while if somebody has asked for it
//
// The server with the smaller id dials only to ask the other to dial back: it says hello and closes. When both dial at
// once, the one connection that stays is that of the larger, whatever comes first:
//   - the larger, on a hello, closes what it has (the other end may have restarted and know nothing of it) and dials,
//     unless it is dialling already;
//   - the smaller takes what the larger dials in place of all it has.
//
// With SASL (authentication.h) whoever dials authenticates behind its hello; until that is over it is still dialling.
//
// A server that accepts both with and without SASL knows which it is when it hears something, and says nothing before.
// So whoever has dialled because it was asked to says what it said last if both are silent.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "env/env.h"
#include "quorum/event_queue.h"
#include "quorum/options.h"
#include "zab/vote.h"

namespace quoll::quorum {

// Dialling is tried again after this, then after twice as long, and so on.
inline constexpr std::int64_t kRedialFirstMs = 100;
inline constexpr std::int64_t kRedialMaxMs = 3'200;
// A connection that has lasted so long was a good one, even if nothing was said on it: when it ends, the first try
// follows at once.
inline constexpr std::int64_t kGoodMs = 100;
// After it was asked to dial back, the larger may end the connection that there is, and dials: so long it is not
// dialled.
inline constexpr std::int64_t kCallGraceMs = 1'000;
// When it has asked to be dialled and says nothing for so long, it waits to be spoken to.
inline constexpr std::int64_t kSilenceMs = 500;
// How long after the last message to a member it is still dialled; an election repeats its messages at least so often.
inline constexpr std::int64_t kAskedMs = 60'000;

class MeshPeer : private env::DialHandler {
 public:
  enum class State { idle, dialling, waiting_for_call, open };
  enum class Reach { unknown, reachable, unreachable };

  // All references must outlive this object. `hello` is what this server says first.
  MeshPeer(env::Env& env, const Options& options, ServerId id, std::string hello, EventQueue& events);
  MeshPeer(const MeshPeer&) = delete;
  MeshPeer& operator=(const MeshPeer&) = delete;

  // Sends it now or, if there is no connection or the other end does not read, later in place of earlier ones. It is
  // lost if the connection ends before the other end has read it; PeerReachable tells of the next one.
  void send(const zab::Notification& notification);
  // It has the smaller id and has asked to be dialled.
  void call_back();
  // It has the larger id and has dialled; `rest` came behind its hello.
  void adopt(std::unique_ptr<env::Connection> connection, std::string_view rest);

  [[nodiscard]] State state() const { return state_; }
  [[nodiscard]] Reach reach() const { return reach_; }
  // "10.0.0.3:3888"; of a connection, or of what is dialled next.
  [[nodiscard]] std::string address() const;
  [[nodiscard]] const std::string& last_error() const { return last_error_; }

 private:
  void on_connected() override;
  void on_data(std::string_view bytes) override;
  void on_closed(std::string_view why) override;
  void on_drained() override { flush(); }

  [[nodiscard]] const PortPair& port() const;
  [[nodiscard]] bool is_asked() const;
  void dial();
  // The hello has been said, and SASL is over.
  void on_introduced();
  void authenticate();
  void on_sasl_late();
  void on_sasl_failed(const std::string& why);
  void become_open();
  void break_silence();
  void on_dial_failed(std::string_view why);
  void on_no_call();
  // The open connection has ended.
  void on_lost(std::string_view why);
  void redial_later();
  void set_unreachable(std::string_view why);
  void close();
  void parse();
  void flush();
  // Calls `then` unless something else happens before.
  void after(std::int64_t delay_ms, void (MeshPeer::*then)());

  env::Env& env_;
  const Options& options_;
  const ServerId id_;
  const std::string hello_;
  EventQueue& events_;

  State state_ = State::idle;
  Reach reach_ = Reach::unknown;
  std::unique_ptr<env::Connection> connection_;
  std::unique_ptr<env::Timer> timer_;  // of the next dial, or of the call that is waited for
  std::size_t next_port_ = 0;          // of the addresses
  std::size_t ports_tried_ = 0;        // since the last success
  std::int64_t redial_ms_ = kRedialFirstMs;
  std::int64_t opened_ms_ = 0;
  bool is_called_ = false;  // it has asked to be dialled since there was a connection
  std::int64_t asked_ms_ = -kAskedMs;
  std::int64_t greeted_ms_ = INT64_MIN / 2;  // when it was last asked to dial back
  std::string last_error_;
  std::string sasl_error_;                  // the last one of SASL since there was a connection
  std::string newest_;                      // a message that waits
  std::string last_;                        // the message that was given last, sent or not
  std::string input_;                       // not parsed yet
  std::optional<AuthInitiator> initiator_;  // while SASL is under way on what was dialled
};

}  // namespace quoll::quorum
