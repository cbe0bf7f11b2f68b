#include "server/agreement.h"

#include <algorithm>
#include <ranges>
#include <utility>

#include "base/check.h"
#include "store/epoch_files.h"

namespace quoll::server {

namespace {

quorum::Options ports_of(const EnsembleOptions& ensemble) {
  quorum::Options options;
  options.self = ensemble.self;
  options.listen_on_all = ensemble.listens_on_all_addresses;
  options.connect_timeout_ms = ensemble.connect_timeout_ms;
  options.accepts = ensemble.accepts;
  options.connects_with = ensemble.connects_with;
  options.authentication = ensemble.authentication;
  for (const EnsembleMember& member : ensemble.members) options.members[member.member.id] = {member.ports};
  return options;
}

store::EpochFile file_of(zab::EpochFile file) {
  return file == zab::EpochFile::accepted ? store::EpochFile::accepted : store::EpochFile::current;
}

}  // namespace

std::expected<void, std::string> Agreement::bind() {
  if (!core_.options.ensemble) return {};
  const EnsembleOptions& ensemble = *core_.options.ensemble;
  const bool has_sasl = ensemble.authentication != nullptr && ensemble.authentication->is_required;
  if (ensemble.accepts != env::Security::tls && !has_sasl)
    core_.env.log.warn(
        "Whoever reaches the quorum and election ports of this server can take part in the ensemble: let only the "
        "other servers reach them, or set sslQuorum or quorum.auth.serverRequireSasl");
  links_ = std::make_unique<Links>(core_.env, ports_of(ensemble), [this](const zab::Event& event) { tell(event); });
  if (auto bound = links_->mesh.bind(); !bound) return bound;
  return links_->learners.bind();
}

void Agreement::run_alone(Zxid last, std::uint64_t generation) {
  commit_times_.forget();
  core_.peer.emplace(core_.options.session_server, last, generation);
}

void Agreement::join(zab::MemberState state, zab::Peer::Trust trust, std::string epoch_dir) {
  epoch_dir_ = std::move(epoch_dir);
  epoch_worker_ = core_.env.workers.start("epochs");
  core_.peer.emplace(std::move(state), core_.options.ensemble->election, trust);
  links_->mesh.start();
  links_->learners.start();
  zab::Effects effects;
  core_.peer->start(core_.env.clock.elapsed_ms(), effects);
  execute(effects);
  listener_.on_event_end();
}

void Agreement::stop() {
  timer_.reset();
  epoch_worker_.reset();
  links_.reset();
}

void Agreement::tell(const zab::Event& event) {
  if (!core_.peer) return;
  if (const auto* const lost = std::get_if<zab::LearnerLost>(&event)) listener_.on_learner_link_closed(lost->link);
  zab::Effects effects;
  core_.peer->step(core_.clock.now_us() / 1000, event, effects);
  note_commits(effects);
  execute(effects);
  listener_.on_event_end();
}

void Agreement::propose(Zxid zxid, zab::Record record, std::int64_t received_us) {
  commit_times_.on_propose(zxid, received_us);
  zab::Effects effects;
  core_.peer->propose(zxid, std::move(record), effects);
  execute(effects);
}

void Agreement::send_to_learner(zab::LinkId link, zab::ServerPacket packet) {
  if (core_.peer->leading() == nullptr) return;
  zab::Effects effects;
  core_.peer->leading()->send(link, std::move(packet), effects);
  execute(effects);
}

void Agreement::send_to_leader(zab::ServerPacket packet) {
  links_->leader.send(zab::Packet(std::move(packet)));
}

void Agreement::execute(zab::Effects& effects) {
  QUOLL_CHECK(!is_executing_, "nothing that an effect does may tell the agreement something in the middle of it");
  is_executing_ = true;
  for (zab::Effect& effect : effects) std::visit([this](auto& each) { execute(each); }, effect);
  is_executing_ = false;
  note_election();
  if (links_ != nullptr) wake_later();
}

void Agreement::execute(zab::SendNotification& effect) {
  links_->mesh.send(effect.to, effect.notification);
}

void Agreement::execute(zab::DialLeader& effect) {
  links_->leader.dial(effect.leader, effect.delay_ms);
}

void Agreement::execute(zab::CloseLeaderLink&) {
  links_->leader.close();
  listener_.on_leader_link_closed();
}

void Agreement::execute(zab::SendToLeader& effect) {
  links_->leader.send(effect.packet);
}

void Agreement::execute(zab::AnswerPing& effect) {
  links_->leader.send(zab::Ping{effect.zxid, listener_.on_ping(effect.zxid)});
}

void Agreement::execute(zab::SendToLearner& effect) {
  links_->learners.send(effect.link, effect.packet);
}

void Agreement::execute(zab::CloseLearnerLink& effect) {
  links_->learners.close(effect.link, effect.why);
  listener_.on_learner_link_closed(effect.link);
}

void Agreement::execute(zab::PersistEpoch& effect) {
  auto result = std::make_shared<env::DiskResult<void>>();
  epoch_worker_->run(
      [result, effect, &disk = core_.env.disk, dir = epoch_dir_] {
        *result = store::write_epoch(disk, dir, file_of(effect.file), effect.epoch);
      },
      [this, result, effect] {
        if (!*result)
          return listener_.on_failed("The epoch file cannot be written: " + result->error().text +
                                     ". Free or repair the disk and start again");
        tell(zab::EpochPersisted{effect.file, effect.epoch});
      });
}

void Agreement::execute(zab::AppendLog& effect) {
  listener_.on_append(effect);
}

template <typename OfTheState>
void Agreement::execute(OfTheState& effect) {
  // Packets for this learner wait behind the snapshot from now on, whenever that begins.
  if constexpr (std::is_same_v<OfTheState, zab::StreamSnapshot>) links_->learners.begin_stream(effect.link);
  if constexpr (std::is_same_v<OfTheState, zab::ServeAs>) commit_times_.forget();
  listener_.on_decided(zab::Effect(std::move(effect)));
}

// What one event commits has one time.
void Agreement::note_commits(const zab::Effects& effects) {
  if (commit_times_.is_empty()) return;
  const auto is_delivery = [](const zab::Effect& effect) { return std::holds_alternative<zab::Deliver>(effect); };
  const auto newest = std::ranges::find_if(std::views::reverse(effects), is_delivery);
  if (newest == effects.rend()) return;
  commit_times_.on_commit(std::get<zab::Deliver>(*newest).zxid, core_.clock.last_us(), core_.stats.timings.commit);
}

void Agreement::note_election() {
  const bool is_looking = core_.peer->looking() != nullptr;
  if (is_looking == looking_since_ms_.has_value()) return;
  const std::int64_t now_ms = core_.env.clock.elapsed_ms();
  if (!is_looking) core_.stats.metrics.election_ms.add(now_ms - *looking_since_ms_);
  looking_since_ms_ = is_looking ? std::optional(now_ms) : std::nullopt;
}

void Agreement::wake_later() {
  const std::int64_t due_ms = core_.peer->next_deadline_ms();
  if (timer_ != nullptr && wakes_ms_ <= due_ms) return;
  const std::int64_t delay_ms = std::max<std::int64_t>(1, due_ms - core_.env.clock.elapsed_ms());
  wakes_ms_ = due_ms;
  timer_ = core_.env.timers.after(delay_ms, [this] {
    timer_.reset();
    tell(zab::Tick{});
  });
}

}  // namespace quoll::server
