// One server of an ensemble: turns external events into steps of the state machine and of the agreement protocol, and
// executes their effects. A standalone server is an ensemble of one; writes take the same path.
#pragma once

#include <deque>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "env/posted_call.h"
#include "server/client_sessions.h"
#include "server/connections.h"
#include "server/containers.h"
#include "server/core.h"
#include "server/disk_space_monitor.h"
#include "server/journal.h"
#include "server/long_answers.h"
#include "server/request_auth.h"
#include "server/requests.h"
#include "server/snapshots.h"
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

class Server : public RequestHandler {
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

  // Read-only access for status and metrics.
  [[nodiscard]] Core& core() { return core_; }
  [[nodiscard]] Connections& connections() { return connections_; }
  [[nodiscard]] Requests& requests() { return requests_; }
  [[nodiscard]] Journal* journal() { return journal_.get(); }
  [[nodiscard]] Snapshots* snapshots() { return snapshots_.get(); }
  [[nodiscard]] Throttle& throttle() { return throttle_; }
  // In the order of the client ports in the options.
  [[nodiscard]] const std::vector<std::unique_ptr<env::Listener>>& listeners() const { return listeners_; }
  [[nodiscard]] bool is_serving() const { return serving_; }
  [[nodiscard]] std::int64_t started_ms() const { return started_ms_; }

  bool on_word(ClientConnection& from, std::string_view bytes) override;
  void on_connect(ClientConnection& from, const ConnectRequest& request) override;
  void on_request(ClientConnection& from, const RequestHeader& header, std::string_view body) override;
  void on_bad_frame(const ClientConnection& from, std::int32_t length, std::string_view bytes) override;
  bool admits_frame(const ClientConnection& from, std::int64_t bytes) override;
  [[nodiscard]] Turn begin_turn() const override { return Turn(core_.options.limits, core_.env.clock); }
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
  std::expected<void, StartError> serve();
  void execute(zab::Effects& effects);
  void on_flushed(const zab::LogFlushed& flushed);
  // Applies committed transactions, as many as one event has time for.
  void deliver_some();
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
  Connections connections_;
  Requests requests_;
  ClientSessions sessions_;
  Containers containers_;
  RequestAuth request_auth_;
  Throttle throttle_;
  LongAnswers long_answers_;
  WordResponder* word_responder_ = nullptr;
  std::unique_ptr<store::DataDirs> dirs_;
  std::unique_ptr<Journal> journal_;
  std::unique_ptr<DiskSpaceMonitor> disk_space_;
  std::unique_ptr<Snapshots> snapshots_;
  std::vector<std::unique_ptr<env::Listener>> listeners_;
  std::unique_ptr<env::Timer> overdue_timer_;
  std::unique_ptr<env::Timer> watch_timer_;  // for a log that another server may be writing
  bool serving_ = false;
  std::size_t event_bytes_ = 0;
  std::int64_t event_began_us_ = 0;  // valid while end_call_ is pending
  std::deque<ConnectionId> waiting_for_turn_;
  std::deque<zab::Deliver> decided_;
  std::int64_t started_ms_ = 0;
  env::PostedCall end_call_;
  env::PostedCall turn_call_;
  env::PostedCall deliver_call_;
};

}  // namespace quoll::server
