#include "sim/client.h"

namespace quoll::sim {

namespace {
constexpr std::int64_t kPatienceMs = 120'000;
}  // namespace

AclViews open_acl() {
  return std::vector<AclView>{AclView{perm::kAll, "world", "anyone"}};
}

Client::Client(Simulation& simulation, std::uint16_t port, std::string host)
    : world_(simulation), port_(port), host_(std::move(host)) {}

void Client::dial() {
  connection_.reset();
  in_.clear();
  arrivals_.clear();
  closed_ = greeted_ = false;
  connection_ = server_.empty() ? world_.network.connect(port_, host_, *this)
                                : world_.network.connect(server_, port_, host_, *this);
}

void Client::greet(const Greeting& greeting) {
  std::string frame;
  wire::Writer writer(frame);
  writer.put(std::int32_t{0});
  writer.put(ConnectRequest{0, greeting.last_zxid_seen, greeting.timeout_ms, greeting.session, greeting.password, {}});
  if (greeting.read_only) writer.put(*greeting.read_only);
  writer.patch(0, static_cast<std::int32_t>(frame.size() - 4));
  send_raw(frame);
}

bool Client::connect(const Greeting& greeting) {
  dial();
  greet(greeting);
  world_.run_until([&] { return closed_ || !arrivals_.empty(); }, kPatienceMs);
  return !arrivals_.empty() && session_ != 0;
}

bool Client::reconnect() {
  return connect(Greeting{timeout_ms_, session_, password_, 0, false});
}

std::int32_t Client::send_body(OpCode op, std::string_view body) {
  const std::int32_t xid = next_xid_++;
  send_frame(xid, op, body);
  return xid;
}

void Client::send_frame(std::int32_t xid, OpCode op, std::string_view body) {
  std::string frame;
  wire::Writer writer(frame);
  writer.put(static_cast<std::int32_t>(8 + body.size()));
  writer.put(RequestHeader{xid, static_cast<std::int32_t>(op)});
  frame += body;
  send_raw(frame);
}

void Client::send_raw(std::string_view bytes) {
  if (connection_ != nullptr && !closed_) connection_->send(bytes);
}

std::int32_t Client::send_multi(const std::vector<SubRequest>& ops, OpCode op) {
  std::string body;
  wire::Writer writer(body);
  for (const SubRequest& sub : ops) {
    writer.put(MultiHeader{static_cast<std::int32_t>(sub.op), false, -1});
    std::visit([&](const auto& record) { writer.put(record); }, sub.body);
  }
  writer.put(MultiHeader{-1, true, -1});
  return send_body(op, body);
}

const Arrival* Client::reply(std::int32_t xid) const {
  for (const Arrival& arrival : arrivals_) {
    if (arrival.kind == Arrival::reply && arrival.xid == xid) return &arrival;
  }
  return nullptr;
}

const Arrival* Client::wait(std::int32_t xid) {
  world_.run_until([&] { return closed_ || reply(xid) != nullptr; }, kPatienceMs);
  return reply(xid);
}

std::vector<Arrival> Client::events() const {
  std::vector<Arrival> events;
  for (const Arrival& arrival : arrivals_) {
    if (arrival.kind == Arrival::event) events.push_back(arrival);
  }
  return events;
}

void Client::on_data(std::string_view bytes) {
  in_ += bytes;
  while (!raw_ && in_.size() >= 4) {
    std::int32_t length = 0;
    wire::Reader(in_).get(length);
    if (length < 0 || in_.size() < 4 + static_cast<std::size_t>(length)) return;
    const std::string frame = in_.substr(4, static_cast<std::size_t>(length));
    in_.erase(0, 4 + frame.size());
    take(frame);
  }
}

void Client::take(std::string_view frame) {
  Arrival arrival;
  arrival.at_us = world_.scheduler.now_us();
  wire::Reader reader(frame);
  if (!greeted_) {
    greeted_ = true;
    arrival.kind = Arrival::session;
    arrival.body = std::string(frame);
    ConnectResponse response;
    reader.get(response);
    session_ = response.session_id;
    password_ = response.password.str();
    timeout_ms_ = response.timeout_ms;
    return keep(std::move(arrival));
  }
  ReplyHeader header;
  reader.get(header);
  arrival.xid = header.xid;
  arrival.zxid = header.zxid;
  arrival.err = static_cast<Error>(header.err);
  arrival.kind = !reader.ok() ? Arrival::garbage : header.xid == kNotificationXid ? Arrival::event : Arrival::reply;
  arrival.body = std::string(reader.rest());
  if (arrival.kind == Arrival::event) {
    const auto event = arrival.as<WatcherEvent>();
    arrival.event_type = event.type;
    arrival.path = event.path.str();
  }
  keep(std::move(arrival));
}

void Client::keep(Arrival arrival) {
  if (on_arrival) return on_arrival(arrival);
  arrivals_.push_back(std::move(arrival));
}

void Client::on_closed(std::string_view) {
  closed_ = true;
  if (on_end) on_end();
}

Error Client::create(std::string_view path, std::string_view data, std::int32_t flags) {
  const Arrival* const answer = call(OpCode::create, CreateRequest{path, data, open_acl(), flags});
  return answer == nullptr ? Error::connection_loss : answer->err;
}

Error Client::remove(std::string_view path, std::int32_t version) {
  const Arrival* const answer = call(OpCode::remove, DeleteRequest{path, version});
  return answer == nullptr ? Error::connection_loss : answer->err;
}

Error Client::set(std::string_view path, std::string_view data, std::int32_t version) {
  const Arrival* const answer = call(OpCode::set_data, SetDataRequest{path, data, version});
  return answer == nullptr ? Error::connection_loss : answer->err;
}

std::optional<std::string> Client::get(std::string_view path, bool watch) {
  const Arrival* const answer = call(OpCode::get_data, WatchedReadRequest{path, watch});
  if (answer == nullptr || answer->err != Error::ok) return std::nullopt;
  return answer->as<DataReply>().data.str();
}

std::optional<Stat> Client::exists(std::string_view path, bool watch) {
  const Arrival* const answer = call(OpCode::exists, WatchedReadRequest{path, watch});
  if (answer == nullptr || answer->err != Error::ok) return std::nullopt;
  return answer->as<StatReply>().stat;
}

std::optional<std::vector<std::string>> Client::children(std::string_view path, bool watch) {
  const Arrival* const answer = call(OpCode::get_children, WatchedReadRequest{path, watch});
  if (answer == nullptr || answer->err != Error::ok) return std::nullopt;
  std::vector<std::string> names;
  for (const std::string_view name : answer->as<NamesReply>().names) names.emplace_back(name);
  return names;
}

}  // namespace quoll::sim
