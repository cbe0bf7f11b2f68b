#include "admin/state_dump.h"

#include "admin/test_support.h"

namespace quoll::admin {
namespace {

std::string all(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

TEST(StateDump, tells_what_there_is_and_what_the_server_waits_for) {
  WordWorld s;
  s.facts.log_dir = s.facts.snapshot_dir;
  s.facts.memory_bytes = [] { return std::int64_t{64} << 20; };
  s.serve();
  sim::Client& client = s.connected();
  ASSERT_EQ(client.create("/a", "12345"), Error::ok);
  const std::string idle = all(state_dump(*s.server, s.facts));
  EXPECT_TRUE(idle.starts_with("State: standalone, serving for ")) << idle;
  EXPECT_TRUE(idle.contains(", zxid 0x2\n")) << idle;
  EXPECT_TRUE(idle.contains("State: 6 znodes with ")) << idle;
  EXPECT_TRUE(idle.contains("State: 1 sessions, 1 connections, 0 TLS handshakes under way\n")) << idle;
  EXPECT_TRUE(idle.contains("State: 64 MiB of memory, 53 of 20000 open files\n")) << idle;
  EXPECT_TRUE(idle.contains(" free in /data/version-2\n")) << idle;
  EXPECT_TRUE(idle.ends_with("State: waits for nothing but its clients\n")) << idle;
}

TEST(StateDump, names_the_disk_while_requests_wait_for_it) {
  WordWorld s;
  s.serve();
  sim::Client& client = s.connected();
  client.send(OpCode::create, CreateRequest{"/a", "", sim::open_acl(), 0});
  ASSERT_TRUE(s.world.run_until([&] { return s.server->requests().in_progress() > 0; }, 10'000));
  const std::string busy = all(state_dump(*s.server, s.facts));
  EXPECT_TRUE(busy.contains("State: 1 requests in progress with ")) << busy;
  EXPECT_TRUE(busy.ends_with("State: waits for the disk of the transaction log\n")) << busy;
}

}  // namespace
}  // namespace quoll::admin
