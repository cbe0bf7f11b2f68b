// The order of a start: examine the directories, bind the ports, make sure that no other server uses the directories,
// and only then change anything on disk.
#include <map>

#include "server/test_support.h"

namespace quoll::server {
namespace {

const std::string kDir = "/data/version-2";
const std::string kLog = kDir + "/log.1";

// A directory of an Apache server that is still writing: the newest entry is incomplete.
class StartTest : public ::testing::Test {
 protected:
  StartTest() {
    s.world.disk.wall_ms = [this] { return s.world.clock.wall_ms(); };
    EXPECT_TRUE(s.start());
    EXPECT_EQ(s.connected().create("/a"), Error::ok);
    s.stop();
    auto& disk = s.world.disk;
    log = disk.content(kLog);
    log.resize(log.find_last_not_of('\0') + 1);
    log += std::string("\0\0\0\0\1\2\3\4\0\0\0\x60half an entry", 25) + std::string(2000, '\0');
    disk.put(kLog, log);
    EXPECT_TRUE(disk.remove(kDir + "/quoll.durable"));
    s.world.run_for(60'000);
    before = files();
  }
  std::map<std::string, std::string> files() {
    std::map<std::string, std::string> found;
    const auto entries = s.world.disk.list(kDir);
    for (const auto& entry : *entries) found[entry.name] = s.world.disk.content(kDir + "/" + entry.name);
    return found;
  }
  void expect_untouched() { EXPECT_EQ(files(), before); }
  void write_as_another_server() {
    log.push_back('\0');
    s.world.disk.put(kLog, log);
    before = files();
  }
  void expect_refused(std::string_view why) {
    ASSERT_FALSE(s.start());
    const std::string text = s.start_error ? s.start_error->text : s.fatal_why;
    EXPECT_NE(text.find(why), std::string::npos) << text;
    EXPECT_NE(text.find("othing was changed"), std::string::npos) << text;
    EXPECT_EQ(s.start_error ? s.start_error->code : *s.fatal, ExitCode::data_dir);
    s.server.reset();
    expect_untouched();
  }

  ServerWorld s;
  std::string log;
  std::map<std::string, std::string> before;
};

TEST_F(StartTest, with_a_port_in_use_the_disk_is_not_changed) {
  const auto other = s.world.network.listen({.host = "", .port = kTestPort}, [](auto) { return nullptr; });
  ASSERT_TRUE(other);
  ASSERT_FALSE(s.start());
  EXPECT_NE(s.start_error->text.find("Address already in use"), std::string::npos);
  expect_untouched();
}

TEST_F(StartTest, a_directory_that_another_process_writes_is_not_changed) {
  s.world.disk.users = {{"pid 711 (java QuorumPeerMain /etc/zoo.cfg), which listens on port 2182", kLog, true}};
  expect_refused("pid 711 (java QuorumPeerMain /etc/zoo.cfg), which listens on port 2182");
}

TEST_F(StartTest, a_process_that_only_reads_causes_a_warning) {
  s.world.disk.users = {{"pid 9 (tail -f log.1)", kLog, false}};
  ASSERT_TRUE(s.start());
  EXPECT_TRUE(s.world.log.has("log.1 is read by pid 9 (tail -f log.1)"));
  EXPECT_NE(s.world.disk.content(kLog), log) << "the torn end is cut off";
}

TEST_F(StartTest, another_quoll_server_is_named) {
  s.world.disk.users = {{"pid 5 (quoll server zoo.cfg)", kDir + "/quoll.lock", true}};
  ASSERT_FALSE(s.start());
  EXPECT_NE(s.start_error->text.find("in use by another Quoll server, pid 5"), std::string::npos);
  expect_untouched();
}

TEST_F(StartTest, a_log_that_is_written_while_observed_is_not_changed) {
  write_as_another_server();
  const auto writes = s.world.timers.after(500, [this] { write_as_another_server(); });
  expect_refused("log.1 has changed while this server looked at it");
}

TEST_F(StartTest, a_recently_written_log_is_taken_over_when_it_has_not_changed_for_a_while) {
  write_as_another_server();
  const std::int64_t before_ms = s.world.clock.elapsed_ms();
  ASSERT_TRUE(s.start());
  EXPECT_GE(s.world.clock.elapsed_ms() - before_ms, 1000);
  EXPECT_TRUE(s.has_node("/a"));
}

TEST_F(StartTest, our_own_log_is_not_observed) {
  ASSERT_TRUE(s.start());
  EXPECT_EQ(s.connected().create("/b"), Error::ok);
  s.stop();
  const std::int64_t before_ms = s.world.clock.elapsed_ms();
  ASSERT_TRUE(s.start());
  EXPECT_LT(s.world.clock.elapsed_ms() - before_ms, 500);
}

TEST_F(StartTest, connections_wait_until_the_server_serves) {
  // A new directory: the server serves when its first snapshot is durable.
  ServerWorld fresh;
  fresh.world.workers.hang();
  fresh.server = std::make_unique<Server>(fresh.world.env(), fresh.options, [](ExitCode, std::string_view) {});
  ASSERT_TRUE(fresh.server->start());
  sim::Client& client = fresh.client();
  const auto release = fresh.world.timers.after(2000, [&] { fresh.world.workers.go_on(); });
  EXPECT_TRUE(client.connect());
  EXPECT_GE(fresh.world.clock.elapsed_ms(), 2000);
}

// It is valid once. A start that a power failure ends before there is a database must not use it up.
TEST(Start, the_file_that_allows_an_empty_database_stays_until_the_first_snapshot_is_durable) {
  ServerWorld s;
  s.options.store.db_autocreate = false;
  s.world.disk.put("/data/initialize", "");
  s.world.workers.hang();
  s.server = std::make_unique<Server>(s.world.env(), s.options, [](ExitCode, std::string_view) {});
  ASSERT_TRUE(s.server->start());
  s.world.run_for(1000);
  EXPECT_FALSE(s.server->is_serving());
  EXPECT_TRUE(s.world.disk.stat("/data/initialize")->has_value());
  s.world.workers.go_on();
  ASSERT_TRUE(s.world.run_until([&] { return s.server->is_serving(); }, 10'000));
  EXPECT_FALSE(s.world.disk.stat("/data/initialize")->has_value());
}

}  // namespace
}  // namespace quoll::server
