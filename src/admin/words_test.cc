// The answer of each word, compared byte for byte where it is deterministic.
#include "admin/test_support.h"

namespace quoll::admin {
namespace {

TEST(Words, srvr_and_stat_print_the_version_the_counters_and_the_mode) {
  WordWorld s;
  s.serve();
  const std::string numbers = "Zxid: 0x0\nMode: standalone\nNode count: 5\n";
  EXPECT_EQ(s.ask("srvr"),
            "Zookeeper version: 3.9.5-quoll-test, built on 2026-11-24 00:00 UTC\nLatency min/avg/max: "
            "0/0.0/0\nReceived: 1\nSent: 0\n"
            "Connections: 1\nOutstanding: 0\n" +
                numbers);
  const std::string stat = s.ask("stat");
  EXPECT_NE(stat.find("UTC\nClients:\n /10.0.0.9:"), std::string::npos) << stat;
  EXPECT_NE(stat.find("[0](queued=0,recved=1,sent=0)\n\nLatency min/avg/max: 0/0.0/0\nReceived: 2\nSent: 1\n"),
            std::string::npos)
      << stat;
  EXPECT_TRUE(stat.ends_with(numbers));
  EXPECT_EQ(s.ask("isro"), "rw");
}

TEST(Words, conf_and_dirs_print_the_configuration_and_the_directory_sizes) {
  WordWorld s;
  s.serve();
  EXPECT_EQ(
      s.ask("conf"),
      "clientPort=2181\nsecureClientPort=-1\ndataDir=/data/version-2\ndataDirSize=478\ndataLogDir=/log/version-2\n"
      "dataLogSize=67108880\ntickTime=3000\nmaxClientCnxns=60\nminSessionTimeout=6000\nmaxSessionTimeout=60000\n"
      "clientPortListenBacklog=-1\nserverId=0\n");
  EXPECT_EQ(s.ask("dirs"), "datadir_size: 478\nlogdir_size: 67108880\n");
}

TEST(Words, envi_prints_the_version_first) {
  WordWorld s;
  s.serve();
  EXPECT_EQ(s.ask("envi"),
            "Environment:\nzookeeper.version=3.9.5-quoll-test, built on 2026-11-24 00:00 "
            "UTC\nhost.name=here\njava.version=none\n");
}

TEST(Words, cons_prints_a_reattached_session_without_requests_as_apaches_server_does) {
  WordWorld s;
  s.serve();
  sim::Client& client = s.connected();
  client.drop();
  ASSERT_TRUE(client.reconnect());
  EXPECT_NE(s.ask("cons").find(",lop=null,"), std::string::npos);
  EXPECT_NE(s.ask("cons").find(",lcxid=0x0,lzxid=0x0,"), std::string::npos);
  s.ask("crst");
  EXPECT_NE(s.ask("cons").find(",lop=NA,"), std::string::npos);
}

TEST(Words, cons_prints_a_sessions_last_operation_and_crst_resets_it) {
  WordWorld s;
  s.serve();
  sim::Client& client = s.connected();
  ASSERT_EQ(client.create("/a"), Error::ok);
  client.ping();
  s.world.run_for(100);
  const std::string session = fmt::format(",sid=0x{:x},lop=PING,est=", client.session());
  const std::string cons = s.ask("cons");
  EXPECT_NE(cons.find("[1](queued=0,recved=3,sent=3" + session), std::string::npos) << cons;
  EXPECT_NE(cons.find(",to=30000,lcxid=0x1,lzxid=0x2,lresp="), std::string::npos)
      << "a ping does not change the last cxid: " << cons;
  EXPECT_TRUE(cons.ends_with("[0](queued=0,recved=1,sent=0)\n\n")) << cons;
  EXPECT_EQ(s.ask("crst"), "Connection stats reset.\n");
  const std::string anew = s.ask("cons");
  EXPECT_NE(anew.find("[1](queued=0,recved=0,sent=0"), std::string::npos) << anew;
  EXPECT_NE(anew.find(",lop=NA,"), std::string::npos) << anew;
  EXPECT_EQ(anew.find("lcxid"), std::string::npos) << "none yet";
}

TEST(Words, crst_does_not_make_connections_idle) {
  WordWorld s;
  s.serve();
  s.world.run_for(60'000);
  sim::Client& quiet = s.client();
  quiet.dial();
  s.world.run_for(10);
  s.ask("crst");
  s.world.run_for(3'000);
  EXPECT_FALSE(quiet.is_closed());
}

TEST(Words, dump_prints_expiry_times_ephemerals_and_connections) {
  WordWorld s;
  s.serve();
  EXPECT_TRUE(s.ask("dump").starts_with(
      "SessionTracker dump:\nSession Sets (0)/(0):\nephemeral nodes dump:\nSessions with Ephemerals (0):\n"
      "Connections dump:\nConnections Sets (1)/(1):\n1 expire at "));
  sim::Client& client = s.connected();
  ASSERT_EQ(client.create("/e2", "", 1), Error::ok);
  ASSERT_EQ(client.create("/e1", "", 1), Error::ok);
  const std::string id = fmt::format("0x{:x}", client.session());
  const std::string dump = s.ask("dump");
  EXPECT_TRUE(dump.starts_with("SessionTracker dump:\nSession Sets (1)/(1):\n1 expire at ")) << dump;
  EXPECT_NE(dump.find(":\n\t" + id + "\nephemeral nodes dump:\nSessions with Ephemerals (1):\n" + id +
                      ":\n\t/e1\n\t/e2\nConnections dump:\n"),
            std::string::npos)
      << dump;
  EXPECT_NE(dump.find("\tip: /10.0.0.1:"), std::string::npos) << dump;
  EXPECT_NE(dump.find(" sessionId: " + id + "\n"), std::string::npos) << dump;
  EXPECT_NE(dump.find(" sessionId: 0x0\n"), std::string::npos) << dump;
}

TEST(Words, data_watches_are_printed_in_total_by_session_and_by_path) {
  WordWorld s;
  s.serve();
  EXPECT_EQ(s.ask("wchs"), "0 connections watching 0 paths\nTotal watches:0\n");
  EXPECT_EQ(s.ask("wchc"), "\n");
  sim::Client& first = s.connected();
  sim::Client& second = s.connected();
  ASSERT_EQ(first.create("/a"), Error::ok);
  first.get("/a", true);
  first.exists("/b", true);
  first.children("/", true);
  second.get("/a", true);
  const std::string one = fmt::format("0x{:x}", first.session());
  const std::string two = fmt::format("0x{:x}", second.session());
  EXPECT_EQ(s.ask("wchs"), "2 connections watching 2 paths\nTotal watches:3\n");
  // Paths are in the order of a hash table, as in Apache's server.
  const std::string wchc = s.ask("wchc");
  EXPECT_TRUE(wchc == one + "\n\t/a\n\t/b\n" + two + "\n\t/a\n\n" ||
              wchc == one + "\n\t/b\n\t/a\n" + two + "\n\t/a\n\n")
      << wchc;
  const std::string wchp = s.ask("wchp");
  const std::string a = "/a\n\t" + one + "\n\t" + two + "\n";
  const std::string b = "/b\n\t" + one + "\n";
  EXPECT_TRUE(wchp == a + b + "\n" || wchp == b + a + "\n") << wchp;
}

// addWatch takes whatever path it is given.
TEST(Words, watches_on_paths_with_any_bytes_are_printed_as_they_are) {
  WordWorld s;
  s.serve();
  sim::Client& client = s.connected();
  const std::string odd("/a\0\0\n\x01/b", 8);
  ASSERT_EQ(client.call(OpCode::add_watch, WatchTypeRequest{odd, 0})->err, Error::ok);
  EXPECT_EQ(s.ask("wchc"), fmt::format("0x{:x}\n\t{}\n\n", client.session(), odd));
}

TEST(Words, a_connection_whose_watches_have_all_fired_is_still_printed) {
  WordWorld s;
  s.serve();
  sim::Client& client = s.connected();
  client.exists("/a", true);
  ASSERT_EQ(client.create("/a"), Error::ok);
  EXPECT_EQ(s.ask("wchs"), "1 connections watching 0 paths\nTotal watches:0\n");
  EXPECT_EQ(s.ask("wchc"), fmt::format("0x{:x}\n\n", client.session()));
  client.drop();
  s.world.run_for(100);
  EXPECT_EQ(s.ask("wchs"), "0 connections watching 0 paths\nTotal watches:0\n");
}

TEST(Words, a_watch_on_a_null_path_is_printed_as_null) {
  WordWorld s;
  s.serve();
  sim::Client& client = s.connected();
  ASSERT_EQ(client.call(OpCode::add_watch, WatchTypeRequest{{}, 0})->err, Error::ok);
  EXPECT_EQ(s.ask("wchc"), fmt::format("0x{:x}\n\tnull\n\n", client.session()));
}

TEST(Words, hash_prints_every_128th_digest) {
  WordWorld s;
  s.serve();
  EXPECT_EQ(s.ask("hash"), "");
  s.state().digest_log = {{.zxid = 0x80, .digest = 12}, {.zxid = 0x100, .digest = -7}};
  EXPECT_EQ(s.ask("hash"), "80: 12\n100: -7\n");
}

class NoWatchers : public machine::EventSink {
  void on_event(watch::EventType, std::string_view, const auth::AccessList&, Zxid,
                std::span<const watch::WatcherId>) override {}
};

TEST(Words, hash_prints_at_most_the_newest_1024_digests) {
  WordWorld s;
  s.serve();
  NoWatchers nobody;
  machine::Applier applier(s.state(), s.server->core().options.rules, nobody);
  for (int i = 1; i <= 1030; ++i) applier.apply(Txn{TxnHeader{.zxid = i * 128}, ErrorTxn{}, {}});
  const std::string lines = s.ask("hash");
  EXPECT_EQ(std::ranges::count(lines, '\n'), 1024);
  EXPECT_TRUE(lines.starts_with(fmt::format("{:x}: ", 7 * 128))) << lines.substr(0, 40);
  EXPECT_TRUE(lines.contains(fmt::format("\n{:x}: ", 1030 * 128)));
}

}  // namespace
}  // namespace quoll::admin
