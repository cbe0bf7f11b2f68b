// The walk through history: decisions, replies, events, and the state at each start.
#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <optional>

#include "sim/trial/encode.h"
#include "sim/trial/judge.h"
#include "sim/trial/quota_history.h"
#include "sim/trial/thread.h"
#include "wire/txn_record.h"

namespace quoll::sim {

namespace {

// Findings beyond these tell nothing more.
constexpr std::size_t kFindingsMax = 10;
constexpr std::size_t kSmallTree = 150;
constexpr std::int64_t kDigestEvery = 32;
// So long may a server refuse writes after there is room again.
constexpr std::int64_t kRoomSeenUsMax = 10'000'000;

bool is_sequential(const Ask& ask) {
  return ask.flags == 2 || ask.flags == 3 || ask.flags == 6;
}

// Which law it is that says how this request ends.
const char* law_of(const Ask& ask, Error wanted, Error found) {
  if (wanted == Error::no_auth || found == Error::no_auth) return "VC11";
  if (ask.op == OpCode::multi) return "VC10";
  if (is_sequential(ask) && wanted == found) return "VC8";
  return "VC9";
}

class Walk {
 public:
  explicit Walk(const Story& story) : story_(story) {
    for (const Conversation* const talk : story.conversations)
      threads_.emplace_back(*talk, static_cast<Watcher>(threads_.size()) + 1);
    for (std::size_t i = 0; i < threads_.size(); ++i) {
      const Conversation& talk = *threads_[i].talk;
      for (std::size_t k = 0; k < talk.sent.size(); ++k) {
        if (talk.sent[k].xid > 0) asked_[{talk.session, talk.sent[k].xid}] = {i, k};
      }
    }
  }

  Findings run() {
    std::int64_t last = story_.first_zxid;
    read_along(last);
    look_at_portraits(last);
    for (const auto& [zxid, bytes] : story_.log.entries()) {
      if (zxid != last + 1) wrong("VD3 contiguity: zxid {} follows {}", zxid, last);
      last = zxid;
      decide(zxid, bytes);
      note_quotas(zxid);
      read_along(zxid);
      look_at_portraits(zxid);
      if (findings_.size() > kFindingsMax) return findings_;
    }
    for (const Thread& thread : threads_) {
      if (thread.arrival < thread.talk->arrivals.size())
        wrong("VC3 monotone view: client {} was told of zxid {}, history ends at {}", thread.talk->client,
              thread.talk->arrivals[thread.arrival].zxid, last);
      const std::int64_t asked = thread.talk->asked_session;
      const bool is_forged = thread.talk->is_forged;
      if (!is_forged && !thread.talk->arrivals.empty() && thread.talk->session == 0 && asked != 0 &&
          !model_.closed.contains(asked))
        wrong("VC7 sessions: 0x{:x} was refused, though it was never closed", static_cast<std::uint64_t>(asked));
    }
    return findings_;
  }

 private:
  template <typename... Args>
  void wrong(fmt::format_string<Args...> form, Args&&... args) {
    findings_.push_back(fmt::format(form, std::forward<Args>(args)...));
  }

  void look_at_portraits(std::int64_t zxid) {
    for (; usage_ < story_.usages.size() && story_.usages[usage_].zxid <= zxid; ++usage_)
      if (story_.usages[usage_].zxid == zxid) look_at_usage(story_.usages[usage_]);
    for (const Portrait& portrait : story_.portraits) {
      if (portrait.zxid != zxid) continue;
      if (portrait.is_of_start) model_.start_anew(portrait.nodes);
      compare(portrait, model_, findings_);
    }
    note_quotas(zxid);
  }

  void look_at_usage(const Usage& usage) {
    for (const auto& [path, text] : usage.texts) {
      const auto at = model_.tree.nodes.find(path);
      if (at != model_.tree.nodes.end() && at->second.data != text)
        wrong("VC9 quotas: {} says {} at zxid {}, not {}", path, text, usage.zxid, at->second.data);
    }
  }

  void note_quotas(std::int64_t zxid) {
    if (story_.hard_quotas) quotas_.note(zxid, quota_texts(model_.tree));
  }

  // The transaction is decided anew, from the request that it came from.
  void decide(std::int64_t zxid, const std::string& bytes) {
    const auto txn = wire::decode_txn(bytes);
    if (!txn) return wrong("VD3 history: zxid {} can't be read: {}", zxid, txn.error());
    model_.watches.fired.clear();
    const TxnHeader& header = txn->header;
    if (const auto* const opened = std::get_if<CreateSessionTxn>(&txn->body)) {
      open_session(header, *opened);
    } else if (header.cxid == 0) {
      decide_for_server(*txn);
    } else {
      decide_for_client(*txn);
    }
    for (const Fired& fired : model_.watches.fired) {
      Thread& to = threads_[static_cast<std::size_t>(fired.event.to - 1)];
      if (!to.over) (to.hears(fired, zxid) ? to.expected : to.hidden).emplace_back(zxid, fired.event);
    }
    const bool is_due = model_.tree.nodes.size() < kSmallTree || zxid % kDigestEvery == 0;
    if (txn->digest && is_due && txn->digest->tree_digest != model_.tree.digest())
      wrong("VC12 digest: transaction {} says {}, the tree comes to {}", zxid, txn->digest->tree_digest,
            model_.tree.digest());
  }

  void open_session(const TxnHeader& header, const CreateSessionTxn& txn) {
    if (model_.sessions.contains(header.client_id) || model_.closed.contains(header.client_id))
      wrong("VC7 sessions: the id 0x{:x} is given again", static_cast<std::uint64_t>(header.client_id));
    model_.open_session(header.client_id, txn.timeout_ms);
  }

  void decide_for_server(const Txn& txn) {
    const TxnHeader& header = txn.header;
    if (std::holds_alternative<CloseSessionTxn>(txn.body)) {
      close_session(header);
    } else if (const auto* const removed = std::get_if<DeleteTxn>(&txn.body)) {
      if (!model_.remove_container(removed->path.str(), header.zxid, header.time_ms))
        wrong("VC9 containers: {} was removed at zxid {}, which nobody had asked for and whose time had not come",
              removed->path.view(), header.zxid);
    } else if (!std::holds_alternative<ErrorTxn>(txn.body)) {
      wrong("VC1 history: transaction {} comes from nobody", header.zxid);
    }
  }

  void close_session(const TxnHeader& header) {
    if (!model_.sessions.contains(header.client_id))
      wrong("VC7 sessions: 0x{:x} is closed at zxid {}, but was not open", static_cast<std::uint64_t>(header.client_id),
            header.zxid);
    model_.close_session(header.client_id, header.zxid);
  }

  void decide_for_client(const Txn& txn) {
    const TxnHeader& header = txn.header;
    const auto asked = asked_.find({header.client_id, header.cxid});
    if (asked == asked_.end())
      return wrong("VC1 history: transaction {} (session 0x{:x}, xid {}) was asked for by nobody", header.zxid,
                   static_cast<std::uint64_t>(header.client_id), header.cxid);
    if (!model_.sessions.contains(header.client_id))
      wrong("VC7 sessions: transaction {} belongs to session 0x{:x}, which is not open", header.zxid,
            static_cast<std::uint64_t>(header.client_id));
    const auto [index, k] = asked->second;
    Thread& thread = threads_[index];
    if (thread.decisions.contains(k)) wrong("VC13 unknown results: transaction {} was decided before", header.zxid);
    if (static_cast<std::int64_t>(k) <= thread.decided)
      wrong("VC2 FIFO: transaction {} overtakes an older request of its client", header.zxid);
    thread.decided = static_cast<std::int64_t>(k);
    const Ask& ask = thread.talk->sent[k].ask;
    if (ask.op == OpCode::close_session) {
      close_session(header);
      thread.decisions[k] = Decision{header.zxid, {}};
      return;
    }
    const Verdict verdict = decided_as(logged_text(txn.body), thread.who_asked(k), ask, header);
    const std::string wanted = logged_as(verdict);
    const auto* const failure = std::get_if<ErrorTxn>(&txn.body);
    const Error found = failure == nullptr ? Error::ok : static_cast<Error>(failure->err);
    if (logged_text(txn.body) != wanted)
      wrong("{} decisions: zxid {}, {} became \"{}\" instead of \"{}\"", law_of(ask, verdict.err, found), header.zxid,
            text_of(ask), logged_text(txn.body), wanted);
    thread.decisions[k] = Decision{header.zxid, verdict};
  }

  static std::string logged_as(const Verdict& verdict) {
    return verdict.err == Error::ok ? verdict.logged : fmt::format("error {}", static_cast<int>(verdict.err));
  }

  // Where quotas may have been these or those, they were those that the server's decision goes with.
  Verdict decided_as(const std::string& found, const Who& who, const Ask& ask, const TxnHeader& header) {
    if (!story_.hard_quotas) return model_.write(who, ask, header.zxid, header.time_ms, nullptr);
    const auto applied = story_.applied.find(header.zxid);
    if (applied == story_.applied.end()) wrong("VC9 quotas: nobody saw zxid {} being decided", header.zxid);
    auto candidates = quotas_.during(applied == story_.applied.end() ? Applied{0, header.zxid} : applied->second);
    for (; candidates.size() > 1; candidates.pop_back()) {
      Model tried = model_;
      const Verdict verdict = tried.write(who, ask, header.zxid, header.time_ms, candidates.back());
      if (logged_as(verdict) != found) continue;
      model_ = std::move(tried);
      return verdict;
    }
    return model_.write(who, ask, header.zxid, header.time_ms, candidates.back());
  }

  // What the clients heard while the state was that of `zxid`.
  void read_along(std::int64_t zxid) {
    for (Thread& thread : threads_) {
      while (!thread.over && take_arrival(thread, zxid)) {
      }
      if (thread.over || thread.arrival < thread.talk->arrivals.size() || !thread.talk->closed) continue;
      thread.over = true;
      model_.watches.forget(thread.watcher);
    }
  }

  // False: the next arrival, if there is one, belongs to a later state.
  bool take_arrival(Thread& thread, std::int64_t zxid) {
    const auto& arrivals = thread.talk->arrivals;
    if (thread.arrival == arrivals.size()) return false;
    const Arrival& arrival = arrivals[thread.arrival];
    if (arrival.kind == Arrival::session) return ++thread.arrival, true;
    if (arrival.kind == Arrival::reply && arrival.xid == kAuthXid) return take_login(thread, arrival), true;
    if (arrival.kind == Arrival::event && arrival.zxid == -1) return take_made_up_events(thread, zxid);
    if (arrival.zxid > zxid) return false;
    if (arrival.zxid < zxid) {
      wrong("VC3 monotone view: client {} is told of zxid {} after {}", thread.talk->client, arrival.zxid, zxid);
      thread.over = true;
      return false;
    }
    ++thread.arrival;
    thread.proven_by_then = thread.proven;
    if (arrival.kind == Arrival::event) {
      take_event(thread, arrival);
    } else {
      take_reply(thread, arrival, {});
    }
    return true;
  }

  void take_login(Thread& thread, const Arrival& arrival) {
    ++thread.arrival;
    const auto& logins = thread.talk->logins;
    if (thread.proven == logins.size())
      return wrong("VC2 FIFO: client {} gets an answer to a login that it has not sent", thread.talk->client);
    const bool is_wrong = logins[thread.proven++].is_wrong;
    if (is_wrong != (arrival.err == Error::auth_failed))
      wrong("VC11 logins: client {} logs in {}, and is answered {}", thread.talk->client,
            is_wrong ? "by a scheme that nobody knows" : "rightly", static_cast<int>(arrival.err));
    if (is_wrong && !thread.is_at_end())
      wrong("VC11 logins: client {} is heard after a login that failed", thread.talk->client);
  }

  void take_event(Thread& thread, const Arrival& arrival) {
    const auto is_heard = [&](const auto& hidden) {
      return hidden.first == arrival.zxid && hidden.second.type == arrival.event_type &&
             hidden.second.path == arrival.path;
    };
    if (std::ranges::any_of(thread.hidden, is_heard))
      return wrong("VC11 watches: client {} hears of event {} at {} (zxid {}), which it may not read",
                   thread.talk->client, arrival.event_type, arrival.path, arrival.zxid);
    if (thread.expected.empty())
      return wrong("VC5 watches: client {} hears of event {} at {} (zxid {}), which it does not wait for",
                   thread.talk->client, arrival.event_type, arrival.path, arrival.zxid);
    const auto [zxid, event] = thread.expected.front();
    thread.expected.pop_front();
    if (zxid != arrival.zxid || event.type != arrival.event_type || event.path != arrival.path)
      wrong("VC5 watches: client {} hears of event {} at {} (zxid {}) instead of {} at {} (zxid {})",
            thread.talk->client, arrival.event_type, arrival.path, arrival.zxid, event.type, event.path, zxid);
  }

  // Events that make up for what a client has missed stand before the reply to its setWatches.
  bool take_made_up_events(Thread& thread, std::int64_t zxid) {
    const auto& arrivals = thread.talk->arrivals;
    std::size_t reply = thread.arrival;
    while (reply < arrivals.size() && arrivals[reply].kind == Arrival::event && arrivals[reply].zxid == -1) ++reply;
    if (reply == arrivals.size()) {
      // Cut off in the middle.
      thread.arrival = reply;
      return false;
    }
    if (arrivals[reply].zxid > zxid) return false;
    std::vector<ModelEvent> heard;
    for (std::size_t i = thread.arrival; i < reply; ++i)
      heard.push_back(ModelEvent{thread.watcher, arrivals[i].event_type, arrivals[i].path});
    thread.arrival = reply + 1;
    take_reply(thread, arrivals[reply], heard);
    return true;
  }

  void take_reply(Thread& thread, const Arrival& arrival, const std::vector<ModelEvent>& made_up) {
    if (!thread.expected.empty()) {
      const auto& [zxid, event] = thread.expected.front();
      wrong("VC4 watch before read: client {} gets the reply to xid {} (zxid {}) before event {} at {} (zxid {})",
            thread.talk->client, arrival.xid, arrival.zxid, event.type, event.path, zxid);
      thread.expected.clear();
    }
    if (thread.answered == thread.talk->sent.size())
      return wrong("VC2 FIFO: client {} gets an answer to nothing, xid {}", thread.talk->client, arrival.xid);
    const std::size_t k = thread.answered++;
    const Sent& sent = thread.talk->sent[k];
    if (sent.xid != arrival.xid) {
      wrong("VC2 FIFO: client {} gets the answer to xid {} instead of {}", thread.talk->client, arrival.xid, sent.xid);
      thread.over = true;
      return;
    }
    const auto decision = thread.decisions.find(k);
    const bool is_write = decision != thread.decisions.end();
    if (is_write && decision->second.zxid != arrival.zxid)
      wrong("VC1 order: {} is zxid {}, its reply says {}", text_of(sent.ask), decision->second.zxid, arrival.zxid);
    if (!is_write && arrival.err == Error::not_read_only) return take_refusal(thread, sent, arrival);
    const Verdict verdict =
        is_write ? decision->second.verdict : model_.read(thread.who_asked(k), thread.watcher, sent.ask);
    const std::string answer = answer_text(sent.ask, arrival);
    const bool is_right = arrival.err == verdict.err && answer == verdict.answer;
    if (!is_right && !(!is_write && is_read_behind_a_start(thread, k, arrival, answer)))
      wrong("{} answers: client {}, zxid {}, {} is answered {} \"{}\" instead of {} \"{}\"",
            law_of(sent.ask, verdict.err, arrival.err), thread.talk->client, arrival.zxid, text_of(sent.ask),
            static_cast<int>(arrival.err), answer, static_cast<int>(verdict.err), verdict.answer);
    if (is_write) return;
    bool same = made_up.size() == model_.watches.fired.size();
    for (std::size_t i = 0; same && i < made_up.size(); ++i)
      same = made_up[i].type == model_.watches.fired[i].event.type &&
             made_up[i].path == model_.watches.fired[i].event.path;
    if (!same)
      wrong("VC5 watches: client {} is made up {} events by setWatches instead of {}", thread.talk->client,
            made_up.size(), model_.watches.fired.size());
  }

  // A start counts usage anew, which changes what is read and takes no zxid.
  bool is_read_behind_a_start(const Thread& thread, std::size_t k, const Arrival& arrival, const std::string& answer) {
    return std::ranges::any_of(story_.portraits, [&](const Portrait& portrait) {
      if (!portrait.is_of_start || portrait.zxid != arrival.zxid) return false;
      Model started = model_;
      started.start_anew(portrait.nodes);
      const Verdict verdict = started.read(thread.who_asked(k), thread.watcher, thread.talk->sent[k].ask);
      return arrival.err == verdict.err && answer == verdict.answer;
    });
  }

  // A write that a full disk has turned away has not happened.
  void take_refusal(const Thread& thread, const Sent& sent, const Arrival& arrival) {
    // Who stands still sees no room either.
    const auto seen_us = [&](const Span& full) {
      std::int64_t us = full.until_us + kRoomSeenUsMax;
      for (const Span& stall : story_.stalls) {
        if (stall.from_us <= us) us = std::max(us, stall.until_us + kRoomSeenUsMax);
      }
      return us;
    };
    const auto explains = [&](const Span& full) {
      return arrival.at_us >= full.from_us && (full.until_us == INT64_MAX || sent.at_us <= seen_us(full));
    };
    if (!may_be_turned_away(sent.ask.op) || !std::ranges::any_of(story_.full_times, explains))
      wrong("VC9 answers: client {}, zxid {}, {} is turned away, and no full disk explains it", thread.talk->client,
            arrival.zxid, text_of(sent.ask));
  }

  static bool may_be_turned_away(OpCode op) {
    using enum OpCode;
    switch (op) {
      case create:
      case create2:
      case create_container:
      case create_ttl:
      case remove:
      case delete_container:
      case set_data:
      case set_acl:
      case multi:
        return true;
      default:
        return false;
    }
  }

  const Story& story_;
  Model model_;
  QuotaHistory quotas_;
  std::size_t usage_ = 0;  // the next of the story's
  std::vector<Thread> threads_;
  std::map<std::pair<std::int64_t, std::int32_t>, std::pair<std::size_t, std::size_t>> asked_;
  Findings findings_;
};

}  // namespace

Findings judge_history(const Story& story) {
  return Walk(story).run();
}

}  // namespace quoll::sim
