#include "server/server.h"

#include "base/utf8.h"
#include "server/bad_frame.h"
#include "server/recovery.h"
#include "wire/client_frames.h"

namespace quoll::server {

namespace {
constexpr std::int64_t kOverdueCheckMs = 1000;
// So long a log is watched that another server may be writing.
constexpr std::int64_t kWatchMs = 1000;
}  // namespace

Server::Server(env::Env& env, Options options, OnFatal on_fatal)
    : on_fatal_(std::move(on_fatal)),
      core_(env, std::move(options)),
      connections_(core_, *this),
      requests_(core_, connections_,
                {[this](zab::Effects& effects) { execute(effects); },
                 [this](ClientConnection& connection) { sessions_.on_established(connection); },
                 [this](SessionId session) { sessions_.on_closed(session); }}),
      sessions_(core_, connections_, requests_),
      containers_(core_, requests_),
      request_auth_(core_),
      throttle_(core_),
      long_answers_(core_, connections_) {}

Server::~Server() {
  stop();
}

std::expected<void, StartError> Server::start() {
  auto dirs = store::DataDirs::look(core_.env.disk, core_.options.store);
  if (!dirs) return std::unexpected(StartError{ExitCode::data_dir, dirs.error()});
  dirs_ = std::make_unique<store::DataDirs>(std::move(*dirs));
  if (auto taken = bind_ports(); !taken) return taken;
  if (auto alone = refuse_other_servers(); !alone) return alone;
  if (!dirs_->was_just_written(core_.env.clock.wall_ms())) return recover_and_serve();
  core_.env.log.info("{} was written a moment ago, by another server; watching for {} ms whether it still is",
                     dirs_->log_dir(), kWatchMs);
  watch_timer_ = core_.env.timers.after(kWatchMs, [this] {
    auto done = refuse_other_servers();
    if (done) done = recover_and_serve();
    if (!done) fail(done.error().code, done.error().text);
  });
  return {};
}

// Binds the ports, so that no other process can. Connections wait until serve().
std::expected<void, StartError> Server::bind_ports() {
  for (const env::ListenOptions& port : core_.options.client_ports) {
    auto listener = core_.env.network.listen(
        port, [this](std::unique_ptr<env::Connection> transport) { return connections_.accept(std::move(transport)); });
    if (!listener) return std::unexpected(StartError{ExitCode::unexpected, listener.error()});
    listeners_.push_back(std::move(*listener));
  }
  return {};
}

std::expected<void, StartError> Server::refuse_other_servers() {
  auto alone = dirs_->refuse_other_users(core_.env.log);
  if (alone) alone = dirs_->refuse_changed();
  if (!alone) return std::unexpected(StartError{ExitCode::data_dir, alone.error()});
  return {};
}

std::expected<void, StartError> Server::recover_and_serve() {
  if (auto taken = dirs_->take_over(core_.env.log); !taken)
    return std::unexpected(StartError{ExitCode::data_dir, taken.error()});
  auto recovery = recover_state(core_, *dirs_);
  if (!recovery) return std::unexpected(StartError{ExitCode::unexpected, recovery.error()});
  core_.state = std::move(*recovery->state);
  core_.recovered_czxid_max = recovery->czxid_max;
  make_storage();
  if (!recovery->is_fresh) {
    // Every start takes a snapshot, as in Apache, so that the next start replays little.
    if (!core_.snapshots_are_off) snapshots_->take();
    return serve();
  }
  // A directory with a log must have a snapshot, so an empty server does not serve before its first snapshot is on
  // stable storage.
  snapshots_->take([this](const std::expected<void, env::DiskError>& result) {
    if (!result)
      return fail(ExitCode::snapshot,
                  "The first snapshot cannot be written: " + result.error().text + ". Check dataDir");
    if (const auto serving = serve(); !serving) fail(serving.error().code, serving.error().text);
  });
  return {};
}

void Server::make_storage() {
  core_.peer.emplace(core_.options.session_server, core_.state.last_processed);
  journal_ = std::make_unique<Journal>(
      core_.env, dirs_->log_dir(), core_.options.store, core_.state.last_processed, core_.options.fsync_warning_ms,
      core_.stats,
      Journal::Listener{[this](const zab::LogFlushed& flushed) { on_flushed(flushed); },
                        [this](const env::DiskError& error) {
                          fail(ExitCode::unexpected,
                               "The transaction log cannot be written: " + error.text +
                                   ". Nothing more is acknowledged; free or repair the disk and start again.");
                        },
                        [this](const env::DiskError& error) { disk_space_->on_disk_full(error); }});
  disk_space_ = std::make_unique<DiskSpaceMonitor>(core_, *dirs_, *journal_);
  disk_space_->start();
  snapshots_ = std::make_unique<Snapshots>(core_, *dirs_, *journal_);
}

std::expected<void, StartError> Server::serve() {
  if (core_.options.session_passwords == Options::random) {
    auto secret = store::session_secret(core_.env.disk, dirs_->snapshot_dir(), session::Passwords::kSecretBytes,
                                        core_.options.secret_source);
    if (!secret) return std::unexpected(StartError{ExitCode::unexpected, secret.error()});
    sessions_.set_passwords(session::Passwords(std::move(*secret)));
  }
  serving_ = true;
  snapshots_->start_purging();
  sessions_.start();
  containers_.start();
  started_ms_ = core_.env.clock.elapsed_ms();
  close_overdue_later();
  for (std::size_t i = 0; i < listeners_.size(); ++i) {
    const env::ListenOptions& port = core_.options.client_ports[i];
    core_.env.log.info("Listening for clients on {}:{}{}", port.host.empty() ? "0.0.0.0" : port.host,
                       listeners_[i]->local().port,
                       port.security == env::Security::plain ? ""
                       : port.security == env::Security::tls ? " (TLS)"
                                                             : " (TLS or plain)");
    listeners_[i]->start_accepting();
  }
  return {};
}

void Server::stop() {
  serving_ = false;
  watch_timer_.reset();
  listeners_.clear();
  connections_.close_all();
  decided_.clear();
  snapshots_.reset();
  disk_space_.reset();
  journal_.reset();
}

void Server::fail(ExitCode code, std::string_view why) {
  serving_ = false;
  ++core_.stats.metrics.unrecoverable_errors;
  core_.env.log.error("{}", why);
  on_fatal_(code, why);
}

void Server::close_overdue_later() {
  overdue_timer_ = core_.env.timers.after(kOverdueCheckMs, [this] {
    connections_.close_overdue();
    long_answers_.close_overdue();
    end_event();
    close_overdue_later();
  });
}

bool Server::on_word(ClientConnection& from, std::string_view bytes) {
  const std::string_view word = bytes.substr(0, 4);
  if (word_responder_ == nullptr || !word_responder_->knows(word)) return false;
  // Counted before the answer, which may contain the count.
  from.count_received(word.size());
  if (auto answer = word_responder_->long_answer(word, from.transport().peer())) {
    long_answers_.begin(from, word, std::move(answer));
    return true;
  }
  const std::string answer = word_responder_->answer(word, bytes.substr(4), from.transport().peer());
  if (answer.empty()) {
    from.drop("a four-letter word without an answer");
    return true;
  }
  from.output() += answer;
  from.count_sent((static_cast<std::int64_t>(answer.size()) + kWordPacketBytes - 1) / kWordPacketBytes);
  from.close_after_replies();
  return true;
}

void Server::on_connect(ClientConnection& from, const ConnectRequest& request) {
  end_event_later();
  if (!serving_) {
    ++core_.stats.metrics.refused_while_not_serving;
    return from.drop("the server is not serving yet, or not any more");
  }
  ConnectionThrottle& throttle = throttle_.connections();
  const int tokens = request.session_id == 0 ? throttle.tokens_for_new_session() : throttle.tokens_for_renewal();
  const double dice = static_cast<double>(core_.env.random.below(1 << 30)) / (1 << 30);
  if (!throttle.admits(tokens, core_.env.clock.elapsed_ms(), dice)) {
    ++core_.stats.metrics.connections_rejected;
    return from.drop("connection_throttle_tokens allows no more sessions now");
  }
  core_.stats.metrics.connection_token_deficit.add(throttle.deficit());
  ++core_.stats.metrics.connection_requests;
  if (request_auth_.admit_transport(from)) sessions_.on_connect(from, request);
}

void Server::on_request(ClientConnection& from, const RequestHeader& header, std::string_view body) {
  end_event_later();
  if (!serving_) return;
  if (request_auth_.handled(from, header, body)) return;
  if (throttle_.keeps(from, header, body, requests_.in_progress())) return;
  requests_.submit(from, header, body, from.identities.size());
}

void Server::on_bad_frame(const ClientConnection& from, std::int32_t length, std::string_view bytes) {
  core_.env.log.warn(
      "{}", bad_frame_line(from.transport().peer(), from.session, length, bytes, core_.options.limits.frame_bytes_max));
}

bool Server::admits_frame(const ClientConnection&, std::int64_t bytes) {
  const Limits& limits = core_.options.limits;
  if (limits.large_request_bytes < 0 || bytes <= limits.large_request_bytes) return true;
  if (requests_.large_bytes() + bytes <= limits.large_requests_bytes_max) return true;
  ++core_.stats.metrics.large_requests_rejected;
  return false;
}

void Server::on_bytes_processed(std::size_t bytes) {
  event_bytes_ += bytes;
  if (bytes > 0) end_event_later();
}

void Server::on_turn_needed(ClientConnection& from) {
  waiting_for_turn_.push_back(from.id());
  schedule_turn();
}

void Server::on_drained(ClientConnection& from) {
  requests_.drain(from);
  long_answers_.on_drained(from.id());
}

bool Server::has_time(Demand demand) const {
  const Limits& limits = core_.options.limits;
  if (!end_call_.is_pending()) return true;  // nothing has happened in this event
  const std::int64_t took_us = core_.env.clock.elapsed_us() - event_began_us_;
  if (demand == Demand::small) return took_us < limits.full_event_us;
  return event_bytes_ < limits.event_bytes && took_us < limits.event_us;
}

void Server::schedule_turn() {
  if (waiting_for_turn_.empty()) return;
  turn_call_.post(core_.env.timers, [this] {
    if (waiting_for_turn_.empty()) return;
    const ConnectionId next = waiting_for_turn_.front();
    waiting_for_turn_.pop_front();
    if (ClientConnection* const connection = connections_.find(next)) connection->take_turn();
    schedule_turn();
  });
}

void Server::on_output(ClientConnection& from) {
  connections_.note_output(from);
  end_event_later();
}

void Server::on_too_many_bytes() {
  connections_.cut_off_largest();
  end_event_later();
}

void Server::on_closed(ClientConnection& from, std::string_view why) {
  requests_.forget(from);
  request_auth_.forget(from.id());
  long_answers_.forget(from.id());
  connections_.remove(from, why);
  end_event_later();
}

void Server::execute(zab::Effects& effects) {
  // After a failure nothing is executed any more; the process is about to end.
  if (!serving_) return;
  for (zab::Effect& effect : effects) {
    if (const auto* const append = std::get_if<zab::AppendLog>(&effect)) {
      journal_->append(append->zxid, *append->record);
      disk_space_->on_append(append->record->size());
      snapshots_->on_append(append->record->size());
    } else if (auto* const delivery = std::get_if<zab::Deliver>(&effect)) {
      decided_.push_back(std::move(*delivery));
    }
  }
}

void Server::deliver_some() {
  const std::int64_t began_us = core_.env.clock.elapsed_us();
  while (serving_ && !decided_.empty()) {
    const zab::Deliver delivery = std::move(decided_.front());
    decided_.pop_front();
    requests_.deliver(delivery);
    if (core_.env.clock.elapsed_us() - began_us >= core_.options.limits.event_us) break;
  }
  if (!decided_.empty()) deliver_call_.post(core_.env.timers, [this] { deliver_some(); });
  end_event();
}

void Server::on_flushed(const zab::LogFlushed& flushed) {
  if (!serving_) return;
  zab::Effects effects;
  core_.peer->step(core_.env.clock.elapsed_ms(), flushed, effects);
  execute(effects);
  deliver_some();
}

void Server::end_event_later() {
  if (end_call_.is_pending()) return;
  event_began_us_ = core_.env.clock.elapsed_us();
  end_call_.post(core_.env.timers, [this] { end_event(); });
}

void Server::admit_throttled() {
  const std::int64_t began_us = core_.env.clock.elapsed_us();
  while (auto waiter = throttle_.next(requests_.in_progress())) {
    ClientConnection* const from = connections_.find(waiter->connection);
    if (from == nullptr) continue;
    throttle_.note_left(*from, waiter->body.size());
    if (from->phase() != ClientConnection::Phase::serving) continue;
    if (throttle_.is_too_late(*waiter)) {
      requests_.refuse(*from, waiter->header, Error::throttled_op);
    } else {
      requests_.submit(*from, waiter->header, waiter->body, waiter->identities);
    }
    if (core_.env.clock.elapsed_us() - began_us >= core_.options.limits.turn_us) return end_event_later();
  }
}

void Server::end_event() {
  if (serving_) {
    admit_throttled();
    throttle_.release_held(connections_);
    requests_.release_held();
  }
  connections_.flush_outputs();
  connections_.drop_cut_off();
  connections_.destroy_closed();
  event_bytes_ = 0;
}

}  // namespace quoll::server
