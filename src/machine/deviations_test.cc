// Intended differences from Apache's server; docs/deviations.md refers to these tests.
#include "machine/test_support.h"

namespace quoll::machine {
namespace {

AclViews only_for(std::string_view host) {
  return std::vector<AclView>{AclView{perm::kAll, "ip", host}};
}

TEST(Deviations, delete_container_of_a_client_needs_delete_on_the_parent) {
  Machine m;
  ASSERT_EQ(m.run(OpCode::create, CreateRequest{"/shut", "", only_for("10.0.0.1"), 0}), Error::ok);
  ASSERT_EQ(m.create("/shut/c"), Error::ok);
  m.identities = {Id{"ip", "10.9.9.9"}};
  EXPECT_EQ(m.run(OpCode::delete_container, DeleteContainerRequest{"/shut/c"}), Error::no_auth);
  EXPECT_TRUE(m.has("/shut/c"));
  m.identities = {Id{"ip", "10.0.0.1"}};
  EXPECT_EQ(m.run(OpCode::delete_container, DeleteContainerRequest{"/shut/c"}), Error::ok);
  EXPECT_FALSE(m.has("/shut/c"));
}

TEST(Deviations, the_server_does_not_delete_a_plain_node_that_replaced_a_container) {
  Machine m;
  ASSERT_EQ(m.run(OpCode::create_container, CreateRequest{"/c", "", open_acl(), 4}), Error::ok);
  const auto by_server = [&](std::string_view path) {
    const RequestBody body = DeleteContainerRequest{path};
    const Request request{SessionId{0},   0, OpCode::delete_container, body, m.identities, watch::WatcherId{0},
                          Request::server};
    return m.preparer.prepare(request, Zxid{++m.zxid}, 2000, true).error;
  };
  ASSERT_EQ(m.run(OpCode::remove, DeleteRequest{"/c", -1}), Error::ok);
  ASSERT_EQ(m.propose(OpCode::create, CreateRequest{"/c", "", open_acl(), 0}), Error::ok);
  EXPECT_EQ(by_server("/c"), Error::bad_version);
  m.apply_all();
  EXPECT_EQ(by_server("/c"), Error::bad_version);
  ASSERT_EQ(m.run(OpCode::create_container, CreateRequest{"/d", "", open_acl(), 4}), Error::ok);
  EXPECT_EQ(by_server("/d"), Error::ok);
}

TEST(Deviations, create_ttl_with_a_flag_without_ttl_is_refused_for_every_ttl) {
  Rules rules;
  rules.owner_rules.extended = true;
  Machine m(rules);
  for (const std::int32_t flags : {0, 1, 2, 3, 4}) {
    for (const std::int64_t ttl : {-1, 0, 1000}) {
      EXPECT_EQ(m.run(OpCode::create_ttl, CreateTtlRequest{"/t", "", open_acl(), flags, ttl}), Error::bad_arguments);
    }
  }
  EXPECT_FALSE(m.has("/t"));
}

TEST(Deviations, an_acl_applies_from_the_request_that_sets_it) {
  Machine m;
  ASSERT_EQ(m.create("/a"), Error::ok);
  ASSERT_EQ(m.propose(OpCode::set_acl, SetAclRequest{"/a", only_for("10.0.0.1"), -1}), Error::ok);
  m.identities = {Id{"ip", "10.9.9.9"}};
  EXPECT_EQ(m.propose(OpCode::create, CreateRequest{"/a/b", "", open_acl(), 0}), Error::no_auth);
  m.apply_all();
  EXPECT_FALSE(m.has("/a/b"));
}

TEST(Deviations, a_quota_on_the_root_is_refused) {
  Machine m;
  EXPECT_EQ(m.create("/zookeeper/quota/zookeeper_limits"), Error::bad_arguments);
  SubRequest sub{OpCode::create, CreateRequest{"/zookeeper/quota/zookeeper_limits", "", open_acl(), 0}};
  EXPECT_EQ(m.run(OpCode::multi, MultiRequest{{sub}}), Error::ok);
  EXPECT_EQ(m.multi_errors, std::vector{Error::bad_arguments});
  EXPECT_FALSE(m.has("/zookeeper/quota/zookeeper_limits"));
}

TEST(Deviations, quota_nodes_outside_of_the_quota_tree_have_no_effect) {
  Machine m;
  const std::string limits = "/zookeeper_limits";
  const std::string stats = "/zookeeper_stats";
  for (const char* path : {"/a", "/a/b", "/zookeeper/quota/a", "/zookeeper/quotaa", "/zookeeper/quotaa/b",
                           "/zookeeper_x", "/zookeeper/quota/a/zookeeper_limits", "/zookeeper/quota/a/zookeeper_stats"})
    ASSERT_EQ(m.create(path), Error::ok) << path;
  for (const char* parent : {"/zookeeper", "/zookeeper_x", "/zookeeper/quotaa", "/zookeeper/quotaa/b"}) {
    EXPECT_EQ(m.run(OpCode::create, CreateRequest{parent + limits, "kept", open_acl(), 0}), Error::ok);
    EXPECT_EQ(m.run(OpCode::create, CreateRequest{parent + stats, "kept", open_acl(), 0}), Error::ok);
    EXPECT_EQ(m.state.tree.node(m.state.tree.find(parent + stats)).data().view(), "kept");
  }
  EXPECT_EQ(m.create("/a/b/c"), Error::ok);
  for (const char* parent : {"/zookeeper", "/zookeeper_x", "/zookeeper/quotaa", "/zookeeper/quotaa/b"})
    EXPECT_EQ(m.run(OpCode::remove, DeleteRequest{parent + limits, -1}), Error::ok);
  EXPECT_EQ(m.create("/a/b/d"), Error::ok);
  EXPECT_EQ(m.state.tree.node(m.state.tree.find("/zookeeper/quota/a/zookeeper_stats")).data().view(),
            "count=4,bytes=0");
}

TEST(Deviations, a_digest_id_is_masked_up_to_its_end) {
  Machine m;
  const AclView entry{perm::kRead, "digest", "u:a\nb"};
  ASSERT_EQ(m.run(OpCode::create,
                  CreateRequest{"/a", "", std::vector<AclView>{entry, AclView{perm::kRead, "world", "anyone"}}, 0}),
            Error::ok);
  const ReadResult got = m.read(OpCode::get_acl, PathRequest{"/a"});
  ASSERT_TRUE(got.body);
  EXPECT_EQ(std::get<AclReply>(*got.body).acl.front().id.id, "u:x");
}

TEST(Deviations, an_acl_id_above_u_ffff_keeps_its_bytes) {
  Machine m;
  const std::string id = "\xf0\x9f\x98\x80:hash";
  ASSERT_EQ(m.run(OpCode::create, CreateRequest{"/a", "", std::vector<AclView>{AclView{perm::kAll, "digest", id}}, 0}),
            Error::ok);
  EXPECT_EQ(m.state.tree.acl_of(m.state.tree.find("/a")).entries().front().id.id, id);
}

TEST(Deviations, the_logged_digest_is_right_for_a_container_with_other_flags) {
  Machine m;
  for (const std::int32_t flags : {0, 1, 2, 3}) {
    // run() compares the digest of each transaction with the tree's.
    EXPECT_EQ(m.run(OpCode::create_container, CreateRequest{"/c" + std::to_string(flags), "", open_acl(), flags}),
              Error::ok);
  }
  EXPECT_EQ(m.state.tree.containers().size(), 4U);
}

TEST(Deviations, quota_statistics_that_are_not_numbers_stop_nothing) {
  Machine m;
  for (const char* path : {"/b", "/zookeeper/quota/b", "/zookeeper/quota/b/zookeeper_limits"})
    ASSERT_EQ(m.create(path), Error::ok);
  const char* stats = "/zookeeper/quota/b/zookeeper_stats";
  ASSERT_EQ(m.create(stats), Error::ok);
  int made = 0;
  for (const NullableView text : {NullableView(), NullableView("x"), NullableView("count=a"), NullableView("count=")}) {
    ASSERT_EQ(m.run(OpCode::set_data, SetDataRequest{stats, text, -1}), Error::ok);
    EXPECT_EQ(m.create("/b/" + std::to_string(++made)), Error::ok);
    EXPECT_EQ(m.state.tree.node(m.state.tree.find(stats)).data().view(), text.view());
  }
}

TEST(Deviations, names_with_blanks_do_not_count_for_the_quota_of_another_path) {
  Machine m;
  for (const char* path : {"/b", "/ ", "/zookeeper/quota/b"}) ASSERT_EQ(m.create(path), Error::ok);
  for (const auto& [node, text] : {std::pair{"limits", "count=9,bytes=-1"}, {"stats", "count=1,bytes=0"}})
    ASSERT_EQ(
        m.run(OpCode::create, CreateRequest{fmt::format("/zookeeper/quota/b/zookeeper_{}", node), text, open_acl(), 0}),
        Error::ok);
  for (const char* path : {"/ /b", "/b ", "/b /c", "/b/c"}) ASSERT_EQ(m.create(path), Error::ok);
  const auto stats = m.state.tree.find("/zookeeper/quota/b/zookeeper_stats");
  EXPECT_EQ(m.state.tree.node(stats).data().view(), "count=2,bytes=0");
}

TEST(Deviations, a_close_session_has_no_list_if_it_would_be_too_long_for_readers) {
  Machine m;
  ASSERT_EQ(m.create("/d"), Error::ok);
  const std::string long_name(1000, 'n');
  for (int i = 0; i < 1100; ++i) ASSERT_EQ(m.create("/d/" + long_name + std::to_string(i), 1, 7), Error::ok);
  ASSERT_EQ(m.run(OpCode::close_session, EmptyRequest{}, 7), Error::ok);
  EXPECT_LT(m.history.back().size(), 100U) << "the transaction contains no paths";
  EXPECT_EQ(m.state.tree.ephemerals_count(), 0);
  EXPECT_EQ(m.stat("/d").pzxid, m.zxid);
}

}  // namespace
}  // namespace quoll::machine
