// Checks the history transaction by transaction: decisions, replies, events, and the state at each start.
#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <optional>

#include "sim/trial/conversation_reader.h"
#include "sim/trial/encode.h"
#include "sim/trial/judge.h"
#include "sim/trial/quota_history.h"
#include "wire/txn_record.h"

namespace quoll::sim {

namespace {

// More findings would not help.
constexpr std::size_t kFindingsMax = 10;
constexpr std::size_t kSmallTree = 150;
constexpr std::int64_t kDigestEvery = 32;
// How long a server may refuse writes after there is space again.
constexpr std::int64_t kRoomSeenUsMax = 10'000'000;

bool is_sequential(const Ask& ask) {
  return ask.flags == 2 || ask.flags == 3 || ask.flags == 6;
}

// The law that determines the result of this request.
const char* law_of(const Ask& ask, Error wanted, Error found) {
  if (wanted == Error::no_auth || found == Error::no_auth) return "VC11";
  if (ask.op == OpCode::multi) return "VC10";
  if (is_sequential(ask) && wanted == found) return "VC8";
  return "VC9";
}

class Walk {
 public:
  explicit Walk(const TrialRecord& record) : record_(record) {
    for (const Conversation* const conversation : record.conversations)
      readers_.emplace_back(*conversation, static_cast<Watcher>(readers_.size()) + 1);
    for (std::size_t i = 0; i < readers_.size(); ++i) {
      const Conversation& conversation = *readers_[i].conversation;
      for (std::size_t k = 0; k < conversation.sent.size(); ++k) {
        if (conversation.sent[k].xid > 0) asked_[{conversation.session, conversation.sent[k].xid}] = {i, k};
      }
    }
  }

  Findings run() {
    std::int64_t last = record_.first_zxid;
    read_arrivals(last);
    check_states(last);
    for (const auto& [zxid, bytes] : record_.log.entries()) {
      const bool begins_epoch = record_.has_epochs && zxid >> 32 > last >> 32 && (zxid & 0xffffffff) == 1;
      if (zxid != last + 1 && !begins_epoch) wrong("VD3 contiguity: zxid {} follows {}", zxid, last);
      last = zxid;
      decide(zxid, bytes);
      note_quotas(zxid);
      read_arrivals(zxid);
      check_states(zxid);
      if (findings_.size() > kFindingsMax) return findings_;
    }
    for (const ConversationReader& reader : readers_) {
      if (reader.arrival < reader.conversation->arrivals.size())
        wrong("VC3 monotone view: client {} saw zxid {}, the history ends at {}", reader.conversation->client,
              reader.conversation->arrivals[reader.arrival].zxid, last);
      const std::int64_t asked = reader.conversation->asked_session;
      const bool has_wrong_password = reader.conversation->has_wrong_password;
      if (!has_wrong_password && !reader.conversation->arrivals.empty() && reader.conversation->session == 0 &&
          asked != 0 && !model_.closed.contains(asked))
        wrong("VC7 sessions: 0x{:x} was refused, although it was never closed", static_cast<std::uint64_t>(asked));
    }
    return findings_;
  }

 private:
  template <typename... Args>
  void wrong(fmt::format_string<Args...> form, Args&&... args) {
    findings_.push_back(fmt::format(form, std::forward<Args>(args)...));
  }

  void check_states(std::int64_t zxid) {
    for (; usage_ < record_.usages.size() && record_.usages[usage_].zxid <= zxid; ++usage_)
      if (record_.usages[usage_].zxid == zxid) check_usage(record_.usages[usage_]);
    for (const ServerState& state : record_.states) {
      if (state.zxid != zxid) continue;
      if (state.is_of_start) model_.start_anew(state.nodes);
      compare(state, model_, findings_);
    }
    note_quotas(zxid);
  }

  void check_usage(const Usage& usage) {
    for (const auto& [path, text] : usage.texts) {
      const auto at = model_.tree.nodes.find(path);
      if (at != model_.tree.nodes.end() && at->second.data != text)
        wrong("VC9 quotas: {} says {} at zxid {}, not {}", path, text, usage.zxid, at->second.data);
    }
  }

  void note_quotas(std::int64_t zxid) {
    if (record_.hard_quotas) quotas_.note(zxid, quota_texts(model_.tree));
  }

  // Lets the model execute the request that this transaction came from.
  void decide(std::int64_t zxid, const std::string& bytes) {
    const auto txn = wire::decode_txn(bytes);
    if (!txn) return wrong("VD3 history: zxid {} cannot be decoded: {}", zxid, txn.error());
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
      ConversationReader& to = readers_[static_cast<std::size_t>(fired.event.to - 1)];
      if (!to.over) (to.receives(fired, zxid) ? to.expected : to.hidden).emplace_back(zxid, fired.event);
    }
    const bool is_due = model_.tree.nodes.size() < kSmallTree || zxid % kDigestEvery == 0;
    if (txn->digest && is_due && txn->digest->tree_digest != model_.tree.digest())
      wrong("VC12 digest: transaction {} has {}, the tree has {}", zxid, txn->digest->tree_digest,
            model_.tree.digest());
  }

  void open_session(const TxnHeader& header, const CreateSessionTxn& txn) {
    if (model_.sessions.contains(header.client_id) || model_.closed.contains(header.client_id))
      wrong("VC7 sessions: the id 0x{:x} is used again", static_cast<std::uint64_t>(header.client_id));
    model_.open_session(header.client_id, txn.timeout_ms);
  }

  void decide_for_server(const Txn& txn) {
    const TxnHeader& header = txn.header;
    if (std::holds_alternative<CloseSessionTxn>(txn.body)) {
      close_session(header);
    } else if (const auto* const removed = std::get_if<DeleteTxn>(&txn.body)) {
      if (!model_.remove_container(removed->path.str(), header.zxid, header.time_ms))
        wrong("VC9 containers: {} was removed at zxid {} without a request, although it was not due",
              removed->path.view(), header.zxid);
    } else if (!std::holds_alternative<ErrorTxn>(txn.body)) {
      wrong("VC1 history: transaction {} has no known origin", header.zxid);
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
      return wrong("VC1 history: transaction {} (session 0x{:x}, xid {}) has no request", header.zxid,
                   static_cast<std::uint64_t>(header.client_id), header.cxid);
    const auto [index, k] = asked->second;
    ConversationReader& reader = readers_[index];
    const Error found = failure_of(txn.body);
    const bool is_refused = is_refused_late(header, index, found);
    // A client may close its session when the leader has closed it already, but this is not known at its member.
    const bool closes_again = record_.has_epochs && std::holds_alternative<CloseSessionTxn>(txn.body) &&
                              !model_.sessions.contains(header.client_id);
    const bool is_harmless = record_.has_epochs && (closes_again || has_no_effect(txn.body));
    if (!model_.sessions.contains(header.client_id) && !is_refused && !is_harmless)
      wrong("VC7 sessions: transaction {} belongs to session 0x{:x}, which is not open", header.zxid,
            static_cast<std::uint64_t>(header.client_id));
    // What comes after the session's end, from a connection that its client has left, only must not change anything.
    const bool is_late = is_harmless && !model_.sessions.contains(header.client_id);
    // What cannot be read is refused before anybody asks whose session it is, as by Apache's leader.
    const bool is_unreadable = record_.has_epochs && found == Error::marshalling_error;
    if (!is_refused && !is_late && !is_unreadable) check_order(header, index);
    if (reader.decisions.contains(k)) wrong("VC13 unknown results: transaction {} was decided before", header.zxid);
    if (static_cast<std::int64_t>(k) <= reader.decided)
      wrong("VC2 FIFO: transaction {} overtakes an older request of its client", header.zxid);
    reader.decided = static_cast<std::int64_t>(k);
    const Ask& ask = reader.conversation->sent[k].ask;
    if (ask.op == OpCode::close_session && !is_refused) {
      if (!closes_again) close_session(header);
      reader.decisions[k] = Decision{header.zxid, {}};
      return;
    }
    const Verdict verdict =
        is_refused ? refused(txn.body, found) : decided_as(logged_text(txn.body), reader.who_asked(k), ask, header);
    const std::string wanted = logged_as(verdict);
    if (logged_text(txn.body) != wanted)
      wrong("{} decisions: zxid {}, {} became \"{}\" instead of \"{}\"", law_of(ask, verdict.err, found), header.zxid,
            text_of(ask), logged_text(txn.body), wanted);
    reader.decisions[k] = Decision{header.zxid, verdict};
  }

  // A request that fails for another reason, or does nothing, need not ask whether its session is open.
  static bool has_no_effect(const TxnBody& body) {
    const auto* const multi = std::get_if<MultiTxn>(&body);
    return std::holds_alternative<ErrorTxn>(body) || (multi != nullptr && multi->txns.empty());
  }

  // The error with which a transaction, or the first operation of a multi, fails.
  static Error failure_of(const TxnBody& body) {
    const auto* const multi = std::get_if<MultiTxn>(&body);
    const ErrorTxn* failure = std::get_if<ErrorTxn>(&body);
    if (multi != nullptr && !multi->txns.empty()) failure = std::get_if<ErrorTxn>(&multi->txns.front().body);
    return failure == nullptr ? Error::ok : static_cast<Error>(failure->err);
  }

  // What a multi that is refused as a whole becomes: the first operation has the reason, the others have none.
  static Verdict refused(const TxnBody& body, Error why) {
    const auto* const multi = std::get_if<MultiTxn>(&body);
    if (multi == nullptr) return failed(why);
    Verdict verdict;
    verdict.logged = fmt::format("multi {{error {}}}", static_cast<int>(why));
    for (std::size_t i = 1; i < multi->txns.size(); ++i)
      verdict.logged += fmt::format(" {{error {}}}", static_cast<int>(Error::runtime_inconsistency));
    return verdict;
  }

  // In an ensemble a request may come to the leader when its session has been closed, or belongs to another member.
  bool is_refused_late(const TxnHeader& header, std::size_t index, Error found) const {
    if (!record_.has_epochs) return false;
    if (found == Error::session_expired) return !model_.sessions.contains(header.client_id);
    return found == Error::session_moved && (is_resumed_later(header.zxid, index) || is_asked_for_late(index));
  }

  // Nothing of a session's older connection is decided after something of a newer one.
  void check_order(const TxnHeader& header, std::size_t index) {
    const std::size_t newest = newest_decided_.try_emplace(header.client_id, index).first->second;
    const std::int64_t began_us = readers_[index].conversation->began_us;
    if (began_us < readers_[newest].conversation->began_us)
      wrong("VC2 FIFO: transaction {} of session 0x{:x} comes from an older connection than the one before",
            header.zxid, static_cast<std::uint64_t>(header.client_id));
    newest_decided_[header.client_id] = index;
  }

  // Whether the client had asked another member for the session of this conversation when `zxid` was decided.
  bool is_resumed_later(std::int64_t zxid, std::size_t index) const {
    const Conversation& old = *readers_[index].conversation;
    const auto applied = record_.applied_us.find(zxid);
    const std::int64_t decided_by_us = applied == record_.applied_us.end() ? INT64_MAX : applied->second;
    return std::ranges::any_of(readers_, [&](const ConversationReader& reader) {
      const Conversation& other = *reader.conversation;
      return other.client == old.client && other.began_us > old.began_us && other.began_us < decided_by_us &&
             other.asked_session == old.session;
    });
  }

  // Whether the client has lately left, unanswered, a member that it had asked for this session: the leader may hear of
  // that after it has heard of this conversation, and takes the other member for the session's owner (ZOOKEEPER-710).
  bool is_asked_for_late(std::size_t index) const {
    // What a lossy link between members has to send again can be so late.
    constexpr std::int64_t kLateUsMax = 4'000'000;
    const Conversation& now = *readers_[index].conversation;
    const std::int64_t since_us = now.began_us - kLateUsMax;
    return std::ranges::any_of(readers_, [&](const ConversationReader& reader) {
      const Conversation& other = *reader.conversation;
      return other.client == now.client && other.session == 0 && other.asked_session == now.session &&
             other.began_us >= since_us && other.began_us < now.began_us;
    });
  }

  static std::string logged_as(const Verdict& verdict) {
    return verdict.err == Error::ok ? verdict.logged : fmt::format("error {}", static_cast<int>(verdict.err));
  }

  // If the quotas at the time of the decision are uncertain, uses those that agree with the server's decision.
  Verdict decided_as(const std::string& found, const Who& who, const Ask& ask, const TxnHeader& header) {
    if (!record_.hard_quotas) return model_.write(who, ask, header.zxid, header.time_ms, nullptr);
    const auto applied = record_.applied.find(header.zxid);
    if (applied == record_.applied.end()) wrong("VC9 quotas: the decision of zxid {} was not observed", header.zxid);
    auto candidates = quotas_.during(applied == record_.applied.end() ? Applied{0, header.zxid} : applied->second);
    for (; candidates.size() > 1; candidates.pop_back()) {
      Model tried = model_;
      const Verdict verdict = tried.write(who, ask, header.zxid, header.time_ms, candidates.back());
      if (logged_as(verdict) != found) continue;
      model_ = std::move(tried);
      return verdict;
    }
    return model_.write(who, ask, header.zxid, header.time_ms, candidates.back());
  }

  // Reads what the clients received while the state was that of `zxid`.
  void read_arrivals(std::int64_t zxid) {
    for (ConversationReader& reader : readers_) {
      while (!reader.over && take_arrival(reader, zxid)) {
      }
      if (reader.over || reader.arrival < reader.conversation->arrivals.size() || !reader.conversation->closed)
        continue;
      reader.over = true;
      model_.watches.forget(reader.watcher);
    }
  }

  // Returns false if there is no further arrival or the next one belongs to a later state.
  bool take_arrival(ConversationReader& reader, std::int64_t zxid) {
    const auto& arrivals = reader.conversation->arrivals;
    if (reader.arrival == arrivals.size()) return false;
    const Arrival& arrival = arrivals[reader.arrival];
    if (arrival.kind == Arrival::session) return ++reader.arrival, true;
    if (arrival.kind == Arrival::reply && arrival.xid == kAuthXid) return take_login(reader, arrival), true;
    if (arrival.kind == Arrival::event && arrival.zxid == -1) return take_missed_events(reader, zxid);
    if (arrival.zxid > zxid) return false;
    if (arrival.zxid < zxid) {
      wrong("VC3 monotone view: client {} gets zxid {} after {}", reader.conversation->client, arrival.zxid, zxid);
      reader.over = true;
      return false;
    }
    ++reader.arrival;
    reader.proven_by_then = reader.proven;
    if (arrival.kind == Arrival::event) {
      take_event(reader, arrival);
    } else {
      take_reply(reader, arrival, {});
    }
    return true;
  }

  void take_login(ConversationReader& reader, const Arrival& arrival) {
    ++reader.arrival;
    const auto& logins = reader.conversation->logins;
    if (reader.proven == logins.size())
      return wrong("VC2 FIFO: client {} gets an answer to a login that it has not sent", reader.conversation->client);
    const bool is_wrong = logins[reader.proven++].is_wrong;
    if (is_wrong != (arrival.err == Error::auth_failed))
      wrong("VC11 logins: client {} logs in {}, and is answered {}", reader.conversation->client,
            is_wrong ? "with an unknown scheme" : "correctly", static_cast<int>(arrival.err));
    if (is_wrong && !reader.is_at_end())
      wrong("VC11 logins: client {} gets an answer after a failed login", reader.conversation->client);
  }

  void take_event(ConversationReader& reader, const Arrival& arrival) {
    const auto is_this = [&](const std::pair<std::int64_t, ModelEvent>& one) {
      return one.first == arrival.zxid && one.second.type == arrival.event_type && one.second.path == arrival.path;
    };
    // A multi may create a znode twice, and only one of the events is for this client: the expected one comes first.
    const bool is_next = !reader.expected.empty() && is_this(reader.expected.front());
    if (!is_next && std::ranges::any_of(reader.hidden, is_this))
      return wrong("VC11 watches: client {} gets event {} at {} (zxid {}), which it may not read",
                   reader.conversation->client, arrival.event_type, arrival.path, arrival.zxid);
    if (reader.expected.empty())
      return wrong("VC5 watches: client {} gets event {} at {} (zxid {}), for which it has no watch",
                   reader.conversation->client, arrival.event_type, arrival.path, arrival.zxid);
    const auto [zxid, event] = reader.expected.front();
    reader.expected.pop_front();
    if (!is_next)
      wrong("VC5 watches: client {} gets event {} at {} (zxid {}) instead of {} at {} (zxid {})",
            reader.conversation->client, arrival.event_type, arrival.path, arrival.zxid, event.type, event.path, zxid);
  }

  // Events that a client has missed come before the reply to its setWatches.
  bool take_missed_events(ConversationReader& reader, std::int64_t zxid) {
    const auto& arrivals = reader.conversation->arrivals;
    std::size_t reply = reader.arrival;
    while (reply < arrivals.size() && arrivals[reply].kind == Arrival::event && arrivals[reply].zxid == -1) ++reply;
    if (reply == arrivals.size()) {
      // The connection was closed in between.
      reader.arrival = reply;
      return false;
    }
    if (arrivals[reply].zxid > zxid) return false;
    std::vector<ModelEvent> heard;
    for (std::size_t i = reader.arrival; i < reply; ++i)
      heard.push_back(ModelEvent{reader.watcher, arrivals[i].event_type, arrivals[i].path});
    reader.arrival = reply + 1;
    take_reply(reader, arrivals[reply], heard);
    return true;
  }

  void take_reply(ConversationReader& reader, const Arrival& arrival, const std::vector<ModelEvent>& missed) {
    if (!reader.expected.empty()) {
      const auto& [zxid, event] = reader.expected.front();
      wrong("VC4 watch before read: client {} gets the reply to xid {} (zxid {}) before event {} at {} (zxid {})",
            reader.conversation->client, arrival.xid, arrival.zxid, event.type, event.path, zxid);
      reader.expected.clear();
    }
    if (reader.answered == reader.conversation->sent.size())
      return wrong("VC2 FIFO: client {} gets an answer without a request, xid {}", reader.conversation->client,
                   arrival.xid);
    const std::size_t k = reader.answered++;
    const Sent& sent = reader.conversation->sent[k];
    if (sent.xid != arrival.xid) {
      wrong("VC2 FIFO: client {} gets the answer to xid {} instead of {}", reader.conversation->client, arrival.xid,
            sent.xid);
      reader.over = true;
      return;
    }
    const auto decision = reader.decisions.find(k);
    const bool is_write = decision != reader.decisions.end();
    if (is_write && decision->second.zxid != arrival.zxid)
      wrong("VC1 order: {} is zxid {}, its reply says {}", text_of(sent.ask), decision->second.zxid, arrival.zxid);
    if (!is_write && arrival.err == Error::not_read_only) return take_refusal(reader, sent, arrival);
    const Verdict verdict =
        is_write ? decision->second.verdict : model_.read(reader.who_asked(k), reader.watcher, sent.ask);
    const std::string answer = answer_text(sent.ask, arrival);
    const bool is_right = arrival.err == verdict.err && answer == verdict.answer;
    if (!is_right && !(!is_write && is_read_after_a_start(reader, k, arrival, answer)))
      wrong("{} answers: client {}, zxid {}, {} is answered {} \"{}\" instead of {} \"{}\"",
            law_of(sent.ask, verdict.err, arrival.err), reader.conversation->client, arrival.zxid, text_of(sent.ask),
            static_cast<int>(arrival.err), answer, static_cast<int>(verdict.err), verdict.answer);
    if (is_write) return;
    bool same = missed.size() == model_.watches.fired.size();
    for (std::size_t i = 0; same && i < missed.size(); ++i)
      same =
          missed[i].type == model_.watches.fired[i].event.type && missed[i].path == model_.watches.fired[i].event.path;
    if (!same)
      wrong("VC5 watches: client {} gets {} missed events after setWatches instead of {}", reader.conversation->client,
            missed.size(), model_.watches.fired.size());
  }

  // A start counts quota usage again, which changes what is read without a new zxid.
  bool is_read_after_a_start(const ConversationReader& reader, std::size_t k, const Arrival& arrival,
                             const std::string& answer) {
    return std::ranges::any_of(record_.states, [&](const ServerState& state) {
      if (!state.is_of_start || state.zxid != arrival.zxid) return false;
      Model started = model_;
      started.start_anew(state.nodes);
      const Verdict verdict = started.read(reader.who_asked(k), reader.watcher, reader.conversation->sent[k].ask);
      return arrival.err == verdict.err && answer == verdict.answer;
    });
  }

  // A write that was refused because of a full disk has no effect.
  void take_refusal(const ConversationReader& reader, const Sent& sent, const Arrival& arrival) {
    // A suspended process does not notice the free space.
    const auto seen_us = [&](const Span& full) {
      std::int64_t us = full.until_us + kRoomSeenUsMax;
      for (const Span& stall : record_.stalls) {
        if (stall.from_us <= us) us = std::max(us, stall.until_us + kRoomSeenUsMax);
      }
      return us;
    };
    const auto explains = [&](const Span& full) {
      return arrival.at_us >= full.from_us && (full.until_us == INT64_MAX || sent.at_us <= seen_us(full));
    };
    if (!may_be_refused(sent.ask.op) || !std::ranges::any_of(record_.full_times, explains))
      wrong("VC9 answers: client {}, zxid {}, {} is refused, although the disk was not full",
            reader.conversation->client, arrival.zxid, text_of(sent.ask));
  }

  static bool may_be_refused(OpCode op) {
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

  const TrialRecord& record_;
  Model model_;
  QuotaHistory quotas_;
  std::size_t usage_ = 0;  // index of the next one in record_.usages
  std::vector<ConversationReader> readers_;
  std::map<std::pair<std::int64_t, std::int32_t>, std::pair<std::size_t, std::size_t>> asked_;
  std::map<std::int64_t, std::size_t> newest_decided_;  // of each session: the connection of its last decision
  Findings findings_;
};

}  // namespace

Findings judge_history(const TrialRecord& record) {
  return Walk(record).run();
}

}  // namespace quoll::sim
