// This server's part in the agreement of its ensemble: tells zab::Peer what happens, and executes what that asks of the
// ports, of the epoch files and of time. What concerns the log and the state goes to the listener, in its order. A
// server that runs alone has neither ports nor epoch files.
#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <string>

#include "quorum/election_mesh.h"
#include "quorum/leader_link.h"
#include "quorum/learner_port.h"
#include "server/core.h"

namespace quoll::server {

class Agreement {
 public:
  class Listener {
   public:
    virtual ~Listener() = default;
    virtual void on_append(const zab::AppendLog& append) = 0;
    // Deliver, PassToServer, TruncateLog, InstallSnapshot, StreamSnapshot, ServeAs: for the state, one after another.
    virtual void on_decided(zab::Effect&& effect) = 0;
    // All effects of one event from outside have been handed over; not called for what the server proposes or sends.
    virtual void on_event_end() = 0;
    // The leader, which has proposed up to `proposed`, asks: what has been heard of this server's clients since the
    // last call, as the data of a PING.
    virtual std::string on_ping(Zxid proposed) = 0;
    // The link to the leader has been closed by this server, or has failed before.
    virtual void on_leader_link_closed() = 0;
    virtual void on_learner_link_closed(zab::LinkId link) = 0;
    // The process must end.
    virtual void on_failed(std::string why) = 0;
  };

  Agreement(Core& core, Listener& listener) : core_(core), listener_(listener) {}

  // Binds the quorum port and the election port, if there is an ensemble.
  std::expected<void, std::string> bind();
  // The server leads from now on. `last`: the newest transaction of its log and snapshot. `generation`: of what it
  // appends to the log.
  void run_alone(Zxid last, std::uint64_t generation = 0);
  // `epoch_dir`: where the epoch files are.
  void join(zab::MemberState state, zab::Peer::Trust trust, std::string epoch_dir);

  void tell(const zab::Event& event);
  // `zxid` is leading()->next_zxid(). `received_us`: when the request arrived.
  void propose(Zxid zxid, zab::Record record, std::int64_t received_us);
  void send_to_learner(zab::LinkId link, zab::ServerPacket packet);
  void send_to_leader(zab::ServerPacket packet);

  // Closes all ports and links; nothing more is told.
  void stop();
  // These are there in an ensemble only.
  [[nodiscard]] quorum::LeaderLink& leader_link() { return links_->leader; }
  [[nodiscard]] quorum::LearnerPort& learner_port() { return links_->learners; }
  [[nodiscard]] const quorum::LearnerPort& learner_port() const { return links_->learners; }

 private:
  struct Links {
    Links(env::Env& env, quorum::Options given, const std::function<void(const zab::Event&)>& tell)
        : options(std::move(given)),
          mesh(env, options, tell),
          learners(env, options, tell),
          leader(env, options, tell) {}
    const quorum::Options options;
    quorum::ElectionMesh mesh;
    quorum::LearnerPort learners;
    quorum::LeaderLink leader;
  };
  void execute(zab::Effects& effects);
  void execute(zab::SendNotification& effect);
  void execute(zab::DialLeader& effect);
  void execute(zab::CloseLeaderLink& effect);
  void execute(zab::SendToLeader& effect);
  void execute(zab::AnswerPing& effect);
  void execute(zab::SendToLearner& effect);
  void execute(zab::CloseLearnerLink& effect);
  void execute(zab::PersistEpoch& effect);
  void execute(zab::AppendLog& effect);
  template <typename OfTheState>
  void execute(OfTheState& effect);
  void note_commits(const zab::Effects& effects);
  void note_election();
  void wake_later();

  Core& core_;
  Listener& listener_;
  std::unique_ptr<Links> links_;
  std::string epoch_dir_;
  CommitTimes commit_times_;
  std::optional<std::int64_t> looking_since_ms_;
  std::unique_ptr<env::Timer> timer_;
  std::int64_t wakes_ms_ = INT64_MAX;
  bool is_executing_ = false;
  std::unique_ptr<env::Worker> epoch_worker_;
};

}  // namespace quoll::server
