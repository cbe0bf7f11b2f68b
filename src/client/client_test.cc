// The client with production servers in the simulated world: operations, watches, losses of connections and sessions.
#include "client/client.h"

#include <gtest/gtest.h>

#include "sim/client_world.h"
#include "wire/client_frames.h"
#include "wire/jute.h"

namespace quoll::client {
namespace {

using sim::ClientWorld;
using sim::Recorder;

TEST(Client, carries_out_every_operation) {
  ClientWorld world;
  auto& place = world.connected();
  Client& client = *place;
  EXPECT_EQ(world.create(client, "/a", "x")->path, "/a");
  EXPECT_EQ(world.create(client, "/a/s-", "", {.mode = {.sequential = true}})->path, "/a/s-0000000000");
  EXPECT_EQ(world.create(client, "/a/e", "", {.mode = {.ephemeral = true}})->stat.ephemeral_owner,
            client.session().id());
  EXPECT_TRUE(world.create(client, "/a/c", "", {.mode = {.container = true}}));
  EXPECT_TRUE(world.create(client, "/a/t", "", {.mode = {.ttl = true}, .ttl_ms = 5000}));
  EXPECT_EQ(world.get(client, "/a")->data, "x");
  EXPECT_EQ(world.set(client, "/a", "y", 0)->version, 1);
  EXPECT_EQ(world.set(client, "/a", "y", 0).error().code, Error::bad_version);
  EXPECT_EQ(world.children(client, "/a")->names.size(), 4U);
  EXPECT_EQ(*world.exists(client, "/none"), std::nullopt);
  EXPECT_EQ((*world.exists(client, "/a"))->num_children, 4);
  EXPECT_EQ(world.await<std::int32_t>([&](auto done) { client.all_children_number("/a", std::move(done)); }), 4);
  const auto ephemerals =
      world.await<std::vector<std::string>>([&](auto done) { client.ephemerals("/", std::move(done)); });
  EXPECT_EQ(*ephemerals, std::vector<std::string>{"/a/e"});
  EXPECT_EQ(world.await<NodeAcl>([&](auto done) { client.get_acl("/a", std::move(done)); })->acl, open_acl_unsafe());
  const AclList read_only{{perm::kRead | perm::kAdmin, {"world", "anyone"}}};
  EXPECT_EQ(world.await<Stat>([&](auto done) { client.set_acl("/a", read_only, 0, std::move(done)); })->aversion, 1);
  EXPECT_EQ(world.set(client, "/a", "z").error().code, Error::no_auth);
  EXPECT_TRUE(world.await<void>([&](auto done) { client.sync("/a", std::move(done)); }));
  EXPECT_EQ(world.await<std::vector<Identity>>([&](auto done) { client.who_am_i(std::move(done)); })->at(0).scheme,
            "ip");
  EXPECT_TRUE(world.await<NodeData>([&](auto done) { client.config(nullptr, std::move(done)); }));
  EXPECT_EQ(world.await<NodeData>([&](auto done) { client.reconfigure({}, std::move(done)); }).error().fate,
            Fate::answered);
}

TEST(Client, a_multi_happens_whole_or_says_which_operation_was_refused) {
  ClientWorld world;
  auto& client = *world.connected();
  using Results = std::vector<OperationResult>;
  const auto whole = world.await<Results>([&](auto done) {
    client.multi({op::Create{"/m", "1", {}}, op::Set{"/m", "2", 0}, op::Check{"/m", 1},
                  op::Create{"/m/c", {}, {.mode = {.container = true}}}, op::Remove{"/m/c", 0}},
                 std::move(done));
  });
  ASSERT_TRUE(whole) << whole.error().text;
  EXPECT_EQ(std::get<Created>(whole->at(0)).path, "/m");
  EXPECT_EQ(std::get<Stat>(whole->at(1)).version, 1);
  const auto refused = world.await<Results>(
      [&](auto done) { client.multi({op::Set{"/m", "3"}, op::Check{"/m", 7}, op::Remove{"/m"}}, std::move(done)); });
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Error::bad_version);
  EXPECT_EQ(refused.error().operation, 1U);
  EXPECT_EQ(refused.error().text, "multi: operation 2 of 3, on /m: BadVersion");
  EXPECT_EQ(world.get(client, "/m")->data, "2");
  const auto read = world.await<std::vector<ReadResult>>(
      [&](auto done) { client.multi_read({op::Get{"/m"}, op::List{"/"}, op::Get{"/none"}}, std::move(done)); });
  ASSERT_TRUE(read);
  EXPECT_EQ(std::get<NodeData>(read->at(0)).data, "2");
  EXPECT_EQ(std::get<Children>(read->at(1)).names.size(), 2U);
  EXPECT_EQ(std::get<Error>(read->at(2)), Error::no_node);
}

TEST(Client, refuses_paths_that_no_server_accepts_without_sending_them) {
  ClientWorld world;
  auto& client = *world.connected();
  const auto refused = world.create(client, "a");
  EXPECT_EQ(refused.error().code, Error::bad_arguments);
  EXPECT_EQ(refused.error().fate, Fate::not_sent);
  EXPECT_EQ(world.get(client, "/a/").error().fate, Fate::not_sent);
  EXPECT_EQ(world.create(client, "/t", "", {.mode = {.ttl = true}}).error().fate, Fate::not_sent);
}

TEST(Client, lives_below_its_chroot) {
  ClientWorld world;
  auto& outside = *world.connected();
  ASSERT_TRUE(world.create(outside, "/app"));
  Options options = world.client_options();
  options.chroot = "/app";
  auto& inside = *world.new_client(options);
  const auto watcher = std::make_shared<Recorder>();
  EXPECT_EQ(world.create(inside, "/e-", "", {.mode = {.ephemeral = true, .sequential = true}})->path, "/e-0000000000");
  EXPECT_EQ(world.children(inside, "/", watcher)->names, std::vector<std::string>{"e-0000000000"});
  EXPECT_EQ(*world.await<std::vector<std::string>>([&](auto done) { inside.ephemerals("/", std::move(done)); }),
            std::vector<std::string>{"/e-0000000000"});
  ASSERT_TRUE(world.create(outside, "/app/x"));
  world.simulation.run_for(1000);
  ASSERT_EQ(watcher->events.size(), 1U);
  EXPECT_EQ(watcher->events[0].path, "/");
}

// Answers every connect request as a server without a quorum does, and nothing else.
class LonelyServer : public env::ConnectionHandler {
 public:
  explicit LonelyServer(sim::Simulation& simulation) : machine(simulation, "lonely", "10.1.1.1") {
    auto listener = machine.env().network.listen({.host = "", .port = 2181}, [this](auto connection) {
      connection->attach(*this);
      connections.push_back(std::move(connection));
      return this;
    });
    EXPECT_TRUE(listener);
    listener_ = std::move(*listener);
    listener_->start_accepting();
  }
  void on_data(std::string_view bytes) override {
    // Only the connect request of each connection, which may come in pieces: what follows is not answered.
    constexpr std::size_t kRequestBytes = 4 + 45;
    if (connections.size() == answered || (in += bytes).size() < kRequestBytes) return;
    answered = connections.size();
    const std::string frame_in = std::exchange(in, {});
    ConnectRequest request;
    wire::Reader(std::string_view(frame_in).substr(4)).get(request);
    std::string frame;
    ConnectResponse response{0, 20'000, request.session_id, request.password, true};
    if (response.session_id == 0) response.session_id = 0x7777;
    wire::append_connect_response(response, frame);
    connections.back()->send(frame);
  }
  void on_closed(std::string_view) override {}

  sim::Machine machine;
  std::vector<std::unique_ptr<env::Connection>> connections;
  std::size_t answered = 0;
  std::string in;

 private:
  std::unique_ptr<env::Listener> listener_;
};

// A client of the world's server and of the one without a quorum, which may connect to either.
ClientWorld::Place& client_of_both(ClientWorld& world) {
  Options options = world.client_options();
  options.servers.push_back({"lonely", 2181});
  options.read_only = true;
  return world.new_client(options);
}

TEST(Client, moves_from_a_server_without_a_quorum_to_one_that_has_it_as_soon_as_there_is_one) {
  ClientWorld world;
  LonelyServer lonely(world.simulation);
  world.kill(1);
  auto& place = client_of_both(world);
  const auto watcher = std::make_shared<Recorder>();
  ASSERT_TRUE(world.simulation.run_until([&] { return place->state() == State::connected_read_only; }, 60'000));
  EXPECT_EQ(place->session().id(), 0x7777);
  std::optional<Failure> unanswered;
  place->get("/", watcher, [&](const auto& result) { unanswered = result.error(); });
  world.simulation.run_for(5000);
  EXPECT_EQ(place->state(), State::connected_read_only);
  world.start(1);
  // The pauses of the search have grown to some seconds by now.
  ASSERT_TRUE(world.simulation.run_until([&] { return place->state() == State::connected; }, 15'000));
  // The other server's id means nothing to this one.
  EXPECT_NE(place->session().id(), 0x7777);
  EXPECT_TRUE(world.create(*place, "/a"));
  EXPECT_EQ(unanswered->fate, Fate::may_be_applied);
  EXPECT_EQ(lonely.connections.size(), 1U);
  // The session is one like any other.
  const auto session = place->session().id();
  world.kill(1);
  ASSERT_TRUE(world.simulation.run_until([&] { return place->state() == State::connected_read_only; }, 60'000));
  world.start(1);
  ASSERT_TRUE(world.simulation.run_until([&] { return place->state() == State::connected; }, 60'000));
  EXPECT_NE(session, 0x7777);
  EXPECT_TRUE(world.get(*place, "/a"));
}

TEST(Client, may_be_closed_while_it_searches) {
  ClientWorld world;
  LonelyServer lonely(world.simulation);
  world.kill(1);
  auto& place = client_of_both(world);
  ASSERT_TRUE(world.simulation.run_until([&] { return place->state() == State::connected_read_only; }, 60'000));
  place->session().on_state([&](State state) {
    if (state == State::connecting) place->close(nullptr);
  });
  world.start(1);
  ASSERT_TRUE(world.simulation.run_until([&] { return place->state() == State::closed; }, 30'000));
  world.simulation.run_for(1000);
}

TEST(Client, answers_come_in_the_order_of_the_calls) {
  ClientWorld world;
  auto& client = *world.new_client();
  std::vector<int> order;
  for (int i = 0; i < 50; ++i) {
    if (i % 2 == 0) {
      client.create("/n" + std::to_string(i), "", {}, [&order, i](const auto&) { order.push_back(i); });
    } else {
      client.get("/", nullptr, [&order, i](const auto&) { order.push_back(i); });
    }
  }
  EXPECT_TRUE(order.empty());
  world.simulation.run_until([&] { return order.size() == 50; });
  EXPECT_TRUE(std::ranges::is_sorted(order));
}

TEST(Client, an_idle_session_stays_alive_by_pings) {
  ClientWorld world;
  auto& client = *world.connected(4000);
  const auto watcher = std::make_shared<Recorder>();
  ASSERT_TRUE(world.get(client, "/", watcher));
  world.simulation.run_for(120'000);
  EXPECT_EQ(client.state(), State::connected);
  EXPECT_TRUE(watcher->states.empty());
}

TEST(Client, a_session_moves_to_another_server_when_its_own_dies) {
  ClientWorld world(3);
  auto& client = *world.connected();
  const auto session = client.session().id();
  ASSERT_TRUE(world.create(client, "/e", "", {.mode = {.ephemeral = true}}));
  world.kill(world.server_of(client));
  ASSERT_TRUE(world.simulation.run_until([&] { return client.state() == State::connecting; }, 60'000));
  EXPECT_TRUE(*world.exists(client, "/e"));
  EXPECT_EQ(client.session().id(), session);
  EXPECT_EQ(client.state(), State::connected);
}

TEST(Client, a_silent_server_is_left_within_the_session_timeout) {
  ClientWorld world(3);
  auto& place = world.connected(10'000);
  const auto session = place->session().id();
  const std::string server = fmt::format("server{}", world.server_of(*place));
  world.simulation.network.route(place.machine.name(), server).passage = sim::Route::Passage::silent;
  world.simulation.network.route(server, place.machine.name()).passage = sim::Route::Passage::silent;
  ASSERT_TRUE(world.simulation.run_until([&] { return place->state() == State::connecting; }, 10'000));
  ASSERT_TRUE(world.simulation.run_until([&] { return place->state() == State::connected; }, 10'000));
  EXPECT_EQ(place->session().id(), session);
  EXPECT_NE(fmt::format("server{}", world.server_of(*place)), server);
}

TEST(Client, a_lost_answer_says_that_the_write_may_have_happened_and_an_unsent_one_that_it_has_not) {
  ClientWorld world;
  auto& place = world.connected(10'000);
  world.cut_off(place);
  std::optional<Failure> sent;
  place->create("/sent", "", {}, [&](const auto& result) { sent = result.error(); });
  ASSERT_TRUE(world.simulation.run_until([&] { return sent.has_value(); }, 30'000));
  EXPECT_EQ(sent->code, Error::connection_loss);
  EXPECT_EQ(sent->fate, Fate::may_be_applied);
  const auto waiting = world.create(*place, "/waiting");
  EXPECT_EQ(waiting.error().code, Error::connection_loss);
  EXPECT_EQ(waiting.error().fate, Fate::not_sent);
  EXPECT_NE(waiting.error().text.find("no server could be reached"), std::string::npos) << waiting.error().text;
}

TEST(Client, a_deadline_and_a_cancellation_end_a_call_and_leave_the_others_in_order) {
  ClientWorld world;
  auto& place = world.connected();
  world.cut_off(place);
  std::optional<Failure> late;
  std::optional<Failure> cancelled;
  bool answered = false;
  place->get("/", nullptr, [&](const auto& result) { late = result.error(); }, {.timeout_ms = 500});
  const CallId id = place->get("/", nullptr, [&](const auto& result) { cancelled = result.error(); });
  place->get("/", nullptr, [&](const auto& result) { answered = result.has_value(); });
  EXPECT_TRUE(place->cancel(id));
  EXPECT_FALSE(cancelled);
  ASSERT_TRUE(world.simulation.run_until([&] { return late && cancelled; }, 1000));
  EXPECT_EQ(late->code, Error::request_timeout);
  EXPECT_EQ(late->fate, Fate::may_be_applied);
  EXPECT_FALSE(place->cancel(id));
  world.let_through(place);
  EXPECT_TRUE(world.simulation.run_until([&] { return answered; }, 10'000));
}

TEST(Client, an_expired_session_ends_the_client_and_its_calls) {
  ClientWorld world;
  auto& place = world.connected(4000);
  const auto watcher = std::make_shared<Recorder>();
  ASSERT_TRUE(world.get(*place, "/", watcher));
  ASSERT_TRUE(world.create(*place, "/e", "", {.mode = {.ephemeral = true}}));
  world.cut_off(place);
  world.simulation.run_for(20'000);
  world.let_through(place);
  ASSERT_TRUE(world.simulation.run_until([&] { return is_final(place->state()); }, 30'000));
  EXPECT_EQ(place->state(), State::expired);
  EXPECT_EQ(watcher->states, (std::vector{State::connecting, State::expired}));
  EXPECT_EQ(world.get(*place, "/").error().code, Error::session_expired);
  EXPECT_EQ(*world.exists(*world.connected(), "/e"), std::nullopt);
}

TEST(Client, watches_tell_after_a_reconnect_what_has_changed_meanwhile) {
  ClientWorld world(3);
  auto& place = world.connected(20'000);
  auto& other = *world.connected();
  for (const char* const path : {"/data", "/child", "/gone", "/same"}) ASSERT_TRUE(world.create(other, path));
  const auto watcher = std::make_shared<Recorder>();
  const auto persistent = std::make_shared<Recorder>();
  ASSERT_TRUE(world.get(*place, "/data", watcher));
  ASSERT_TRUE(world.get(*place, "/same", watcher));
  ASSERT_TRUE(world.get(*place, "/gone", watcher));
  ASSERT_TRUE(world.children(*place, "/child", watcher));
  ASSERT_TRUE(world.exists(*place, "/new", watcher));
  ASSERT_TRUE(world.await<void>(
      [&](auto done) { place->add_watch("/", AddWatchMode::persistent_recursive, persistent, std::move(done)); }));
  world.cut_off(place);
  ASSERT_TRUE(world.set(other, "/data", "x"));
  ASSERT_TRUE(world.remove(other, "/gone"));
  ASSERT_TRUE(world.create(other, "/child/c"));
  ASSERT_TRUE(world.create(other, "/new"));
  ASSERT_TRUE(world.simulation.run_until([&] { return place->state() == State::connecting; }, 20'000));
  world.let_through(place);
  ASSERT_TRUE(world.simulation.run_until([&] { return watcher->events.size() == 4; }, 30'000));
  std::map<std::string, EventType> heard;
  for (const WatchEvent& event : watcher->events) heard[event.path] = event.type;
  EXPECT_EQ(heard, (std::map<std::string, EventType>{{"/data", EventType::node_data_changed},
                                                     {"/gone", EventType::node_deleted},
                                                     {"/child", EventType::node_children_changed},
                                                     {"/new", EventType::node_created}}));
  // The persistent watch has been registered again.
  persistent->events.clear();
  ASSERT_TRUE(world.set(other, "/same", "x"));
  ASSERT_TRUE(world.simulation.run_until([&] { return !persistent->events.empty(); }, 10'000));
  EXPECT_EQ(watcher->events.back().path, "/same");
  EXPECT_EQ(persistent->states, (std::vector{State::connecting, State::connected}));
}

TEST(Client, removed_watches_are_told_and_fire_no_more) {
  ClientWorld world;
  auto& client = *world.connected();
  const auto watcher = std::make_shared<Recorder>();
  ASSERT_TRUE(world.create(client, "/a"));
  ASSERT_TRUE(world.get(client, "/a", watcher));
  const auto remove = [&](WatcherType type) {
    return world.await<void>([&](auto done) { client.remove_watches("/a", type, Client::Local::no, std::move(done)); });
  };
  EXPECT_TRUE(remove(WatcherType::data));
  ASSERT_EQ(watcher->events.size(), 1U);
  EXPECT_EQ(watcher->events[0].type, EventType::data_watch_removed);
  ASSERT_TRUE(world.set(client, "/a", "x"));
  EXPECT_EQ(watcher->events.size(), 1U);
  EXPECT_EQ(remove(WatcherType::any).error().code, Error::no_watcher);
}

TEST(Client, authentication_is_sent_again_to_each_server_and_a_refusal_is_final) {
  ClientWorld world(3);
  auto& client = *world.connected();
  ASSERT_TRUE(world.await<void>([&](auto done) { client.add_auth("digest", "user:password", std::move(done)); }));
  CreateOptions mine;
  mine.acl = {{perm::kAll, {"auth", ""}}};
  ASSERT_TRUE(world.create(client, "/mine", "secret", mine));
  world.kill(world.server_of(client));
  EXPECT_EQ(world.get(client, "/mine").error().fate, Fate::may_be_applied);
  EXPECT_EQ(world.get(client, "/mine")->data, "secret");
  EXPECT_EQ(world.get(*world.connected(), "/mine").error().code, Error::no_auth);
  EXPECT_FALSE(world.await<void>([&](auto done) { client.add_auth("nonsense", "x", std::move(done)); }));
  EXPECT_EQ(client.state(), State::auth_failed);
  EXPECT_EQ(world.get(client, "/").error().code, Error::auth_failed);
}

TEST(Client, closing_ends_the_session_at_once) {
  ClientWorld world;
  auto& client = *world.connected();
  ASSERT_TRUE(world.create(client, "/e", "", {.mode = {.ephemeral = true}}));
  bool closed = false;
  bool answered = false;
  client.create("/last", "", {}, [&](const auto& result) { answered = result.has_value(); });
  client.close([&] { closed = true; });
  ASSERT_TRUE(world.simulation.run_until([&] { return closed; }, 1000));
  EXPECT_TRUE(answered);
  EXPECT_EQ(client.state(), State::closed);
  EXPECT_EQ(world.get(client, "/").error().fate, Fate::not_sent);
  EXPECT_EQ(*world.exists(*world.connected(), "/e"), std::nullopt);
}

TEST(Client, too_many_calls_are_refused_and_the_others_are_answered) {
  ClientWorld world;
  Options options = world.client_options();
  options.calls_max = 10;
  auto& client = *world.new_client(options);
  int answered = 0;
  int refused = 0;
  for (int i = 0; i < 15; ++i) {
    client.get("/", nullptr, [&](const Result<NodeData>& result) {
      result ? ++answered : ++refused;
      if (!result) {
        EXPECT_EQ(result.error().code, Error::throttled_op);
      }
    });
  }
  world.simulation.run_until([&] { return answered + refused == 15; });
  EXPECT_EQ(answered, 10);
  EXPECT_EQ(refused, 5);
}

TEST(Client, requests_that_wait_are_limited_in_bytes) {
  ClientWorld world;
  Options options = world.client_options();
  options.bytes_queued_max = 1000;
  auto& client = *world.new_client(options);
  client.create("/big", std::string(2000, 'x'), {}, [](const auto&) {});
  EXPECT_EQ(world.create(client, "/more").error().code, Error::throttled_op);
  world.simulation.run_for(5000);
  EXPECT_EQ(world.get(client, "/big")->data->size(), 2000U);
}

// Answers each connection with the same bytes.
class Liar : public env::ConnectionHandler {
 public:
  Liar(ClientWorld& world, std::string answer)
      : machine_(world.simulation, "liar", "10.7.0.1"), answer_(std::move(answer)) {
    auto listening = machine_.env().network.listen({.host = "", .port = 2181}, [this](auto connection) {
      connection->attach(*this);
      connection->send(answer_);
      ++connections;
      connections_.push_back(std::move(connection));
      return this;
    });
    listener_ = std::move(*listening);
    listener_->start_accepting();
  }
  void on_data(std::string_view) override {}
  void on_closed(std::string_view) override {}
  int connections = 0;

 private:
  sim::Machine machine_;
  const std::string answer_;
  std::unique_ptr<env::Listener> listener_;
  std::vector<std::unique_ptr<env::Connection>> connections_;
};

std::string frame_of(std::string_view payload) {
  std::string frame;
  wire::Writer(frame).put(payload);
  return frame;
}

std::string greeting_of_server(std::int32_t timeout_ms = 10'000) {
  std::string bytes;
  wire::Writer(bytes).put(ConnectResponse{0, timeout_ms, 77, std::string_view("0123456789abcdef"), {}});
  return frame_of(bytes);
}

std::string reply_of(std::int32_t xid, std::string_view body) {
  std::string bytes;
  wire::Writer(bytes).put(ReplyHeader{xid, 1, 0});
  return frame_of(bytes.append(body));
}

TEST(Client, a_server_that_answers_nonsense_is_left) {
  using namespace std::string_literals;
  const std::string good = greeting_of_server();
  const std::string answers[] = {"HTTP/1.1 400 Bad Request\r\n\r\n",
                                 "\xff\xff\xff\xff",
                                 "\x7f\xff\xff\xff",
                                 frame_of("short"),
                                 good + frame_of("short"),
                                 good + "\x7f\xff\xff\xff",
                                 good + reply_of(99, ""),
                                 good + reply_of(1, ""),
                                 good + reply_of(1, "\x7f\xff\xff\xff"s),
                                 "",
                                 good,
                                 greeting_of_server(INT32_MAX)};
  for (const std::string& answer : answers) {
    ClientWorld world;
    Liar liar(world, answer);
    Options options = world.client_options();
    options.servers = {{"liar", 2181}};
    options.session_timeout_ms = 10'000;
    auto& client = *world.new_client(options);
    std::optional<Failure> failure;
    client.get("/", nullptr, [&](const auto& result) { failure = result.error(); });
    ASSERT_TRUE(world.simulation.run_until([&] { return failure && liar.connections > 1; }, 120'000)) << answer;
    EXPECT_EQ(failure->code, Error::connection_loss);
    EXPECT_FALSE(client.session().last_trouble().empty());
  }
}

}  // namespace
}  // namespace quoll::client
