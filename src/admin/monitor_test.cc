// mntr prints every metric of Apache's server, and the counts are right.
#include <deque>
#include <set>
#include <sstream>

#include "admin/test_support.h"

namespace quoll::admin {
namespace {

TEST(Monitor, a_fresh_server_prints_as_many_metrics_as_apaches_each_once) {
  WordWorld s;
  s.serve();
  std::istringstream text(s.ask("mntr"));
  std::set<std::string> names;
  std::vector<std::string> first;
  for (std::string line; std::getline(text, line);) {
    const std::string name = line.substr(0, line.find('\t'));
    EXPECT_TRUE(name.starts_with("zk_") && name.size() + 1 < line.size()) << line;
    EXPECT_TRUE(names.insert(name).second) << name << " twice";
    if (first.size() < 2) first.push_back(line);
  }
  EXPECT_EQ(names.size(), 494U) << "Apache 3.9.5 standalone";
  EXPECT_EQ(first, (std::vector<std::string>{"zk_version\t3.9.5-quoll-test, built on 2026-11-24 00:00 UTC",
                                             "zk_server_state\tstandalone"}));
}

TEST(Monitor, requests_are_counted_in_their_metrics) {
  WordWorld s;
  s.serve();
  sim::Client& client = s.connected();
  ASSERT_EQ(client.create("/a", "12345"), Error::ok);
  ASSERT_TRUE(client.get("/a", true));
  ASSERT_EQ(client.set("/a", "1"), Error::ok);
  EXPECT_EQ(s.metric("cnt_readlatency"), "1");
  EXPECT_EQ(s.metric("cnt_updatelatency"), "3") << "createSession, create and setData";
  EXPECT_EQ(s.metric("prep_processor_request_queued"), "4");
  EXPECT_EQ(s.metric("sync_processor_request_queued"), "3");
  EXPECT_EQ(s.metric("connection_request_count"), "1");
  EXPECT_EQ(s.metric("sum_a_write_per_namespace"), "10") << "2 + 5 and 2 + 1 bytes";
  EXPECT_EQ(s.metric("sum_a_read_per_namespace"), "75") << "2 + 5 bytes and a stat";
  EXPECT_EQ(s.metric("cnt_node_changed_watch_count"), "1");
  EXPECT_EQ(s.metric("watch_bytes"), "30");
  EXPECT_EQ(s.metric("znode_count"), "6");
  EXPECT_EQ(s.metric("global_sessions"), "1");
  EXPECT_EQ(s.metric("max_file_descriptor_count"), "20000");
}

TEST(Monitor, request_sizes_count_names_in_utf16_units) {
  WordWorld s;
  s.serve();
  sim::Client& client = s.connected();
  ASSERT_EQ(client.create("/é"), Error::ok);
  ASSERT_EQ(client.create("/é/中中"), Error::ok);
  const auto children = client.call(OpCode::get_children, WatchedReadRequest{"/é", false});
  ASSERT_NE(children, nullptr);
  EXPECT_EQ(s.metric("sum_é_write_per_namespace"), "7") << "2 and 5 characters";
  EXPECT_EQ(s.metric("sum_é_read_per_namespace"), "72") << "2 + 2 characters and a stat";
}

TEST(Monitor, outstanding_changes_are_removed_as_often_as_queued) {
  WordWorld s;
  s.serve();
  sim::Client& client = s.connected();
  ASSERT_EQ(client.create("/a"), Error::ok);
  ASSERT_EQ(client.create("/a"), Error::node_exists);
  ASSERT_EQ(client.remove("/a"), Error::ok);
  EXPECT_EQ(s.metric("outstanding_changes_queued"), s.metric("outstanding_changes_removed"));
  EXPECT_EQ(s.metric("outstanding_changes_queued"), "4") << "create and delete each change the znode and its parent";
}

TEST(Monitor, srst_resets_counters_but_keeps_the_names_of_namespaces) {
  WordWorld s;
  s.serve();
  ASSERT_EQ(s.connected().create("/a"), Error::ok);
  s.server->core().stats.auth_failures = 3;
  EXPECT_EQ(s.ask("srst"), "Server stats reset.\n");
  EXPECT_EQ(s.metric("cnt_updatelatency"), "0");
  EXPECT_EQ(s.metric("last_client_response_size"), "-1");
  EXPECT_EQ(s.metric("cnt_a_write_per_namespace"), "0");
  EXPECT_EQ(s.metric("auth_failed_count"), "3");
}

TEST(Monitor, a_lost_connection_counts_as_dropped_and_a_closed_session_does_not) {
  WordWorld s;
  s.serve();
  s.connected().drop();
  s.world.run_for(100);
  EXPECT_EQ(s.metric("connection_drop_count"), "1");
  sim::Client& polite = s.connected();
  polite.send(OpCode::close_session, EmptyRequest{});
  ASSERT_TRUE(s.world.run_until([&] { return polite.is_closed(); }));
  EXPECT_EQ(s.metric("connection_drop_count"), "1");
  EXPECT_EQ(s.metric("cnt_close_session_prep_time"), "1");
}

TEST(Monitor, an_expired_session_is_counted) {
  WordWorld s;
  s.serve();
  s.connected(6000).go_silent();
  s.world.run_for(20'000);
  EXPECT_EQ(s.metric("stale_sessions_expired"), "1");
}

TEST(Monitor, a_multi_read_counts_each_read_and_a_failed_multi_counts_no_write) {
  WordWorld s;
  s.serve();
  sim::Client& client = s.connected();
  ASSERT_EQ(client.create("/a", "12345"), Error::ok);
  client.wait(client.send_multi({{OpCode::get_data, WatchedReadRequest{"/a", false}},
                                 {OpCode::get_data, WatchedReadRequest{"/none", false}},
                                 {OpCode::get_children, WatchedReadRequest{"/a", false}}},
                                OpCode::multi_read));
  EXPECT_EQ(s.metric("cnt_a_read_per_namespace"), "2");
  EXPECT_EQ(s.metric("cnt_none_read_per_namespace"), std::nullopt);
  client.wait(client.send_multi(
      {{OpCode::set_data, SetDataRequest{"/a", "x", -1}}, {OpCode::remove, DeleteRequest{"/none", -1}}}));
  EXPECT_EQ(s.metric("cnt_a_write_per_namespace"), "1");
}

TEST(Monitor, approximate_data_size_counts_paths_in_utf16_units) {
  WordWorld s;
  s.serve();
  const auto before = std::stoll(s.metric("approximate_data_size").value_or("0"));
  ASSERT_EQ(s.connected().create("/é名", "12345"), Error::ok);
  EXPECT_EQ(std::stoll(s.metric("approximate_data_size").value_or("0")) - before, 3 + 5);
}

TEST(Monitor, quota_usage_is_reported_for_paths_with_statistics_only) {
  WordWorld s;
  s.serve();
  sim::Client& client = s.connected();
  for (const std::string_view path : {"/a", "/zookeeper/quota/a", "/zookeeper/quota/b"})
    ASSERT_EQ(client.create(path), Error::ok);
  ASSERT_EQ(client.create("/zookeeper/quota/a/zookeeper_stats", "count=4,bytes=9"), Error::ok);
  ASSERT_EQ(client.create("/zookeeper/quota/b/zookeeper_limits", "count=2,bytes=100"), Error::ok);
  EXPECT_EQ(s.metric("a_quota_count_usage_per_namespace"), "1");
  EXPECT_EQ(s.metric("a_quota_count_limit_per_namespace"), std::nullopt);
  EXPECT_EQ(s.metric("b_quota_bytes_limit_per_namespace"), "100");
  EXPECT_EQ(s.metric("b_quota_bytes_usage_per_namespace"), std::nullopt);
}

TEST(Monitor, quotas_are_summed_by_top_level_znode) {
  WordWorld s;
  s.options.rules.quotas = machine::Rules::hard;
  s.serve();
  sim::Client& client = s.connected();
  for (const std::string_view path : {"/a", "/a/b", "/zookeeper/quota/a", "/zookeeper/quota/a/b"})
    ASSERT_EQ(client.create(path), Error::ok) << path;
  ASSERT_EQ(
      client.create("/zookeeper/quota/a/b/zookeeper_limits", "count=2,bytes=100=;byteHardLimit=-1;countHardLimit=2"),
      Error::ok);
  ASSERT_EQ(client.create("/zookeeper/quota/a/b/zookeeper_stats", "count=0,bytes=0"), Error::ok);
  ASSERT_EQ(client.create("/a/b/1", "xyz"), Error::ok);
  EXPECT_EQ(client.create("/a/b/2"), Error::quota_exceeded);
  EXPECT_EQ(s.metric("a_quota_count_limit_per_namespace"), "2");
  EXPECT_EQ(s.metric("a_quota_bytes_limit_per_namespace"), "100");
  EXPECT_EQ(s.metric("a_quota_count_usage_per_namespace"), "2");
  EXPECT_EQ(s.metric("a_quota_bytes_usage_per_namespace"), "3");
  EXPECT_EQ(s.metric("a_quota_exceeded_error_per_namespace"), "1");
}

TEST(Monitor, quotas_are_summed_up_to_a_number_of_them) {
  WordWorld w;
  w.serve();
  sim::Client& client = w.connected(60000);
  ASSERT_EQ(client.create("/a"), Error::ok);
  ASSERT_EQ(client.create("/zookeeper/quota/a"), Error::ok);
  ASSERT_EQ(client.create("/zookeeper/quota/a/zookeeper_limits", "count=5,bytes=-1"), Error::ok);
  EXPECT_EQ(w.metric("a_quota_count_limit_per_namespace"), "5");
  for (int batch = 0; batch < 21; ++batch) {
    std::deque<std::string> paths;
    std::vector<SubRequest> parts;
    for (int i = 0; i < 1000; ++i) {
      paths.push_back(fmt::format("/zookeeper/quota/n{}", 1000 * batch + i));
      parts.push_back({OpCode::create, CreateRequest{paths.back(), "", sim::open_acl(), 0}});
    }
    ASSERT_NE(client.wait(client.send_multi(parts)), nullptr);
  }
  EXPECT_EQ(w.metric("a_quota_count_limit_per_namespace"), std::nullopt);
}

}  // namespace
}  // namespace quoll::admin
