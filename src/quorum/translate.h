// Between packets as agreement knows them and as they are on the quorum port. What each side may send is checked here,
// so a packet of the wrong direction ends the link before agreement hears of it.
#pragma once

#include <expected>
#include <optional>
#include <string>

#include "types/quorum_packets.h"
#include "wire/election_frames.h"
#include "zab/packet.h"
#include "zab/vote.h"

namespace quoll::quorum {

// The error says what is wrong with it: "it sent a PROPOSAL without a transaction".
std::expected<zab::Packet, std::string> packet_of_leader(const QuorumPacket& packet);
std::expected<zab::Packet, std::string> packet_of_learner(const QuorumPacket& packet);

void append_packet(const zab::Packet& packet, std::string& out);

// nullopt: of no state that a server has; such a vote is passed over.
std::optional<zab::Notification> notification_of(const wire::ElectionMessage& message);
void append_notification(const zab::Notification& notification, std::string& out);

}  // namespace quoll::quorum
