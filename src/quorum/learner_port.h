// The quorum port of a server: where learners connect to the leader
// (org.apache.zookeeper.server.quorum.Leader, LearnerHandler). It is bound for as long as the server lives, whatever
// role it has; agreement closes the links of learners that come too early or too late.
//
// A link is told of when its first packet has come, which says who the learner is; until then it has a deadline, a
// limit of bytes, and its place among a limited number of strangers. Whether that id may join is for agreement to say.
// With SASL (authentication.h) a learner authenticates before that packet.
//
// Packets are collected and sent at the end of the event, one call for each link.
#pragma once

#include <cstdint>
#include <expected>
#include <list>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "env/env.h"
#include "env/posted_call.h"
#include "quorum/event_queue.h"
#include "quorum/learner_link.h"
#include "quorum/listeners.h"
#include "quorum/options.h"

namespace quoll::quorum {

// How often it is looked whether learners take what is queued for them.
inline constexpr std::int64_t kProgressMs = 500;

class LearnerPort : private LearnerLink::Owner {
 public:
  // `env` must outlive the port. Tells LearnerConnected, LearnerLost, FromLearner and LearnerProgress. What is about a
  // link comes between its LearnerConnected and its LearnerLost.
  LearnerPort(env::Env& env, const Options& options, Tell tell);
  ~LearnerPort() override;
  LearnerPort(const LearnerPort&) = delete;
  LearnerPort& operator=(const LearnerPort&) = delete;

  // Takes the quorum port.
  [[nodiscard]] std::expected<void, std::string> bind();
  void start() { listeners_.start(); }

  // All of these do nothing if the link has ended meanwhile.
  //
  // A link that has more than Options::link_queue_bytes_max queued is closed, and LearnerLost is told.
  void send(zab::LinkId link, const zab::Packet& packet);
  // Closes it at once, and logs why; nothing more is told of it.
  void close(zab::LinkId link, std::string_view why);
  // A snapshot between packets: those sent before it is begun go before it, those sent until it ends wait for that.
  // The bytes are for the caller to produce no faster than queued_bytes() and LearnerProgress allow.
  void begin_stream(zab::LinkId link);
  void stream(zab::LinkId link, std::string&& bytes);
  void end_stream(zab::LinkId link);
  // To delay a learner that asks for more than can be done.
  void pause_reading(zab::LinkId link);
  void resume_reading(zab::LinkId link);

  // Of what was sent and not taken by the socket; 0 if the link has ended.
  [[nodiscard]] std::size_t queued_bytes(zab::LinkId link) const;
  [[nodiscard]] bool is_open(zab::LinkId link) const { return find(link) != nullptr; }
  // Empty if the link has ended.
  [[nodiscard]] env::Address peer(zab::LinkId link) const;
  // Links whose first packet has come.
  [[nodiscard]] std::vector<zab::LinkId> links() const;

 private:
  struct Entry {
    std::unique_ptr<LearnerLink> link;
    std::unique_ptr<env::Timer> deadline;  // until the first packet
    std::size_t queued_before = 0;         // at the last look
  };
  env::ConnectionHandler* accept(std::unique_ptr<env::Connection> connection);
  void on_packet(LearnerLink& link, zab::Packet packet) override;
  void on_ended(LearnerLink& link, std::string_view why) override;
  void on_taken(LearnerLink& link) override;
  void on_let_in(LearnerLink& link, const AuthAcceptor& acceptor) override;
  // The event to be told last, if it is an acknowledgement of this learner's.
  [[nodiscard]] zab::Ack* unread_ack_of(zab::LinkId link);
  [[nodiscard]] LearnerLink* find(zab::LinkId link) const;
  // Ends the link and tells so.
  void lose(LearnerLink& link, std::string_view why);
  // Closes the link and forgets it; it is destroyed when its callback has returned.
  void remove(zab::LinkId link);
  // Its bytes. A proposal goes to every learner, so the bytes of the newest one are kept.
  [[nodiscard]] std::string_view encode(const zab::Packet& packet);
  void on_queued(LearnerLink& link);
  void flush_all();
  void look_for_progress();
  void make_room_for_stranger();

  env::Env& env_;
  const Options options_;
  EventQueue events_;
  std::map<zab::LinkId, Entry> links_;
  std::uint64_t last_id_ = 0;
  std::set<zab::LinkId> unsent_;  // links with packets to flush
  std::string encoded_;           // the packet that was sent last
  zab::Record encoded_record_;    // its transaction, if it is a proposal
  std::vector<std::unique_ptr<LearnerLink>> ended_;
  env::PostedCall destroy_ended_;
  env::PostedCall flush_;
  std::unique_ptr<env::Timer> progress_;
  Listeners listeners_;
};

}  // namespace quoll::quorum
