// One server of an ensemble: owns the parts, decides when clients are served, and applies what agreement has decided. A
// server that runs alone is an ensemble of one; writes take the same path.
#pragma once

#include <deque>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "env/posted_call.h"
#include "server/agreement.h"
#include "server/archiver.h"
#include "server/client_sessions.h"
#include "server/connections.h"
#include "server/containers.h"
#include "server/core.h"
#include "server/decided_effects.h"
#include "server/disk_space_monitor.h"
#include "server/exactness.h"
#include "server/journal.h"
#include "server/learner_requests.h"
#include "server/long_answers.h"
#include "server/memory_monitor.h"
#include "server/recovery.h"
#include "server/request_auth.h"
#include "server/requests.h"
#include "server/restore.h"
#include "server/snapshots.h"
#include "server/state_transfer.h"
#include "server/throttle.h"
#include "store/data_dirs.h"

namespace quoll::server {

// Apache's exit codes (org.apache.zookeeper.server.ExitCode).
enum class ExitCode {
  ok = 0,
  unexpected = 1,
  invalid_invocation = 2,
  data_dir = 3,
  admin_server = 4,
  snapshot = 10,
  cannot_bind = 14
};

struct StartError {
  ExitCode code = ExitCode::unexpected;
  std::string text;
};

// Answers four-letter words.
class WordResponder {
 public:
  virtual ~WordResponder() = default;
  // False: the four bytes are not a word, so they are the length of a frame.
  [[nodiscard]] virtual bool knows(std::string_view word) const = 0;
  // nullptr: the answer is short or empty; call answer().
  virtual std::unique_ptr<LongAnswer> long_answer(std::string_view, const env::Address&) { return nullptr; }
  // `rest`: the bytes received after the word. If the answer is empty, the connection is closed without an answer.
  virtual std::string answer(std::string_view word, std::string_view rest, const env::Address& from) = 0;
};

class Server : public RequestHandler, private Agreement::Listener {
 public:
  // Called when the server cannot continue: the process must end with this code.
  using OnFatal = std::function<void(ExitCode, std::string_view why)>;

  Server(env::Env& env, Options options, OnFatal on_fatal);
  ~Server() override;

  // `responder` must live as long as the server has connections.
  void set_word_responder(WordResponder& responder) { word_responder_ = &responder; }
  void set_sasl(SaslFactory factory) { request_auth_.set_sasl(std::move(factory)); }

  // Examines the data directories, binds the client ports, and makes sure that no other server uses the directories;
  // then it recovers and serves. Nothing on disk is changed before that. Errors that occur later, because a log must be
  // observed for a while or a first snapshot must be written, are reported through OnFatal.
  std::expected<void, StartError> start();
  // Stops accepting requests. What is in the log stays there, and sessions stay valid.
  void stop();

  // The parts, for status and metrics.
  [[nodiscard]] const Core& core() const { return core_; }
  [[nodiscard]] const Connections& connections() const { return connections_; }
  [[nodiscard]] const Requests& requests() const { return requests_; }
  [[nodiscard]] const Journal* journal() const { return journal_.get(); }
  [[nodiscard]] const Snapshots* snapshots() const { return snapshots_.get(); }
  [[nodiscard]] const Throttle& throttle() const { return throttle_; }
  // The same for those who may change them: an operator's commands, and tests.
  [[nodiscard]] Core& core() { return core_; }
  [[nodiscard]] Connections& connections() { return connections_; }
  [[nodiscard]] Snapshots* snapshots() { return snapshots_.get(); }
  // nullptr in an ensemble, and before recovery has ended.
  [[nodiscard]] Restore* restore() { return restore_.get(); }
  // In the order of the client ports in the options.
  [[nodiscard]] const std::vector<std::unique_ptr<env::Listener>>& listeners() const { return listeners_; }
  // Clients can open sessions: alone from the end of recovery on, in an ensemble while there is a leader.
  [[nodiscard]] bool is_serving() const { return serving_; }
  [[nodiscard]] std::int64_t started_ms() const { return started_ms_; }
  // Of a learner of this leader; empty and 0 if the link has ended. In an ensemble only.
  [[nodiscard]] env::Address learner_address(zab::LinkId link) const { return agreement_.learner_port().peer(link); }
  [[nodiscard]] std::size_t learner_queued_bytes(zab::LinkId link) const {
    return agreement_.learner_port().queued_bytes(link);
  }

  bool on_word(ClientConnection& from, std::string_view bytes) override;
  void on_connect(ClientConnection& from, const ConnectRequest& request) override;
  void on_request(ClientConnection& from, const RequestHeader& header, std::string_view body) override;
  void on_bad_frame(const ClientConnection& from, std::int32_t length, std::string_view bytes) override;
  bool admits_frame(const ClientConnection& from, std::int64_t bytes) override;
  [[nodiscard]] Turn begin_turn() const override { return Turn(core_.options.limits, core_.clock); }
  void on_bytes_processed(std::size_t bytes) override;
  [[nodiscard]] bool has_time(Demand demand) const override;
  void on_turn_needed(ClientConnection& from) override;
  void on_turn(ClientConnection& from) override { requests_.drain(from); }
  void on_output(ClientConnection& from) override;
  void on_too_many_bytes() override;
  void on_drained(ClientConnection& from) override;
  void on_closed(ClientConnection& from, std::string_view why) override;

 private:
  std::expected<void, StartError> bind_ports();
  // Makes sure, as far as possible, that no other server uses the directories.
  std::expected<void, StartError> refuse_other_servers();
  std::expected<void, StartError> recover_and_serve();
  void make_storage();
  // Alone: serves. In an ensemble: looks for the others.
  std::expected<void, StartError> begin(Recovery recovery);
  std::expected<void, StartError> begin_alone();
  std::expected<void, StartError> begin_in_ensemble(Recovery recovery);
  void accept_clients();
  // Clients are served from now on, as this role can.
  void serve(Role role);
  // There is no leader any more: clients must look for another server.
  void stop_serving();
  // Disconnects the clients and proposes nothing more. `why`: for the log.
  void rest(std::string_view why);
  void serve_restored(std::uint64_t generation);
  void set_configuration_node();
  // leaderServes=no: a leader leaves all clients to its learners.
  [[nodiscard]] bool may_serve_here() const;

  void on_append(const zab::AppendLog& append) override;
  void on_decided(zab::Effect&& effect) override;
  void on_event_end() override;
  std::string on_ping(Zxid proposed) override;
  void on_leader_link_closed() override;
  void on_learner_link_closed(zab::LinkId link) override;
  void on_failed(std::string why) override { fail(ExitCode::unexpected, why); }
  void carry_out(zab::Effect& effect);
  void on_packet(const zab::PassToServer& passed);
  // Lets queued requests leave the throttle, as many as one event has time for.
  void admit_throttled();
  void close_overdue_later();
  // Schedules the next waiting connection's turn. Other events are processed between two turns.
  void schedule_turn();
  // At the end of an event outputs are sent and closed connections are destroyed.
  void end_event();
  void end_event_later();
  void fail(ExitCode code, std::string_view why);

  OnFatal on_fatal_;
  Core core_;
  Agreement agreement_;
  Connections connections_;
  Proposer proposer_;
  Requests requests_;
  LearnerRequests learner_requests_;
  ClientSessions sessions_;
  Containers containers_;
  RequestAuth request_auth_;
  Throttle throttle_;
  LongAnswers long_answers_;
  DecidedEffects decided_;
  Exactness exactness_;
  WordResponder* word_responder_ = nullptr;
  std::unique_ptr<store::DataDirs> dirs_;
  std::unique_ptr<Journal> journal_;
  std::unique_ptr<DiskSpaceMonitor> disk_space_;
  MemoryMonitor memory_;
  std::unique_ptr<Snapshots> snapshots_;
  std::unique_ptr<Archiver> archiver_;       // with an archive only
  std::unique_ptr<StateTransfer> transfer_;  // ensemble only
  std::unique_ptr<Restore> restore_;         // without an ensemble only
  std::vector<std::unique_ptr<env::Listener>> listeners_;
  std::unique_ptr<env::Timer> overdue_timer_;
  std::unique_ptr<env::Timer> watch_timer_;  // for a log that another server may be writing
  bool running_ = false;                     // recovered, and neither stopped nor failed
  bool serving_ = false;
  bool has_served_ = false;
  bool is_fresh_ = false;  // recovery found no database
  std::size_t event_bytes_ = 0;
  std::int64_t event_began_us_ = 0;  // valid while end_call_ is pending
  std::deque<ConnectionId> waiting_for_turn_;
  std::int64_t started_ms_ = 0;
  std::int64_t unavailable_since_ms_ = 0;
  env::PostedCall end_call_;
  env::PostedCall turn_call_;
};

}  // namespace quoll::server
