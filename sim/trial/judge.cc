#include "sim/trial/judge.h"

#include <algorithm>
#include <fmt/format.h>
#include <set>

#include "sim/trial/plain_text.h"

namespace quoll::sim {

// VD1: every change that a client has seen is there after a restart.
Findings judge_durability(const TrialRecord& record) {
  Findings findings;
  for (const ServerState& state : record.states) {
    if (state.died_us < 0) continue;
    for (const Conversation* const conversation : record.conversations) {
      for (const Arrival& arrival : conversation->arrivals) {
        if (arrival.at_us > state.died_us || arrival.zxid <= state.zxid) continue;
        findings.push_back(fmt::format("VD1 durability: client {} had seen zxid {}, and {} the server has only {}",
                                       conversation->client, arrival.zxid, state.when, state.zxid));
        return findings;
      }
    }
  }
  return findings;
}

namespace {

// The time when the client sent the last request that was answered before `until_us`; the server has received something
// from it at that time or later. -1: none.
std::int64_t last_answered_us(const Conversation& conversation, std::int64_t until_us) {
  std::size_t replies = 0;
  std::int64_t sent_us = -1;
  for (const Arrival& arrival : conversation.arrivals) {
    if (arrival.at_us > until_us) break;
    if (arrival.kind == Arrival::session) sent_us = conversation.began_us;
    const bool counts = arrival.kind == Arrival::reply && arrival.xid != kAuthXid;
    if (counts && replies < conversation.sent.size()) sent_us = conversation.sent[replies++].at_us;
  }
  return sent_us;
}

// The time when the client sent something that arrived while the server was suspended and was still unread when the
// server expired the session just after that; -1: nothing.
std::int64_t unread_us(const TrialRecord& record, const Conversation& conversation, const Expiry& expiry) {
  constexpr std::int64_t kJustAfterUs = 200'000;
  constexpr std::int64_t kArrivesWithinUs = 20'000;
  if (!record.is_network_prompt || conversation.may_lose) return -1;
  // After a failed login nothing is read.
  const auto wrong = std::ranges::find_if(conversation.logins, &Login::is_wrong);
  const std::size_t read = wrong == conversation.logins.end() ? conversation.sent.size() : wrong->before;
  for (const Span& stall : record.stalls) {
    if (expiry.at_us < stall.until_us || expiry.at_us > stall.until_us + kJustAfterUs) continue;
    const auto is_unread = [&](const Sent& sent) {
      const std::int64_t there_us = sent.at_us + kArrivesWithinUs;
      return sent.at_us >= stall.from_us && there_us <= stall.until_us &&
             sent.at_us + std::int64_t{conversation.timeout_ms} * 1000 > expiry.at_us;
    };
    const auto read_end = conversation.sent.begin() + static_cast<std::ptrdiff_t>(read);
    const auto at = std::find_if(conversation.sent.begin(), read_end, is_unread);
    if (at != read_end) return at->at_us;
  }
  return -1;
}

bool is_disturbed(const TrialRecord& record, std::int64_t from_us, std::int64_t until_us) {
  return std::ranges::any_of(record.disturbances,
                             [&](const Span& span) { return span.from_us <= until_us && span.until_us >= from_us; });
}

}  // namespace

// VC7: timeouts are negotiated; a session that is kept alive and not closed does not end.
Findings judge_sessions(const TrialRecord& record) {
  Findings findings;
  for (const Conversation* const conversation : record.conversations) {
    if (conversation->session == 0) continue;
    if (conversation->has_wrong_password)
      findings.push_back(fmt::format("VC7 sessions: a wrong password was accepted for 0x{:x}",
                                     static_cast<std::uint64_t>(conversation->session)));
    const std::int64_t wanted =
        std::clamp<std::int64_t>(conversation->asked_timeout_ms, record.timeout_ms_min, record.timeout_ms_max);
    if (conversation->timeout_ms != wanted)
      findings.push_back(
          fmt::format("VC7 sessions: a timeout of {} ms was granted instead of {}", conversation->timeout_ms, wanted));
    if (conversation->asked_session != 0 && conversation->asked_session != conversation->session)
      findings.push_back("VC7 sessions: a client was given another session than it had requested");
    for (const Expiry& expiry : record.expiries) {
      if (expiry.session != conversation->session) continue;
      if (const std::int64_t sent_us = unread_us(record, *conversation, expiry); sent_us >= 0)
        findings.push_back(fmt::format("VC7 sessions: 0x{:x} expired at {} us, while input sent at {} us was unread",
                                       static_cast<std::uint64_t>(expiry.session), expiry.at_us, sent_us));
      if (is_disturbed(record, expiry.at_us - std::int64_t{conversation->timeout_ms} * 1000, expiry.at_us)) continue;
      const std::int64_t heard_us = last_answered_us(*conversation, expiry.at_us - record.told_within_us);
      // For a server whose clock runs fast the timeout is over earlier.
      const std::int64_t least_us = std::int64_t{conversation->timeout_ms} * (1'000'000 - record.drift_ppm_max) / 1000;
      if (expiry.at_us < heard_us + least_us && heard_us >= 0)
        findings.push_back(
            fmt::format("VC7 sessions: 0x{:x} expired at {} us, but its client was active after {} us, timeout {} ms",
                        static_cast<std::uint64_t>(expiry.session), expiry.at_us, heard_us, conversation->timeout_ms));
    }
  }
  return findings;
}

void compare(const ServerState& state, const Model& model, Findings& findings) {
  const auto differs = [&](const std::string& what) {
    findings.push_back(fmt::format("VC9 state: {} at zxid {}: {}", state.when, state.zxid, what));
  };
  for (const auto& [path, node] : state.nodes) {
    const auto at = model.tree.nodes.find(path);
    if (at == model.tree.nodes.end()) {
      differs(path + " exists, but should not");
      continue;
    }
    const NaiveTree::Node& wanted = at->second;
    if (node.data != wanted.data)
      differs(path + " has other data" + (is_statistics(path) ? ": " + node.data + ", not " + wanted.data : ""));
    if (node.acl != wanted.acl) differs(path + " has the ACL " + text_of(node.acl) + ", not " + text_of(wanted.acl));
    if (node.stat == wanted.stat) continue;
    const auto numbers = [](const StatPersisted& s) {
      return fmt::format("c{} m{} ct{} mt{} v{} cv{} av{} e{:x} p{}", s.czxid, s.mzxid, s.ctime, s.mtime, s.version,
                         s.cversion, s.aversion, static_cast<std::uint64_t>(s.ephemeral_owner), s.pzxid);
    };
    differs(path + " has " + numbers(node.stat) + ", not " + numbers(wanted.stat));
  }
  for (const auto& [path, node] : model.tree.nodes) {
    if (!state.nodes.contains(path)) differs(path + " is missing");
  }
  if (state.sessions != model.sessions)
    differs(fmt::format("there are {} sessions instead of {}", state.sessions.size(), model.sessions.size()));
}

Findings judge(const TrialRecord& record) {
  Findings findings = record.log.findings;
  for (const auto& part : {judge_durability, judge_sessions, judge_history}) {
    const Findings more = part(record);
    findings.insert(findings.end(), more.begin(), more.end());
  }
  return findings;
}

}  // namespace quoll::sim
