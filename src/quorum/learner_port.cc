#include "quorum/learner_port.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>
#include <variant>

#include "base/utf8.h"
#include "quorum/translate.h"

namespace quoll::quorum {

namespace {

bool is_about(const zab::Event& event, zab::LinkId link) {
  if (const auto* const e = std::get_if<zab::LearnerConnected>(&event)) return e->link == link;
  if (const auto* const e = std::get_if<zab::LearnerLost>(&event)) return e->link == link;
  if (const auto* const e = std::get_if<zab::FromLearner>(&event)) return e->link == link;
  if (const auto* const e = std::get_if<zab::LearnerProgress>(&event)) return e->link == link;
  return false;
}

std::string name_of(const LearnerLink& link) {
  return link.learner() ? fmt::format("server {} at {}", link.learner()->value(), link.peer().host) : link.peer().host;
}

}  // namespace

LearnerPort::LearnerPort(env::Env& env, const Options& options, Tell tell)
    : env_(env), options_(options), events_(env.timers, std::move(tell)) {}

LearnerPort::~LearnerPort() = default;

std::expected<void, std::string> LearnerPort::bind() {
  return listeners_.bind(env_.network, options_, &PortPair::quorum_port, 0,
                         [this](std::unique_ptr<env::Connection> connection) { return accept(std::move(connection)); });
}

// ---- Links begin and end.

void LearnerPort::make_room_for_stranger() {
  const auto is_stranger = [](const auto& entry) { return !entry.second.link->learner(); };
  if (std::cmp_less(std::ranges::count_if(links_, is_stranger), options_.unauthenticated_max)) return;
  on_ended(*std::ranges::find_if(links_, is_stranger)->second.link,
           "too many connections have not said who they are, and it is the oldest of them");
}

env::ConnectionHandler* LearnerPort::accept(std::unique_ptr<env::Connection> connection) {
  make_room_for_stranger();
  const zab::LinkId id{++last_id_};
  Entry entry{
      std::make_unique<LearnerLink>(id, static_cast<LearnerLink::Owner&>(*this), options_, std::move(connection)),
      nullptr, 0};
  LearnerLink* const link = entry.link.get();
  entry.deadline = env_.timers.after(options_.first_packet_timeout_ms,
                                     [this, link] { on_ended(*link, "it did not say who it is in time"); });
  links_.emplace(id, std::move(entry));
  return link;
}

void LearnerPort::on_let_in(LearnerLink& link, const AuthAcceptor& acceptor) {
  if (acceptor.user().empty()) {
    env_.log.warn(
        "Let a connection of {} to the quorum port in without a name, as quorum.auth.serverRequireSasl "
        "allows: {}",
        link.peer().host, acceptor.why());
  } else {
    env_.log.info("A connection of {} to the quorum port has authenticated as {}", link.peer().host,
                  base::escaped(acceptor.user(), 64));
  }
}

void LearnerPort::on_packet(LearnerLink& link, zab::Packet packet) {
  Entry& entry = links_.at(link.id());
  if (entry.deadline != nullptr) {
    entry.deadline.reset();
    env_.log.info("Server {} has connected to the quorum port from {}", link.learner()->value(), link.peer().host);
    events_.push(zab::LearnerConnected{link.id()});
  }
  // A leader keeps up to where each learner has acknowledged: of several acknowledgements in a row the last is enough.
  if (zab::Ack* const earlier = unread_ack_of(link.id());
      earlier != nullptr && std::holds_alternative<zab::Ack>(packet)) {
    const zab::Ack later = std::get<zab::Ack>(packet);
    if (later.zxid > earlier->zxid && later.zxid.epoch() == earlier->zxid.epoch()) {
      *earlier = later;
      return;
    }
  }
  events_.push(zab::FromLearner{link.id(), std::move(packet)});
}

zab::Ack* LearnerPort::unread_ack_of(zab::LinkId link) {
  zab::Event* const newest = events_.newest();
  auto* const from = newest == nullptr ? nullptr : std::get_if<zab::FromLearner>(newest);
  auto* const ack = from == nullptr || from->link != link ? nullptr : std::get_if<zab::Ack>(&from->packet);
  // That of NEWLEADER stands for itself.
  return ack == nullptr || ack->zxid.counter() == 0 ? nullptr : ack;
}

void LearnerPort::on_ended(LearnerLink& link, std::string_view why) {
  if (links_.at(link.id()).deadline == nullptr) return lose(link, why);
  // A connection that ends by itself without a word is a port scan or a health check.
  if (link.is_open()) env_.log.warn("Closed a connection of {} to the quorum port: {}", link.peer().host, why);
  remove(link.id());
}

void LearnerPort::lose(LearnerLink& link, std::string_view why) {
  env_.log.info("The link of {} has ended: {}", name_of(link), why);
  const zab::LinkId id = link.id();
  remove(id);
  events_.push(zab::LearnerLost{id});
}

void LearnerPort::close(zab::LinkId id, std::string_view why) {
  LearnerLink* const link = find(id);
  events_.drop_if([&](const zab::Event& event) { return is_about(event, id); });
  if (link == nullptr) return;
  env_.log.info("Closed the link of {}: {}", name_of(*link), why);
  remove(id);
}

void LearnerPort::remove(zab::LinkId id) {
  const auto at = links_.find(id);
  at->second.link->close();
  ended_.push_back(std::move(at->second.link));
  links_.erase(at);
  unsent_.erase(id);
  destroy_ended_.post(env_.timers, [this] { ended_.clear(); });
}

LearnerLink* LearnerPort::find(zab::LinkId link) const {
  const auto at = links_.find(link);
  return at == links_.end() ? nullptr : at->second.link.get();
}

// ---- Output.

void LearnerPort::send(zab::LinkId id, const zab::Packet& packet) {
  LearnerLink* const link = find(id);
  if (link == nullptr) return;
  link->send(encode(packet));
  on_queued(*link);
}

std::string_view LearnerPort::encode(const zab::Packet& packet) {
  const auto* const proposal = std::get_if<zab::Proposal>(&packet);
  if (proposal != nullptr && proposal->record == encoded_record_) return encoded_;
  encoded_.clear();
  append_packet(packet, encoded_);
  encoded_record_ = proposal != nullptr ? proposal->record : nullptr;
  return encoded_;
}

void LearnerPort::on_queued(LearnerLink& link) {
  if (const std::size_t queued = link.queued_bytes(); queued > options_.link_queue_bytes_max)
    return lose(link, fmt::format("it does not take what it is sent: {} bytes are queued", queued));
  unsent_.insert(link.id());
  flush_.post(env_.timers, [this] { flush_all(); });
}

void LearnerPort::flush_all() {
  for (const zab::LinkId id : std::exchange(unsent_, {})) {
    if (LearnerLink* const link = find(id); link != nullptr) link->flush();
  }
  look_for_progress();
}

void LearnerPort::begin_stream(zab::LinkId id) {
  if (LearnerLink* const link = find(id); link != nullptr) link->begin_stream();
}

void LearnerPort::stream(zab::LinkId id, std::string&& bytes) {
  LearnerLink* const link = find(id);
  if (link == nullptr) return;
  link->stream(std::move(bytes));
  on_queued(*link);
}

void LearnerPort::end_stream(zab::LinkId id) {
  LearnerLink* const link = find(id);
  if (link == nullptr) return;
  link->end_stream();
  on_queued(*link);
}

void LearnerPort::on_taken(LearnerLink& link) {
  if (link.learner()) events_.push(zab::LearnerProgress{link.id()});
}

// A link that drains slowly, as one with a large snapshot, never says that everything was taken.
void LearnerPort::look_for_progress() {
  if (progress_ != nullptr) return;
  bool is_any_queued = false;
  for (auto& [id, entry] : links_) {
    const std::size_t queued = entry.link->queued_bytes();
    if (queued < entry.queued_before) events_.push(zab::LearnerProgress{id});
    entry.queued_before = queued;
    is_any_queued |= queued > 0;
  }
  if (!is_any_queued) return;
  progress_ = env_.timers.after(kProgressMs, [this] {
    progress_.reset();
    look_for_progress();
  });
}

void LearnerPort::pause_reading(zab::LinkId id) {
  if (LearnerLink* const link = find(id); link != nullptr) link->pause_reading();
}
void LearnerPort::resume_reading(zab::LinkId id) {
  if (LearnerLink* const link = find(id); link != nullptr) link->resume_reading();
}

std::size_t LearnerPort::queued_bytes(zab::LinkId id) const {
  const LearnerLink* const link = find(id);
  return link == nullptr ? 0 : link->queued_bytes();
}

env::Address LearnerPort::peer(zab::LinkId id) const {
  const LearnerLink* const link = find(id);
  return link == nullptr ? env::Address{} : link->peer();
}

std::vector<zab::LinkId> LearnerPort::links() const {
  std::vector<zab::LinkId> all;
  for (const auto& [id, entry] : links_) {
    if (entry.link->learner()) all.push_back(id);
  }
  return all;
}

}  // namespace quoll::quorum
