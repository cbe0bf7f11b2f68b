// One member of an ensemble: it turns events of the world into steps of the state machine and the agreement, and their
// effects into calls. Standalone it is an ensemble of one; the way of a write is the same.
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
#include "server/disk_room.h"
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

// Answers four-letter words from what the server knows.
class WordDesk {
 public:
  virtual ~WordDesk() = default;
  // False: these four bytes are no word, so they are the length of a frame.
  [[nodiscard]] virtual bool knows(std::string_view word) const = 0;
  // nullptr: the answer is short, or none is given; ask answer().
  virtual std::unique_ptr<LongAnswer> long_answer(std::string_view, const env::Address&) { return nullptr; }
  // `rest` are the bytes that came behind a word that it knows. An empty answer: none is sent, the connection is just
  // closed.
  virtual std::string answer(std::string_view word, std::string_view rest, const env::Address& from) = 0;
};

class Server : public FrontDesk {
 public:
  // Called when the server can't go on: the process must end with this code.
  using OnFatal = std::function<void(ExitCode, std::string_view why)>;

  Server(env::Env& env, Options options, OnFatal on_fatal);
  ~Server() override;

  // It is asked for as long as the server has connections.
  void set_word_desk(WordDesk& desk) { word_desk_ = &desk; }
  void set_sasl(SaslFactory factory) { request_auth_.set_sasl(std::move(factory)); }

  // Looks at the data directories, takes the client ports, and makes sure that no other server has the directories;
  // then it recovers, and serves. Nothing on disk is changed before that is sure. What can't be said at once, because a
  // log must be watched for a while or a first snapshot be written, is told through OnFatal.
  std::expected<void, StartError> start();
  // Stops taking requests; what is in the log stays there, sessions stay valid.
  void stop();

  // For status and metrics: read only.
  [[nodiscard]] Core& core() { return core_; }
  [[nodiscard]] Connections& connections() { return connections_; }
  [[nodiscard]] Requests& requests() { return requests_; }
  [[nodiscard]] Journal* journal() { return journal_.get(); }
  [[nodiscard]] Snapshots* snapshots() { return snapshots_.get(); }
  [[nodiscard]] Throttle& throttle() { return throttle_; }
  // In the order of the options' client ports.
  [[nodiscard]] const std::vector<std::unique_ptr<env::Listener>>& listeners() const { return listeners_; }
  [[nodiscard]] bool is_serving() const { return serving_; }
  [[nodiscard]] std::int64_t started_ms() const { return started_ms_; }

  bool on_word(ClientConnection& from, std::string_view bytes) override;
  void on_connect(ClientConnection& from, const ConnectRequest& request) override;
  void on_request(ClientConnection& from, const RequestHeader& header, std::string_view body) override;
  void on_bad_frame(const ClientConnection& from, std::int32_t length, std::string_view bytes) override;
  bool admits_frame(const ClientConnection& from, std::int64_t bytes) override;
  [[nodiscard]] Turn begin_turn() const override { return Turn(core_.options.limits, core_.env.clock); }
  void on_work(std::size_t bytes) override;
  [[nodiscard]] bool has_time(Demand demand) const override;
  void on_more(ClientConnection& from) override;
  void on_turn(ClientConnection& from) override { requests_.drain(from); }
  void on_output(ClientConnection& from) override;
  void on_flood() override;
  void on_room(ClientConnection& from) override;
  void on_gone(ClientConnection& from, std::string_view why) override;

 private:
  std::expected<void, StartError> take_ports();
  // The directories are ours alone, as far as can be known.
  std::expected<void, StartError> be_alone();
  std::expected<void, StartError> recover_and_serve();
  void make_storage();
  std::expected<void, StartError> serve();
  void carry_out(zab::Effects& effects);
  void on_flushed(const zab::LogFlushed& flushed);
  // Applies transactions that are decided, as many as one event has time for.
  void deliver_some();
  // Requests leave the throttle, as many as one event has time for.
  void let_requests_go_on();
  void sweep_later();
  // The next one of those who have more gets its turn; between two turns the loop looks after everybody else.
  void give_turn_later();
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
  WordDesk* word_desk_ = nullptr;
  std::unique_ptr<store::DataDirs> dirs_;
  std::unique_ptr<Journal> journal_;
  std::unique_ptr<DiskRoom> room_;
  std::unique_ptr<Snapshots> snapshots_;
  std::vector<std::unique_ptr<env::Listener>> listeners_;
  std::unique_ptr<env::Timer> sweep_timer_;
  std::unique_ptr<env::Timer> watch_timer_;  // of a log that another server may be writing
  bool serving_ = false;
  std::size_t event_bytes_ = 0;
  std::int64_t event_began_us_ = 0;  // valid while end_call_ is pending
  std::deque<ConnectionId> have_more_;
  std::deque<zab::Deliver> decided_;
  std::int64_t started_ms_ = 0;
  env::PostedCall end_call_;
  env::PostedCall turn_call_;
  env::PostedCall deliver_call_;
};

}  // namespace quoll::server
