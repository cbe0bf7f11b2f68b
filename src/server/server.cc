// The life of a server: its parts, its start, the roles in which it serves, its end. What happens in between is in
// server_events.cc.
#include "server/server.h"

#include <algorithm>
#include <utility>

#include "server/recovery.h"
#include "store/epoch_files.h"
#include "types/path.h"
#include "types/quorum_packets.h"
#include "wire/quorum_frames.h"

namespace quoll::server {

namespace {
constexpr std::int64_t kOverdueCheckMs = 1000;
// So long a log is watched that another server may be writing.
constexpr std::int64_t kWatchMs = 1000;

zab::ServerPacket forwarded(const Requests::ForwardedRequest& request) {
  return {static_cast<std::int32_t>(QuorumPacketType::request), Zxid{-1},
          wire::encode_forwarded_request(
              {request.session.value(), request.cxid, static_cast<std::int32_t>(request.op), request.body}),
          std::vector<Id>(request.identities.begin(), request.identities.end())};
}

zab::ServerPacket revalidation(SessionId id, std::int32_t timeout_ms) {
  return {static_cast<std::int32_t>(QuorumPacketType::revalidate), Zxid{-1},
          wire::encode_session_touch({id.value(), timeout_ms})};
}

zab::Configuration configuration_of(const EnsembleOptions& ensemble) {
  std::vector<zab::Member> members;
  for (const EnsembleMember& each : ensemble.members) members.push_back(each.member);
  return {ensemble.has_groups ? zab::QuorumVerifier::hierarchical(members, ensemble.version, ensemble.text)
                              : zab::QuorumVerifier::majority(members, ensemble.version, ensemble.text),
          nullptr};
}

}  // namespace

Server::Server(env::Env& env, Options options, OnFatal on_fatal)
    : on_fatal_(std::move(on_fatal)),
      core_(env, std::move(options)),
      agreement_(core_, *this),
      connections_(core_, *this),
      proposer_(core_, [this](Zxid zxid, zab::Record record,
                              std::int64_t now_us) { agreement_.propose(zxid, std::move(record), now_us); }),
      requests_(core_, connections_, proposer_,
                {[this](const Requests::ForwardedRequest& request) { agreement_.send_to_leader(forwarded(request)); },
                 [this](ClientConnection& connection) { sessions_.on_established(connection); },
                 [this](SessionId session) { sessions_.on_closed(session); }}),
      learner_requests_(
          core_, connections_, proposer_,
          [this](zab::LinkId link, zab::ServerPacket packet) { agreement_.send_to_learner(link, std::move(packet)); }),
      sessions_(
          core_, connections_, requests_,
          [this](SessionId id, std::int32_t timeout_ms) { agreement_.send_to_leader(revalidation(id, timeout_ms)); }),
      containers_(core_, requests_),
      request_auth_(core_, core_.stats),
      throttle_(core_, core_.stats.metrics),
      long_answers_(core_, connections_),
      decided_(core_, {[this](zab::Effect& effect) { carry_out(effect); },
                       [this] { return running_ && !requests_.events_are_behind(); }, [this] { end_event(); }}),
      exactness_(core_.state),
      memory_(core_) {}

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

// Binds the ports, so that no other process can. Connections wait until accept_clients().
std::expected<void, StartError> Server::bind_ports() {
  for (const env::ListenOptions& port : core_.options.client_ports) {
    auto listener = core_.env.network.listen(
        port, [this](std::unique_ptr<env::Connection> transport) { return connections_.accept(std::move(transport)); });
    if (!listener) return std::unexpected(StartError{ExitCode::unexpected, listener.error()});
    listeners_.push_back(std::move(*listener));
  }
  if (auto bound = agreement_.bind(); !bound) return std::unexpected(StartError{ExitCode::unexpected, bound.error()});
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
  core_.recovered_session_max = recovery->session_max;
  is_fresh_ = recovery->is_fresh;
  make_storage();
  running_ = true;
  if (!is_fresh_) return begin(std::move(*recovery));
  // A directory with a log must have a snapshot, so an empty server does not serve before its first snapshot is on
  // stable storage.
  snapshots_->take([this, recovery = std::move(*recovery)](const std::expected<void, env::DiskError>& result) mutable {
    if (!result)
      return fail(ExitCode::snapshot,
                  "The first snapshot cannot be written: " + result.error().text + ". Check dataDir");
    if (recovery.was_initialized) {
      if (auto removed = dirs_->remove_initialize_marker(); !removed)
        return fail(ExitCode::data_dir, "The file that allows an empty database cannot be removed: " +
                                            removed.error().text + ". It is valid once: remove it");
    }
    if (const auto begun = begin(std::move(recovery)); !begun) fail(begun.error().code, begun.error().text);
  });
  return {};
}

void Server::make_storage() {
  journal_ = std::make_unique<Journal>(
      core_.env, dirs_->log_dir(), core_.options.store, core_.state.last_processed, core_.options.fsync_warning_ms,
      core_.stats,
      Journal::Listener{[this](const zab::LogFlushed& flushed) {
                          if (running_) agreement_.tell(flushed);
                        },
                        [this](const env::DiskError& error) {
                          fail(ExitCode::unexpected,
                               "The transaction log cannot be written: " + error.text +
                                   ". Nothing more is acknowledged; free or repair the disk and start again.");
                        },
                        [this](const env::DiskError& error) { disk_space_->on_disk_full(error); }});
  disk_space_ = std::make_unique<DiskSpaceMonitor>(core_, *dirs_, *journal_);
  disk_space_->start();
  memory_.start();
  snapshots_ = std::make_unique<Snapshots>(core_, *dirs_, *journal_);
}

std::expected<void, StartError> Server::begin(Recovery recovery) {
  if (core_.options.session_passwords == Options::random) {
    auto secret = store::session_secret(core_.env.disk, dirs_->snapshot_dir(), session::Passwords::kSecretBytes,
                                        core_.options.secret_source);
    if (!secret) return std::unexpected(StartError{ExitCode::unexpected, secret.error()});
    sessions_.set_passwords(session::Passwords(std::move(*secret)));
  }
  if (!core_.options.snapshots.archive_dir.empty()) archiver_ = std::make_unique<Archiver>(core_, *dirs_);
  snapshots_->start_purging();
  if (auto started = sessions_.start(dirs_->snapshot_dir()); !started)
    return std::unexpected(StartError{ExitCode::unexpected, started.error()});
  close_overdue_later();
  return core_.options.ensemble ? begin_in_ensemble(std::move(recovery)) : begin_alone();
}

std::expected<void, StartError> Server::begin_alone() {
  restore_ = std::make_unique<Restore>(
      core_, *dirs_, *journal_, *snapshots_,
      Restore::Callbacks{[this] { rest("the state of this server is being replaced"); },
                         [this](std::uint64_t generation) { serve_restored(generation); },
                         [this](const std::string& why) { fail(ExitCode::unexpected, why); }});
  agreement_.run_alone(core_.state.last_processed);
  serve(Role::leader);
  accept_clients();
  return {};
}

void Server::serve_restored(std::uint64_t generation) {
  agreement_.run_alone(core_.state.last_processed, generation);
  serve(Role::leader);
  if (!core_.snapshots_are_off) snapshots_->take();
}

std::expected<void, StartError> Server::begin_in_ensemble(Recovery recovery) {
  std::vector<std::string> reports;
  const auto epochs = store::load_epochs(core_.env.disk, dirs_->snapshot_dir(), core_.state.last_processed, reports);
  if (!epochs) return std::unexpected(StartError{ExitCode::data_dir, epochs.error()});
  for (const std::string& report : reports) core_.env.log.warn("{}", report);
  const EnsembleOptions& ensemble = *core_.options.ensemble;
  transfer_ = std::make_unique<StateTransfer>(core_, *dirs_, *journal_, *snapshots_, agreement_,
                                              [this](const std::string& why) { fail(ExitCode::unexpected, why); });
  zab::MemberState member{
      ensemble.self,    configuration_of(ensemble),
      ensemble.times,   zab::History(core_.state.last_processed, std::move(recovery.newest), ensemble.history),
      epochs->accepted, epochs->current};
  member.is_complete = !recovery.is_suspect;
  member.counter_max = ensemble.epoch_transactions_max;
  const zab::Peer::Trust trust{.may_lead = !recovery.may_lack_acknowledged};
  unavailable_since_ms_ = core_.env.clock.elapsed_ms();
  core_.env.log.info("Server {} of an ensemble of {}: looking for a leader", ensemble.self.value(),
                     ensemble.members.size());
  // Clients learn at once that they must look for another server.
  accept_clients();
  agreement_.join(std::move(member), trust, dirs_->snapshot_dir());
  return {};
}

void Server::accept_clients() {
  for (std::size_t i = 0; i < listeners_.size(); ++i) {
    const env::ListenOptions& port = core_.options.client_ports[i];
    core_.env.log.info("Listening for clients on {}:{}{}", port.host.empty() ? "0.0.0.0" : port.host,
                       listeners_[i]->local().port,
                       port.security == env::Security::plain ? ""
                       : port.security == env::Security::tls ? " (TLS)"
                                                             : " (TLS or plain)");
    listeners_[i]->start_accepting();
  }
}

void Server::serve(Role role) {
  core_.role = role;
  core_.preparer.forget();
  // A leader has applied all that was ever committed.
  if (role == Role::leader) exactness_.expect_at(core_.state.last_processed);
  set_configuration_node();
  // Every start takes a snapshot, as in Apache, so that the next start replays little. In an ensemble it waits until
  // the history is known to be committed: before that a part of it may still be cut off.
  if (!std::exchange(has_served_, true) && !is_fresh_ && !core_.snapshots_are_off) snapshots_->take();
  started_ms_ = core_.env.clock.elapsed_ms();
  if (core_.options.ensemble) {
    Metrics& metrics = core_.stats.metrics;
    metrics.unavailable_ms.add(started_ms_ - unavailable_since_ms_);
    if (role == Role::leader) metrics.leader_unavailable_ms.add(started_ms_ - unavailable_since_ms_);
  }
  serving_ = true;
  sessions_.serve();
  if (role == Role::leader) {
    sessions_.lead();
    containers_.start();
  }
}

void Server::stop_serving() {
  if (core_.role == Role::none) return;
  core_.env.log.info("Clients are not served until there is a leader: {}",
                     core_.peer->looking() == nullptr ? "" : core_.peer->looking()->why);
  rest("this server has lost its leader, or its lead");
}

void Server::rest(std::string_view why) {
  serving_ = false;
  unavailable_since_ms_ = core_.env.clock.elapsed_ms();
  exactness_.forget();
  connections_.drop_all(why);
  core_.role = Role::none;
  containers_.stop();
  sessions_.rest();
  requests_.forget_forwarded();
  learner_requests_.forget();
  core_.preparer.forget();
  end_event_later();
}

// Each member has it from its own configuration; it is no part of the history (ZKDatabase.initConfigInZKDatabase).
void Server::set_configuration_node() {
  if (!core_.options.ensemble) return;
  tree::Tree& tree = core_.state.tree;
  const EnsembleOptions& ensemble = *core_.options.ensemble;
  if (const tree::NodeId node = tree.find(path::kConfig); node != tree::kNoNode)
    tree.set_data(path::kConfig, node, base::NullableView(ensemble.text), -1, ensemble.version,
                  core_.env.clock.wall_ms());
}

void Server::stop() {
  running_ = serving_ = false;
  watch_timer_.reset();
  listeners_.clear();
  connections_.close_all();
  sessions_.stop();
  agreement_.stop();
  decided_.clear();
  transfer_.reset();
  restore_.reset();
  archiver_.reset();
  snapshots_.reset();
  disk_space_.reset();
  journal_.reset();
}

void Server::fail(ExitCode code, std::string_view why) {
  running_ = serving_ = false;
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

}  // namespace quoll::server
