// The AdminServer's commands: what is compared with Apache's server key by key in tests/peers is not repeated here.
#include "admin/commands.h"

#include <gtest/gtest.h>

#include "admin/test_support.h"

namespace quoll::admin {
namespace {

using Method = http::Request::Method;

class CommandsTest : public ::testing::Test {
 public:
  CommandsTest() { s.facts.settings = {{"dataDir", "/data"}, {"ssl.keyStore.password", "(set)"}}; }
  void serve() {
    s.serve();
    commands.emplace(*s.server, s.facts, CommandOptions{});
  }
  http::Answer ask(std::string path, std::optional<std::string> authorization = std::nullopt,
                   Method method = Method::get, http::Request::Parameters parameters = {}) {
    return commands->answer(
        {method, std::move(path), std::move(parameters), std::move(authorization), {"10.0.0.9", 4711}});
  }
  std::string body(std::string path, std::optional<std::string> authorization = std::nullopt) {
    http::Answer answer = ask("/commands/" + path, std::move(authorization));
    if (answer.content == nullptr) return answer.text;
    std::string all;
    while (answer.content->append_more(all) == http::Content::Then::more) {
    }
    return all;
  }
  void set_root_acl(const std::string& scheme, const std::string& id, std::int32_t perms = perm::kAll) {
    tree::Tree& tree = s.state().tree;
    tree.replace_acl(tree::kRoot, tree.acls().acquire(AclList{Acl{perms, Id{scheme, id}}}));
  }

  WordWorld s;
  std::optional<Commands> commands;
};

TEST_F(CommandsTest, a_server_is_live_always_and_ready_while_it_serves) {
  serve();
  EXPECT_EQ(ask("/livez").status, 200);
  EXPECT_EQ(ask("/readyz").status, 200);
  EXPECT_EQ(ask("/readyz", {}, Method::head).status, 200);
  EXPECT_EQ(ask("/readyz", {}, Method::post).status, 405);
  s.server->stop();
  EXPECT_EQ(ask("/livez").status, 200);
  EXPECT_EQ(ask("/readyz").status, 503);
}

TEST_F(CommandsTest, paths_and_methods_are_answered_as_by_jetty) {
  serve();
  EXPECT_EQ(ask("/").status, 404);
  EXPECT_EQ(ask("/commandsx").status, 404);
  EXPECT_NE(ask("/commands").text.find("<a href=\"/commands/ruok\">ruok</a>\n<br/>\n"), std::string::npos);
  EXPECT_EQ(ask("/commands/").text, ask("/commands").text);
  EXPECT_EQ(body("ruok"), "{\n  \"command\" : \"ruok\",\n  \"error\" : null\n}");
  EXPECT_EQ(body("no\"such"), "{\n  \"command\" : \"no\\\"such\",\n  \"error\" : \"Unknown command: no\\\"such\"\n}");
  EXPECT_EQ(ask("/commands/ruok", {}, Method::other).status, 405);
  EXPECT_EQ(ask("/commands/ruok", {}, Method::trace).status, 403);
  EXPECT_EQ(ask("/commands/ruok", {}, Method::post).status, 405);
  EXPECT_EQ(ask("/commands/crst", {}, Method::post).status, 200);
  EXPECT_EQ(ask("/commands/ruok", {}, Method::options).status, 200);
}

TEST_F(CommandsTest, only_some_commands_are_answered_while_the_server_does_not_serve) {
  serve();
  s.server->stop();
  EXPECT_NE(body("server_stats").find("\"This ZooKeeper instance is not currently serving requests\""),
            std::string::npos);
  EXPECT_NE(body("environment").find("\"error\" : null"), std::string::npos);
  EXPECT_NE(body("monitor").find("\"znode_count\" : 5"), std::string::npos);
}

TEST_F(CommandsTest, the_trace_mask_is_kept) {
  serve();
  EXPECT_NE(body("gtmk").find("\"tracemask\" : 306"), std::string::npos);
  EXPECT_NE(ask("/commands/stmk", {}, Method::get, {{"traceMask", "12"}}).text.find("\"tracemask\" : 12"),
            std::string::npos);
  EXPECT_NE(body("gtmk").find("\"tracemask\" : 12"), std::string::npos);
  EXPECT_NE(ask("/commands/stmk", {}, Method::get, {{"traceMask", "12x"}}).text.find("argument, got 12x"),
            std::string::npos);
}

TEST_F(CommandsTest, watches_and_sessions_are_listed) {
  serve();
  sim::Client& client = s.connected();
  ASSERT_EQ(client.create("/a"), Error::ok);
  ASSERT_EQ(client.create("/e", "", 1), Error::ok);
  client.get("/a", true);
  client.get("/e", true);
  const std::string id = fmt::format("{}", client.session());
  EXPECT_EQ(body("wchc"), "{\n  \"session_id_to_watched_paths\" : {\n    \"" + id +
                              "\" : [ \"/a\", \"/e\" ]\n  },\n  \"command\" : \"watches\",\n  \"error\" : null\n}");
  EXPECT_NE(body("wchp").find("    \"/a\" : [ " + id + " ]"), std::string::npos) << body("wchp");
  EXPECT_NE(body("dump").find("\" : [ " + id + " ]\n  },\n  \"session_id_to_ephemeral_paths\" : {\n    \"" + id +
                              "\" : [ \"/e\" ]\n  }"),
            std::string::npos)
      << body("dump");
  EXPECT_NE(body("cons").find("\"remote_socket_address\" : \"10.0.0.1:"), std::string::npos);
  EXPECT_NE(body("icfg").find("dataDir=/data\\nssl.keyStore.password=(set)\\n"), std::string::npos);
}

TEST_F(CommandsTest, what_reveals_or_changes_is_as_open_as_the_root) {
  serve();
  EXPECT_EQ(ask("/commands/dump").status, 200);
  set_root_acl("digest", *auth::digest_of("admin:secret", "SHA1"));
  for (const char* name : {"dump", "cons", "stat", "wchc", "wchp", "conf", "icfg", "envi", "sysp", "crst", "srst",
                           "orst", "stmk", "connections", "set_trace_mask"}) {
    EXPECT_EQ(ask(std::string("/commands/") + name).status, 401) << name;
    EXPECT_EQ(ask(std::string("/commands/") + name, "digest admin:wrong").status, 403) << name;
    EXPECT_EQ(ask(std::string("/commands/") + name, "digest admin:secret").status, 200) << name;
  }
  for (const char* name : {"ruok", "mntr", "srvr", "lead", "isro", "dirs", "hash", "wchs", "gtmk", "zabstate"})
    EXPECT_EQ(ask(std::string("/commands/") + name).status, 200) << name;
  EXPECT_EQ(ask("/commands/dump", "nosuch x").status, 401);
  EXPECT_EQ(ask("/commands/dump", "").status, 401);
  EXPECT_EQ(ask("/commands/dump", "digest a b").status, 401);
}

// CVE-2025-58457: any one of the permissions was enough.
TEST_F(CommandsTest, each_permission_of_the_root_is_required) {
  serve();
  for (int bit = 0; bit < 5; ++bit) {
    set_root_acl("world", "anyone", perm::kAll & ~(1 << bit));
    EXPECT_EQ(ask("/commands/dump", "digest a:b").status, 403) << bit;
    EXPECT_EQ(ask("/commands/dump").status, 401) << bit;
  }
}

// The address is that of the connection: no header is read (CVE-2024-51504).
TEST_F(CommandsTest, scheme_ip_is_the_connections_address) {
  serve();
  set_root_acl("ip", "10.0.0.9");
  EXPECT_EQ(ask("/commands/dump").status, 200);
  EXPECT_EQ(ask("/commands/dump", "ip").status, 200);
  set_root_acl("ip", "10.0.0.8");
  EXPECT_EQ(ask("/commands/dump", "ip 10.0.0.8").status, 403);
}

TEST_F(CommandsTest, long_lists_come_in_small_steps) {
  serve();
  sim::Client& client = s.connected();
  for (int i = 0; i < 3000; ++i) {
    const std::string path = fmt::format("/n{}", i);
    client.send(OpCode::exists, WatchedReadRequest{path, true});
  }
  s.world.run_for(3000);
  http::Answer answer = ask("/commands/watches_by_path");
  std::string all;
  std::size_t longest = 0;
  bool more = true;
  while (more) {
    const std::size_t before = all.size();
    more = answer.content->append_more(all) == http::Content::Then::more;
    longest = std::max(longest, all.size() - before);
  }
  EXPECT_GT(all.size(), 3000U * 20);
  EXPECT_LT(longest, 40'000U);
  EXPECT_NE(all.find("\"/n2999\" : ["), std::string::npos);
}

}  // namespace
}  // namespace quoll::admin
