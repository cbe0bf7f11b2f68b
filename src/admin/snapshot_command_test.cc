// The command snapshot over HTTP, in the simulated world: its head, its bytes, its refusals, and what ends it.
#include "admin/snapshot_command.h"

#include <gtest/gtest.h>

#include "admin/commands.h"
#include "admin/test_support.h"
#include "http/port.h"
#include "store/snapshot_reader.h"

namespace quoll::admin {
namespace {

constexpr std::uint16_t kPort = 8080;

class SnapshotCommandTest : public ::testing::Test {
 public:
  void serve(SnapshotCommandOptions options = {.interval_us = 0}) {
    s.serve();
    commands.emplace(*s.server, s.facts, CommandOptions{.snapshot = options});
    port.emplace(s.world.env(), http::Options(), *commands);
    ASSERT_TRUE(port->open({.port = kPort}));
  }
  sim::Client& send(std::string_view what, std::string_view authorization = "Authorization: digest a:b\r\n") {
    sim::Client& client = askers.emplace_back(s.world, kPort);
    client.keep_raw();
    client.dial();
    client.send_raw(fmt::format("GET /commands/{} HTTP/1.1\r\nConnection: close\r\n{}\r\n", what, authorization));
    return client;
  }
  std::string ask(std::string_view what, std::string_view authorization = "Authorization: digest a:b\r\n") {
    sim::Client& client = send(what, authorization);
    EXPECT_TRUE(s.world.run_until([&] { return client.is_closed(); }, 60'000)) << what;
    return client.raw();
  }
  static std::string body(const std::string& answer) { return answer.substr(answer.find("\r\n\r\n") + 4); }
  static int status(const std::string& answer) { return std::atoi(answer.c_str() + 9); }
  static std::string field(const std::string& answer, const std::string& name) {
    const std::size_t at = answer.find("\r\n" + name + ": ");
    if (at == std::string::npos) return "";
    const std::size_t from = at + name.size() + 4;
    return answer.substr(from, answer.find("\r\n", from) - from);
  }
  std::string file(const std::string& path) {
    auto opened = s.world.disk.open(path, env::OpenMode::read);
    if (!opened) return "";
    std::string bytes(static_cast<std::size_t>((*opened)->size().value()), '\0');
    EXPECT_TRUE((*opened)->read(0, bytes));
    return bytes;
  }

  WordWorld s;
  std::optional<Commands> commands;
  std::optional<http::Port> port;
  std::deque<sim::Client> askers;
};

TEST_F(SnapshotCommandTest, a_snapshot_is_taken_and_its_file_is_sent) {
  serve();
  sim::Client& client = s.connected();
  for (int i = 0; i < 20; ++i) ASSERT_EQ(client.create(fmt::format("/n{}", i), std::string(40'000, 'x')), Error::ok);
  const std::string zxid = fmt::format("{:x}", static_cast<std::uint64_t>(s.server->core().zxid()));
  const std::string answer = ask("snapshot");
  EXPECT_EQ(status(answer), 200);
  EXPECT_EQ(field(answer, "Content-Type"), "application/octet-stream");
  EXPECT_EQ(field(answer, "last_zxid"), "0x" + zxid);
  EXPECT_EQ(field(answer, "snapshot_size"), fmt::format("{}", body(answer).size()));
  EXPECT_EQ(field(answer, "Content-Length"), field(answer, "snapshot_size"));
  EXPECT_GT(body(answer).size(), 800'000U);
  EXPECT_EQ(body(answer), file("/data/version-2/snapshot." + zxid));
}

TEST_F(SnapshotCommandTest, without_streaming_the_file_stays_on_the_server) {
  serve();
  for (const char* text : {"snapshot?streaming=false", "snap?streaming=no"}) {
    const std::string answer = ask(text);
    EXPECT_EQ(status(answer), 200);
    EXPECT_EQ(body(answer), "{\n  \"command\" : \"snapshot\",\n  \"error\" : null\n}");
    EXPECT_NE(field(answer, "snapshot_size"), "") << answer;
  }
  EXPECT_EQ(field(ask("snap?streaming=TRUE"), "Content-Type"), "application/octet-stream");
}

// As in Apache's server an identity is required even if everybody may do everything.
TEST_F(SnapshotCommandTest, it_needs_an_identity_with_all_permissions) {
  serve();
  EXPECT_EQ(status(ask("snapshot", "")), 401);
  EXPECT_EQ(status(ask("snapshot")), 200);
  tree::Tree& tree = s.state().tree;
  tree.replace_acl(tree::kRoot, tree.acls().acquire(AclList{Acl{perm::kAll, Id{"ip", "10.1.1.1"}}}));
  EXPECT_EQ(status(ask("snapshot")), 403);
}

TEST_F(SnapshotCommandTest, it_can_be_turned_off_and_is_limited_in_rate) {
  serve({.interval_us = 300'000});
  EXPECT_EQ(status(ask("snapshot")), 200);
  sim::Client& early = send("snapshot");
  s.world.run_until([&] { return early.is_closed(); }, 60'000);
  EXPECT_EQ(status(early.raw()), 429);
  EXPECT_EQ(s.server->core().stats.metrics.snapshots_rate_limited, 1);
  s.world.run_for(400);
  EXPECT_EQ(status(ask("snapshot")), 200);
}

TEST_F(SnapshotCommandTest, turned_off_it_says_so) {
  serve({.enabled = false});
  const std::string answer = ask("snapshot");
  EXPECT_EQ(status(answer), 503);
  EXPECT_NE(answer.find("admin.snapshot.enabled"), std::string::npos);
}

TEST_F(SnapshotCommandTest, several_at_a_time_each_get_a_whole_snapshot_and_too_many_are_refused) {
  serve();
  std::deque<sim::Client*> all;
  for (int i = 0; i < SnapshotCommand::kAnswersMax + 1; ++i) all.push_back(&send("snapshot"));
  int refused = 0;
  for (sim::Client* each : all) {
    ASSERT_TRUE(s.world.run_until([&] { return each->is_closed(); }, 60'000));
    refused += status(each->raw()) == 429 ? 1 : 0;
    if (status(each->raw()) == 200) {
      EXPECT_EQ(field(each->raw(), "snapshot_size"), fmt::format("{}", body(each->raw()).size()));
    }
  }
  EXPECT_EQ(refused, 1);
}

TEST_F(SnapshotCommandTest, a_disk_that_is_full_is_said_and_changes_nothing) {
  serve();
  s.server->core().snapshots_are_off = true;
  const std::string answer = ask("snapshot");
  EXPECT_EQ(status(answer), 500);
  EXPECT_NE(body(answer).find("nearly full"), std::string::npos) << answer;
  EXPECT_EQ(field(answer, "last_zxid"), "");
}

TEST_F(SnapshotCommandTest, a_client_that_leaves_ends_its_answer) {
  serve();
  sim::Client& client = s.connected();
  for (int i = 0; i < 40; ++i) ASSERT_EQ(client.create(fmt::format("/n{}", i), std::string(40'000, 'x')), Error::ok);
  for (int i = 0; i < 20; ++i) {
    sim::Client& leaver = send("snapshot");
    s.world.run_for(i);
    leaver.drop();
  }
  s.world.run_for(5'000);
  EXPECT_EQ(status(ask("snapshot")), 200) << "none of them holds a place";
}

}  // namespace
}  // namespace quoll::admin
