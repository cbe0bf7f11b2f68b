#include "sim/trial/actor.h"

#include <algorithm>

#include "sim/trial/encode.h"
#include "sim/trial/users.h"

namespace quoll::sim {

namespace {
constexpr std::int64_t kComeBackUsMin = 5'000;
constexpr std::uint64_t kComeBackUsSpread = 200'000;
}  // namespace

Actor::Actor(Simulation& world, std::uint16_t port, int number, const ClientPlan& plan)
    : world_(world),
      number_(number),
      plan_(plan),
      client_(world, port, plan.host),
      users_(plan.users.begin(), plan.users.end()) {
  client_.on_arrival = [this](const Arrival& arrival) { on_arrival(arrival); };
  client_.on_end = [this] { on_closed(); };
}

void Actor::dial() {
  dialing_ = false;
  if (retired_) return;
  ++generation_;
  auto conversation = std::make_unique<Conversation>();
  conversation->client = number_;
  conversation->host = plan_.host;
  conversation->asked_timeout_ms = plan_.timeout_ms;
  conversation->asked_session = session_;
  conversation->asked_zxid = zxid_;
  conversation->began_us = world_.scheduler.now_us();
  conversation->has_wrong_password = std::exchange(uses_wrong_password_, false) && session_ != 0;
  std::string password = password_;
  if (conversation->has_wrong_password) ++password.back();
  conversations_.push_back(std::move(conversation));
  up_ = false;
  outstanding_ = answered_ = 0;
  heard_us_ = world_.scheduler.now_us();
  if (!plan_.servers.empty()) client_.to(plan_.servers[conversations_.size() % plan_.servers.size()]);
  client_.dial();
  client_.greet(Greeting{plan_.timeout_ms, session_, password, zxid_, false});
  look_after(generation_);
}

void Actor::dial_later(std::int64_t delay_us) {
  if (retired_ || dialing_) return;
  dialing_ = true;
  world_.scheduler.after(delay_us, [this] { dial(); });
}

// Like real clients: sends a ping every third of the timeout, and reconnects after two thirds without an answer.
void Actor::look_after(std::int64_t generation) {
  const std::int64_t third_us = std::int64_t{plan_.timeout_ms} * 1000 / 3;
  world_.scheduler.after(third_us, [this, generation, third_us] {
    if (generation != generation_ || conversations_.back()->closed) return;
    if (world_.scheduler.now_us() - heard_us_ >= 2 * third_us) {
      note_wait(heard_us_);
      lose();
      return dial_later(kComeBackUsMin);
    }
    if (up_) ping();
    look_after(generation);
  });
}

void Actor::note_wait(std::int64_t since_us) {
  if (on_long_wait && !now().may_lose && !now().reads_late) on_long_wait(since_us);
}

// The client closes its end.
void Actor::lose() {
  client_.drop();
  now().closed = true;
  up_ = false;
  ++generation_;
}

// Resets the connection: unread bytes are lost.
void Actor::cut() {
  now().may_lose = true;
  client_.cut();
}

void Actor::leave() {
  retired_ = true;
  if (!conversations_.empty() && !now().closed) lose();
}

void Actor::forget_session() {
  session_ = 0;
  password_ = std::string(16, '\0');
  for (auto* watches : {&data_watches_, &exist_watches_, &child_watches_, &persistent_watches_, &recursive_watches_})
    watches->clear();
}

void Actor::on_closed() {
  now().closed = true;
  up_ = false;
  ++generation_;
  dial_later(kComeBackUsMin + static_cast<std::int64_t>(world_.scheduler.chance().below(kComeBackUsSpread)));
}

void Actor::on_arrival(const Arrival& arrival) {
  heard_us_ = arrival.at_us;
  now().arrivals.push_back(arrival);
  if (arrival.kind == Arrival::session) return on_session(arrival);
  if (arrival.zxid > 0) zxid_ = std::max(zxid_, arrival.zxid);
  if (arrival.kind == Arrival::event) return on_event(arrival);
  if (arrival.kind == Arrival::reply && arrival.xid != kAuthXid) on_reply(arrival);
}

void Actor::on_session(const Arrival& arrival) {
  const auto response = arrival.as<ConnectResponse>();
  now().session = response.session_id;
  now().timeout_ms = response.timeout_ms;
  if (now().has_wrong_password) {
    lose();
    return dial_later(kComeBackUsMin);
  }
  // Refused: the session has ended, the server closes the connection, and the client opens a new session.
  if (response.session_id == 0) return forget_session();
  session_ = response.session_id;
  password_ = response.password.str();
  up_ = true;
  for (const int user : users_) log_in(user);
  renew_watches();
  pump();
}

void Actor::log_in(int user) {
  const bool is_wrong = user == kNobody;
  const User known = is_wrong ? User{} : kUsers[static_cast<std::size_t>(user)];
  std::string body;
  wire::Writer(body).put(AuthRequest{0, is_wrong ? "nobody" : "digest", known.secret});
  client_.send_frame(kAuthXid, OpCode::auth, body);
  now().logins.push_back(Login{now().sent.size(), Id{"digest", std::string(known.identity)}, is_wrong});
}

void Actor::renew_watches() {
  Ask ask;
  const auto list = [](const std::set<std::string>& paths) { return std::vector(paths.begin(), paths.end()); };
  ask.relative_zxid = zxid_;
  ask.data_watches = list(data_watches_);
  ask.exist_watches = list(exist_watches_);
  ask.child_watches = list(child_watches_);
  ask.persistent_watches = list(persistent_watches_);
  ask.recursive_watches = list(recursive_watches_);
  const bool has_lasting = !ask.persistent_watches.empty() || !ask.recursive_watches.empty();
  ask.op = has_lasting ? OpCode::set_watches2 : OpCode::set_watches;
  if (!has_lasting && ask.data_watches.empty() && ask.exist_watches.empty() && ask.child_watches.empty()) return;
  send(std::move(ask));
}

void Actor::ping() {
  if (!up_) return;
  Ask ask;
  ask.op = OpCode::ping;
  send(std::move(ask));
}

void Actor::send(Ask ask) {
  if (ask.op == OpCode::auth) {
    if (ask.type != kNobody) users_.insert(ask.type);
    return log_in(ask.type);
  }
  const std::int32_t xid = ask.op == OpCode::ping                                            ? kPingXid
                           : ask.op == OpCode::set_watches || ask.op == OpCode::set_watches2 ? kSetWatchesXid
                                                                                             : next_xid_++;
  client_.send_frame(xid, ask.op, encoded(ask));
  now().sent.push_back(Sent{xid, std::move(ask), world_.scheduler.now_us()});
  ++outstanding_;
}

Ask Actor::resolved(Ask ask) const {
  if (ask.path_from == Ask::From::last_created) ask.path = last_created_;
  if (ask.path_from == Ask::From::first_child) ask.path = first_child_;
  if (ask.version_from == Ask::Version::last_seen) ask.version = last_version_;
  for (Ask& part : ask.parts) part = resolved(part);
  return ask;
}

void Actor::pump() {
  while (up_ && !queue_.empty() && !(queue_.front().alone && outstanding_ > 0)) {
    const Item item = std::move(queue_.front());
    queue_.pop_front();
    send(resolved(item.ask));
  }
}

void Actor::on_reply(const Arrival& arrival) {
  if (answered_ >= now().sent.size()) return;
  // Whether it is the right one is checked by the judge.
  const Sent& sent = now().sent[answered_++];
  const Ask& ask = sent.ask;
  --outstanding_;
  note_wait(sent.at_us);
  const bool good = arrival.err == Error::ok;
  if (good && ask.op == OpCode::create) last_created_ = arrival.as<PathReply>().path.str();
  if (good && ask.op == OpCode::create2) last_created_ = arrival.as<PathStatReply>().path.str();
  if (good && ask.op == OpCode::get_data) last_version_ = arrival.as<DataReply>().stat.version;
  if (good && ask.op == OpCode::get_children) {
    const auto names = arrival.as<NamesReply>().names;
    if (!names.empty()) {
      const std::string prefix = ask.path == "/" ? "/" : ask.path + "/";
      first_child_ = prefix + std::string(*std::min_element(names.begin(), names.end()));
    }
  }
  if (ask.watch && ask.op == OpCode::exists && arrival.err == Error::no_node) exist_watches_.insert(ask.path);
  if (ask.watch && good)
    (ask.op == OpCode::exists || ask.op == OpCode::get_data ? data_watches_ : child_watches_).insert(ask.path);
  if (ask.op == OpCode::add_watch && good) (ask.type == 0 ? persistent_watches_ : recursive_watches_).insert(ask.path);
  if (ask.op == OpCode::close_session && good) forget_session();
  pump();
}

void Actor::on_event(const Arrival& arrival) {
  switch (arrival.event_type) {
    case 1:
    case 3:
      data_watches_.erase(arrival.path);
      exist_watches_.erase(arrival.path);
      break;
    case 2:
      data_watches_.erase(arrival.path);
      exist_watches_.erase(arrival.path);
      child_watches_.erase(arrival.path);
      break;
    default:
      child_watches_.erase(arrival.path);
  }
}

void Actor::carry_out(const Item& item) {
  if (conversations_.empty() && item.kind != Item::Kind::ask) return;
  switch (item.kind) {
    case Item::Kind::ask:
      queue_.push_back(item);
      return pump();
    case Item::Kind::hang_up:
      if (now().closed) return;
      lose();
      return dial_later(item.amount);
    case Item::Kind::forget:
      if (!now().closed) lose();
      forget_session();
      return dial_later(item.amount);
    case Item::Kind::move:
      if (now().closed) return;
      client_.go_silent();
      now().may_lose = true;
      now().closed = true;
      return dial();
    case Item::Kind::wrong_password:
      if (now().closed || session_ == 0) return;
      lose();
      uses_wrong_password_ = true;
      return dial_later(kComeBackUsMin);
    case Item::Kind::cut:
      if (!now().closed) cut();
      return;
    case Item::Kind::silence:
      if (now().closed) return;
      client_.go_silent();
      now().may_lose = true;
      return;
    case Item::Kind::stop_reading:
      if (now().closed) return;
      client_.stop_reading();
      now().reads_late = true;
      world_.scheduler.after(item.amount, [this, generation = generation_] {
        if (generation == generation_ && !now().closed) client_.resume_reading();
      });
      return;
    case Item::Kind::half_request: {
      if (!up_) return;
      const std::string body = encoded(item.ask);
      std::string frame;
      wire::Writer writer(frame);
      writer.put(static_cast<std::int32_t>(8 + body.size()));
      writer.put(RequestHeader{next_xid_++, static_cast<std::int32_t>(item.ask.op)});
      frame += body;
      client_.send_raw(frame.substr(0, 1 + static_cast<std::size_t>(item.amount) % (frame.size() - 1)));
      world_.scheduler.after(1000, [this, generation = generation_] {
        if (generation == generation_ && !now().closed) cut();
      });
      // Nothing may be sent after a part of a request.
      up_ = false;
      return;
    }
    default:
      return;
  }
}

}  // namespace quoll::sim
