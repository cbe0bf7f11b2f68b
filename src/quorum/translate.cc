#include "quorum/translate.h"

#include <array>
#include <fmt/format.h>
#include <memory>
#include <utility>
#include <variant>

#include "wire/jute.h"
#include "wire/quorum_frames.h"

namespace quoll::quorum {

namespace {

using Type = QuorumPacketType;
using Result = std::expected<zab::Packet, std::string>;

// What every leader since 3.4 says in LEADERINFO; before that there was none.
constexpr std::int32_t kLeaderProtocol = 0x10000;

std::string name_of(std::int32_t type) {
  static constexpr std::array<std::string_view, 20> kNames{
      "",          "REQUEST",      "PROPOSAL",   "ACK",      "COMMIT",
      "PING",      "REVALIDATE",   "SYNC",       "INFORM",   "COMMITANDACTIVATE",
      "NEWLEADER", "FOLLOWERINFO", "UPTODATE",   "DIFF",     "TRUNC",
      "SNAP",      "OBSERVERINFO", "LEADERINFO", "ACKEPOCH", "INFORMANDACTIVATE"};
  return type > 0 && std::cmp_less(type, kNames.size()) ? std::string(kNames[static_cast<std::size_t>(type)])
                                                        : fmt::format("packet of type {}", type);
}

std::unexpected<std::string> refused(const QuorumPacket& packet, std::string_view why) {
  return std::unexpected(fmt::format("it sent {}{}", name_of(packet.type), why));
}

Result server_packet(const QuorumPacket& packet) {
  return zab::ServerPacket{packet.type, Zxid{packet.zxid}, packet.data.str(),
                           packet.auth_info.value_or(std::vector<Id>{})};
}

template <typename P>
Result with_record(const QuorumPacket& packet) {
  if (packet.data.size() == 0) return refused(packet, " without a transaction");
  return P{Zxid{packet.zxid}, std::make_shared<const std::string>(packet.data.view())};
}

Result leader_info(const QuorumPacket& packet) {
  std::int32_t protocol = 0;
  wire::Reader reader(packet.data.view());
  reader.get(protocol);
  if (!reader.ok() || protocol < kLeaderProtocol) return refused(packet, " of a protocol older than 3.4");
  return zab::LeaderInfo{Zxid{packet.zxid}.epoch()};
}

Result learner_info(const QuorumPacket& packet) {
  const auto info = wire::decode_learner_info(packet.data);
  if (!info) return refused(packet, " of a wrong length");
  return zab::LearnerInfo{ServerId{info->server_id}, packet.type == static_cast<std::int32_t>(Type::observer_info),
                          Zxid{packet.zxid}.epoch(), info->protocol, info->configuration_version};
}

Result ack_epoch(const QuorumPacket& packet) {
  std::int32_t current = 0;
  wire::Reader reader(packet.data.view());
  reader.get(current);
  if (!reader.ok() || current < -1) return refused(packet, " without its current epoch");
  return zab::AckEpoch{Zxid{packet.zxid}, current == -1 ? std::nullopt : std::optional(Epoch{current})};
}

}  // namespace

Result packet_of_leader(const QuorumPacket& packet) {
  const Zxid zxid{packet.zxid};
  switch (static_cast<Type>(packet.type)) {
    case Type::leader_info:
      return leader_info(packet);
    case Type::diff:
      return zab::Diff{zxid};
    case Type::trunc:
      return zab::Trunc{zxid};
    case Type::snap:
      return zab::Snap{zxid};
    case Type::proposal:
      return with_record<zab::Proposal>(packet);
    case Type::inform:
      return with_record<zab::Inform>(packet);
    case Type::commit:
      return zab::Commit{zxid};
    case Type::new_leader:
      return zab::NewLeader{zxid.epoch(), packet.data.str()};
    case Type::up_to_date:
      return zab::UpToDate{};
    case Type::ping:
      return zab::Ping{zxid, {}};
    case Type::revalidate:
    case Type::sync:
      return server_packet(packet);
    case Type::commit_and_activate:
    case Type::inform_and_activate:
      return refused(packet,
                     ": a change of the configuration at run time (reconfig), which this server does not support");
    default:
      return refused(packet, ", which no leader sends");
  }
}

Result packet_of_learner(const QuorumPacket& packet) {
  switch (static_cast<Type>(packet.type)) {
    case Type::follower_info:
    case Type::observer_info:
      return learner_info(packet);
    case Type::ack_epoch:
      return ack_epoch(packet);
    case Type::ack:
      return zab::Ack{Zxid{packet.zxid}};
    case Type::ping:
      return zab::Ping{Zxid{packet.zxid}, packet.data.str()};
    case Type::request:
    case Type::revalidate:
      return server_packet(packet);
    default:
      return refused(packet, ", which no learner sends");
  }
}

namespace {

// Writes one packet; `data` outlives the call.
void put(Type type, Zxid zxid, base::NullableView data, std::string& out) {
  wire::append_quorum_packet({static_cast<std::int32_t>(type), zxid.value(), data, std::nullopt}, out);
}

std::string bytes_of(std::int32_t number) {
  std::string out;
  wire::Writer(out).put(number);
  return out;
}

struct Append {
  std::string& out;
  void operator()(const zab::LearnerInfo& p) const {
    put(p.is_observer ? Type::observer_info : Type::follower_info, zab::epoch_zxid(p.accepted),
        wire::encode_learner_info({p.id.value(), p.protocol, p.configuration_version}), out);
  }
  void operator()(const zab::LeaderInfo& p) const {
    put(Type::leader_info, zab::epoch_zxid(p.epoch), bytes_of(kLeaderProtocol), out);
  }
  void operator()(const zab::AckEpoch& p) const {
    put(Type::ack_epoch, p.last, bytes_of(p.current ? static_cast<std::int32_t>(p.current->value()) : -1), out);
  }
  void operator()(const zab::Diff& p) const { put(Type::diff, p.to, {}, out); }
  void operator()(const zab::Trunc& p) const { put(Type::trunc, p.to, {}, out); }
  void operator()(const zab::Snap& p) const { put(Type::snap, p.at, {}, out); }
  void operator()(const zab::Proposal& p) const { put(Type::proposal, p.zxid, *p.record, out); }
  void operator()(const zab::Commit& p) const { put(Type::commit, p.zxid, {}, out); }
  void operator()(const zab::Inform& p) const { put(Type::inform, p.zxid, *p.record, out); }
  void operator()(const zab::NewLeader& p) const {
    put(Type::new_leader, zab::epoch_zxid(p.epoch), p.configuration, out);
  }
  void operator()(const zab::UpToDate&) const { put(Type::up_to_date, Zxid{-1}, {}, out); }
  void operator()(const zab::Ack& p) const { put(Type::ack, p.zxid, {}, out); }
  // Apache's leader ends a link with a ping that has no data at all, even if there is nothing to say.
  void operator()(const zab::Ping& p) const { put(Type::ping, p.zxid, p.data, out); }
  void operator()(const zab::ServerPacket& p) const {
    QuorumPacket packet{p.type, p.zxid.value(), p.data.empty() ? base::NullableView() : base::NullableView(p.data),
                        std::nullopt};
    if (p.type == static_cast<std::int32_t>(Type::request)) packet.auth_info = p.identities;
    wire::append_quorum_packet(packet, out);
  }
};

}  // namespace

void append_packet(const zab::Packet& packet, std::string& out) {
  std::visit(Append{out}, packet);
}

std::optional<zab::Notification> notification_of(const wire::ElectionMessage& message) {
  if (message.state < 0 || message.state > static_cast<std::int32_t>(zab::State::observing)) return std::nullopt;
  return zab::Notification{static_cast<zab::State>(message.state),
                           {Epoch{message.epoch}, Zxid{message.zxid}, ServerId{message.leader}},
                           message.round,
                           message.version,
                           message.configuration};
}

void append_notification(const zab::Notification& notification, std::string& out) {
  wire::append_election_message(
      {static_cast<std::int32_t>(notification.state), notification.vote.leader.value(), notification.vote.zxid.value(),
       notification.round, notification.vote.epoch.value(), notification.version, notification.config},
      out);
}

}  // namespace quoll::quorum
