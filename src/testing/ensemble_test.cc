// The fake ensemble, used as a program's own tests use it: through the installed headers alone.
#include <gtest/gtest.h>

#include "quoll/async.h"
#include "quoll/cache.h"
#include "quoll/lock.h"
#include "quoll/testing.h"

namespace quoll::testing {
namespace {

using namespace std::chrono_literals;
using zk::Code;
using zk::Fate;

zk::Client opened(Ensemble& ensemble, zk::Options options = {}) {
  auto client = ensemble.open(std::move(options));
  EXPECT_TRUE(client) << client.error().text;
  return std::move(*client);
}

TEST(FakeEnsemble, has_clients_whose_calls_wait_without_real_time) {
  Ensemble ensemble;
  auto client = opened(ensemble);
  EXPECT_EQ(client.create("/a", "x")->path, "/a");
  zk::Watcher watcher;
  EXPECT_EQ(client.get("/a", &watcher)->data, "x");
  EXPECT_FALSE(watcher.next(24h));
  EXPECT_GE(ensemble.now(), 24h);
  EXPECT_EQ(client.state(), zk::State::connected);
  EXPECT_TRUE(client.set("/a", "y"));
  EXPECT_EQ(watcher.next(1s)->type, zk::EventType::node_data_changed);
  EXPECT_EQ(client.get("/none").error().code, Code::no_node);
}

TEST(FakeEnsemble, clients_live_below_the_chroot_that_they_ask_for) {
  Ensemble ensemble;
  auto outside = opened(ensemble);
  ASSERT_TRUE(outside.create("/app"));
  auto inside = opened(ensemble, {.servers = "production1:2181,production2:2181/app"});
  ASSERT_TRUE(inside.create("/a"));
  EXPECT_TRUE(*outside.exists("/app/a"));
  EXPECT_EQ(ensemble.open({.login = zk::Login{"user", "password"}}).error().code, Code::bad_arguments);
}

TEST(FakeEnsemble, a_server_can_be_away) {
  Ensemble ensemble;
  auto client = opened(ensemble, {.session_timeout = 10s});
  ASSERT_TRUE(client.create("/e", "", {.mode = zk::CreateMode::ephemeral}));
  const auto session = client.session_id();
  ensemble.stop(1);
  EXPECT_EQ(ensemble.leader(), 0);
  ensemble.run_for(5s);
  EXPECT_EQ(client.state(), zk::State::connecting);
  const auto failed = client.get("/e");
  EXPECT_EQ(failed.error().code, Code::connection_loss);
  EXPECT_EQ(failed.error().fate, Fate::not_sent);
  ensemble.start(1);
  ASSERT_TRUE(ensemble.run_until([&] { return client.state() == zk::State::connected; }));
  EXPECT_EQ(client.session_id(), session);
  EXPECT_TRUE(*client.exists("/e"));
}

TEST(FakeEnsemble, sessions_survive_a_killed_leader_and_end_where_nobody_hears_of_them) {
  Ensemble ensemble({.servers = 3, .seed = 7});
  auto one = opened(ensemble);
  auto other = opened(ensemble);
  ASSERT_TRUE(one.create("/e", "", {.mode = zk::CreateMode::ephemeral}));
  const int first = ensemble.leader();
  ensemble.stop(first);
  ASSERT_TRUE(ensemble.run_until([&] { return ensemble.leader() != 0; }));
  EXPECT_NE(ensemble.leader(), first);
  ensemble.run_for(10s);
  EXPECT_TRUE(*one.exists("/e"));
  EXPECT_TRUE(ensemble.expire(one));
  EXPECT_EQ(one.state(), zk::State::expired);
  EXPECT_EQ(one.get("/").error().code, Code::session_expired);
  EXPECT_FALSE(*other.exists("/e"));
  EXPECT_FALSE(ensemble.expire(one));
}

TEST(FakeEnsemble, a_suspended_holder_of_a_lock_changes_nothing_when_it_goes_on) {
  Ensemble ensemble;
  auto one = opened(ensemble, {.session_timeout = 6s});
  auto other = opened(ensemble);
  zk::Lock ours(one, "/lock");
  zk::Lock theirs(other, "/lock");
  ASSERT_TRUE(ours.acquire());
  EXPECT_EQ(theirs.acquire(5s).error().code, Code::request_timeout);
  ensemble.suspend(one);
  ASSERT_TRUE(theirs.acquire());
  const auto written = ours.write({zk::Operation::create("/late")});
  EXPECT_FALSE(written);
  EXPECT_FALSE(ours.surely_held());
  EXPECT_FALSE(*other.exists("/late"));
}

TEST(FakeEnsemble, a_client_that_is_cut_off_finds_another_server_and_goes_on_when_all_is_healed) {
  Ensemble ensemble({.servers = 3});
  auto client = opened(ensemble, {.session_timeout = 20s});
  const auto session = client.session_id();
  for (int server = 1; server <= 2; ++server) ensemble.cut_off(client, server);
  ensemble.run_for(60s);
  EXPECT_EQ(client.state(), zk::State::connected);
  ensemble.cut_off(client);
  ASSERT_TRUE(ensemble.run_until([&] { return client.state() == zk::State::connecting; }));
  ensemble.heal();
  ASSERT_TRUE(ensemble.run_until([&] { return client.state() == zk::State::connected; }));
  EXPECT_EQ(client.session_id(), session);
  ensemble.isolate(ensemble.leader());
  ensemble.run_for(30s);
  EXPECT_TRUE(client.create("/a") || client.create("/a"));
  ensemble.disconnect(client);
  EXPECT_TRUE(ensemble.run_until([&] { return client.state() == zk::State::connecting; }));
  EXPECT_TRUE(ensemble.run_until([&] { return client.state() == zk::State::connected; }));
}

zk::Task<int> twice(zk::AsyncClient& async) {
  zk::CreateOptions options;
  auto made = co_await async.create("/t", "1", options);
  auto set = co_await async.set("/t", "2");
  co_return made&& set ? set->version : -1;
}

TEST(FakeEnsemble, all_faces_of_calls_that_do_not_wait_run_in_virtual_time) {
  Ensemble ensemble;
  auto client = opened(ensemble);
  zk::AsyncClient async(client);
  int answered = 0;
  for (int i = 0; i < 100; ++i) async.get("/").then([&](const auto& got) { answered += got ? 1 : 0; });
  EXPECT_TRUE(ensemble.run_until([&] { return answered == 100; }));
  EXPECT_TRUE(ensemble.get(async.get("/").future()));
  EXPECT_TRUE(async.get("/").wait());
  EXPECT_EQ(ensemble.get(zk::start(twice(async))), 1);
  ensemble.cut_off(client);
  const auto before = ensemble.now();
  EXPECT_EQ(async.get("/").within(2s).wait().error().code, Code::request_timeout);
  EXPECT_GE(ensemble.now() - before, 2s);
  std::stop_source stop;
  auto stopped = async.get("/").until(stop.get_token()).future();
  stop.request_stop();
  EXPECT_EQ(ensemble.get(std::move(stopped)).error().code, Code::request_timeout);
}

TEST(FakeEnsemble, a_cache_follows_in_virtual_time) {
  Ensemble ensemble;
  auto client = opened(ensemble);
  auto other = opened(ensemble);
  ASSERT_TRUE(other.create("/c", "0"));
  zk::Cache cache(client, "/c", {.scope = zk::CacheScope::tree});
  ASSERT_TRUE(cache.wait_settled(10s));
  ASSERT_TRUE(other.create("/c/a", "1"));
  EXPECT_TRUE(ensemble.run_until([&] { return cache.get("/c/a").has_value(); }));
  EXPECT_EQ(cache.next(1s)->path, "/c");
}

TEST(FakeEnsemble, a_seed_decides_everything) {
  const auto run = [](std::uint64_t seed) {
    Ensemble ensemble({.servers = 3, .seed = seed});
    auto client = opened(ensemble);
    for (int i = 0; i < 10; ++i) EXPECT_TRUE(client.create("/n-", "", {.mode = zk::CreateMode::persistent_sequential}));
    ensemble.stop(ensemble.leader());
    EXPECT_TRUE(ensemble.run_until([&] { return ensemble.leader() != 0; }));
    return std::pair(ensemble.now(), client.session_id());
  };
  EXPECT_EQ(run(3), run(3));
  EXPECT_NE(run(3), run(4));
}

using FakeEnsembleDeathTest = ::testing::Test;

TEST(FakeEnsembleDeathTest, a_test_that_waits_for_itself_is_ended_with_a_text) {
  const auto deadlock = [] {
    Ensemble ensemble({.wait_max = 60s});
    auto client = opened(ensemble);
    zk::Lock one(client, "/lock");
    zk::Lock other(client, "/lock");
    (void)one.acquire();
    (void)other.acquire();
  };
  EXPECT_DEATH(deadlock(), "the test waits for itself");
}

}  // namespace
}  // namespace quoll::testing
