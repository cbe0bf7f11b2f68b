// A learner's link to the quorum port of its leader (org.apache.zookeeper.server.quorum.Learner). There is one at a
// time; packets are collected and sent at the end of the event.
//
// A snapshot comes in the middle of the packets, without a length. When FromLeader{Snap} has been told, the link waits
// for receive_snapshot(); the bytes go to the sink until that is complete, and the packets behind it wait for
// resume_packets():
//
//   packets ──SNAP──> waiting for the sink ──receive_snapshot──> snapshot ──complete──> held ──resume_packets──>
//   packets
//
// What waits is bounded: over the limit the socket is not read. With SASL (authentication.h) the link is open when that
// is over.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "env/env.h"
#include "env/posted_call.h"
#include "quorum/event_queue.h"
#include "quorum/options.h"
#include "quorum/packet_input.h"
#include "quorum/snapshot_sink.h"

namespace quoll::quorum {

class LeaderLink : private env::DialHandler {
 public:
  static constexpr std::size_t kPendingBytesMax = std::size_t{4} << 20;

  // `env` must outlive the link. Tells LeaderConnected, LeaderLost and FromLeader.
  LeaderLink(env::Env& env, const Options& options, Tell tell);
  LeaderLink(const LeaderLink&) = delete;
  LeaderLink& operator=(const LeaderLink&) = delete;

  // Connects to a member after `delay_ms`: LeaderConnected or LeaderLost answers. A link that there is is closed.
  void dial(ServerId leader, std::int64_t delay_ms);
  // Nothing more is told of the link, and a sink is not used any more.
  void close();
  // Ends the link as if the leader had closed it: LeaderLost follows. Does nothing without a link.
  void give_up(std::string_view why) {
    if (is_open_) lose(why);
  }
  // Does nothing without a link.
  void send(const zab::Packet& packet);

  // `sink` must live until it is complete, or until close() or LeaderLost. It is called from the loop.
  void receive_snapshot(SnapshotSink& sink);
  // The sink has less in memory than before.
  void resume_reading();
  void resume_packets();
  // Calls `show` with the first packet behind the snapshot as soon as it has come, unless the link ends before. The
  // packet stays where it is. For use while the snapshot comes, or is held.
  using Show = std::move_only_function<void(const zab::Packet&)>;
  void show_next(Show show);

  [[nodiscard]] bool is_open() const { return is_open_; }
  // "10.0.0.1:2888"; of the link, or of what is dialled.
  [[nodiscard]] std::string address() const;
  [[nodiscard]] std::size_t queued_bytes() const;

 private:
  enum class Mode { packets, waiting_for_sink, snapshot, held };

  void on_connected() override;
  void on_data(std::string_view bytes) override;
  void on_closed(std::string_view why) override;

  void dial_next();
  void authenticate(std::string_view bytes);
  void become_open();
  void lose(std::string_view why);
  void drop_connection();
  // Takes from the input what the mode allows.
  void consume();
  void consume_packets();
  void consume_snapshot();
  void show_packet();
  void consume_later();
  void adjust_reading();
  void flush();

  env::Env& env_;
  const Options options_;
  EventQueue events_;
  ServerId leader_;
  std::size_t next_port_ = 0;  // of the leader's addresses
  std::unique_ptr<env::Connection> connection_;
  std::unique_ptr<env::Timer> delay_;
  std::optional<AuthInitiator> initiator_;  // while SASL is under way
  std::string sasl_input_;                  // for it
  std::unique_ptr<env::Timer> sasl_deadline_;
  bool is_open_ = false;
  bool is_paused_ = false;
  Mode mode_ = Mode::packets;
  SnapshotSink* sink_ = nullptr;  // in mode snapshot
  Show show_;
  PacketInput input_;
  std::string out_;
  env::PostedCall flush_;
  env::PostedCall consume_;
};

}  // namespace quoll::quorum
