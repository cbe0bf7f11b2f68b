#include "sim/trial/judge.h"

#include <algorithm>
#include <fmt/format.h>
#include <set>

#include "sim/trial/plain_text.h"

namespace quoll::sim {

// VD1: whatever a client has heard of is there in the next life.
Findings judge_durability(const Story& story) {
  Findings findings;
  for (const Portrait& portrait : story.portraits) {
    if (portrait.died_us < 0) continue;
    for (const Conversation* const talk : story.conversations) {
      for (const Arrival& arrival : talk->arrivals) {
        if (arrival.at_us > portrait.died_us || arrival.zxid <= portrait.zxid) continue;
        findings.push_back(
            fmt::format("VD1 durability: client {} had heard of zxid {}, and {} the server knows only {}", talk->client,
                        arrival.zxid, portrait.when, portrait.zxid));
        return findings;
      }
    }
  }
  return findings;
}

namespace {

// When the client sent the last thing that was answered before `until_us`: the server has heard of it since. -1: none.
std::int64_t last_answered_us(const Conversation& talk, std::int64_t until_us) {
  std::size_t replies = 0;
  std::int64_t sent_us = -1;
  for (const Arrival& arrival : talk.arrivals) {
    if (arrival.at_us > until_us) break;
    if (arrival.kind == Arrival::session) sent_us = talk.began_us;
    const bool counts = arrival.kind == Arrival::reply && arrival.xid != kAuthXid;
    if (counts && replies < talk.sent.size()) sent_us = talk.sent[replies++].at_us;
  }
  return sent_us;
}

// When the client sent what had reached a server that stood still, and had not been read when it expired the session
// just after; -1: nothing.
std::int64_t unread_us(const Story& story, const Conversation& talk, const Expiry& expiry) {
  constexpr std::int64_t kJustAfterUs = 200'000;
  constexpr std::int64_t kOnItsWayUs = 20'000;
  if (!story.is_network_prompt || talk.may_lose) return -1;
  // Behind a login that failed nothing is read.
  const auto wrong = std::ranges::find_if(talk.logins, &Login::is_wrong);
  const std::size_t read = wrong == talk.logins.end() ? talk.sent.size() : wrong->before;
  for (const Span& stall : story.stalls) {
    if (expiry.at_us < stall.until_us || expiry.at_us > stall.until_us + kJustAfterUs) continue;
    const auto is_unread = [&](const Sent& sent) {
      const std::int64_t there_us = sent.at_us + kOnItsWayUs;
      return sent.at_us >= stall.from_us && there_us <= stall.until_us &&
             sent.at_us + std::int64_t{talk.timeout_ms} * 1000 > expiry.at_us;
    };
    const auto read_end = talk.sent.begin() + static_cast<std::ptrdiff_t>(read);
    const auto at = std::find_if(talk.sent.begin(), read_end, is_unread);
    if (at != read_end) return at->at_us;
  }
  return -1;
}

}  // namespace

// VC7: timeouts are negotiated, nobody loses a session that was kept alive or never closed.
Findings judge_sessions(const Story& story) {
  Findings findings;
  for (const Conversation* const talk : story.conversations) {
    if (talk->session == 0) continue;
    if (talk->is_forged)
      findings.push_back(fmt::format("VC7 sessions: a wrong password was accepted for 0x{:x}",
                                     static_cast<std::uint64_t>(talk->session)));
    const std::int64_t wanted =
        std::clamp<std::int64_t>(talk->asked_timeout_ms, story.timeout_ms_min, story.timeout_ms_max);
    if (talk->timeout_ms != wanted)
      findings.push_back(
          fmt::format("VC7 sessions: a timeout of {} ms was granted instead of {}", talk->timeout_ms, wanted));
    if (talk->asked_session != 0 && talk->asked_session != talk->session)
      findings.push_back("VC7 sessions: a client was given another session than it had asked for");
    for (const Expiry& expiry : story.expiries) {
      if (expiry.session != talk->session) continue;
      if (const std::int64_t sent_us = unread_us(story, *talk, expiry); sent_us >= 0)
        findings.push_back(
            fmt::format("VC7 sessions: 0x{:x} expired at {} us, when what it had sent at {} us lay unread",
                        static_cast<std::uint64_t>(expiry.session), expiry.at_us, sent_us));
      const std::int64_t heard_us = last_answered_us(*talk, expiry.at_us);
      if (expiry.at_us < heard_us + std::int64_t{talk->timeout_ms} * 1000 && heard_us >= 0)
        findings.push_back(fmt::format("VC7 sessions: 0x{:x} expired at {} us, heard of after {} us, timeout {} ms",
                                       static_cast<std::uint64_t>(expiry.session), expiry.at_us, heard_us,
                                       talk->timeout_ms));
    }
  }
  return findings;
}

void compare(const Portrait& portrait, const Model& model, Findings& findings) {
  const auto differs = [&](const std::string& what) {
    findings.push_back(fmt::format("VC9 state: {} at zxid {}: {}", portrait.when, portrait.zxid, what));
  };
  for (const auto& [path, node] : portrait.nodes) {
    const auto at = model.tree.nodes.find(path);
    if (at == model.tree.nodes.end()) {
      differs(path + " stands, and should not");
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
    if (!portrait.nodes.contains(path)) differs(path + " is missing");
  }
  if (portrait.sessions != model.sessions)
    differs(fmt::format("{} sessions stand, not the {} that should", portrait.sessions.size(), model.sessions.size()));
}

Findings judge(const Story& story) {
  Findings findings = story.log.findings;
  for (const auto& part : {judge_durability, judge_sessions, judge_history}) {
    const Findings more = part(story);
    findings.insert(findings.end(), more.begin(), more.end());
  }
  return findings;
}

}  // namespace quoll::sim
