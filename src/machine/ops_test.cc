// What each operation refuses, and in which order it checks.
#include "machine/test_support.h"

namespace quoll::machine {
namespace {

Rules extended() {
  Rules rules;
  rules.owner_rules.extended = true;
  return rules;
}
AclViews ip_acl(std::int32_t perms, std::string_view host) {
  return std::vector<AclView>{AclView{perms, "ip", host}};
}

TEST(Create, refuses_in_the_order_of_apaches_checks) {
  Machine m;
  ASSERT_EQ(m.create("/e", 1), Error::ok);
  ASSERT_EQ(m.create("/n"), Error::ok);
  ASSERT_EQ(m.run(OpCode::create, CreateRequest{"/shut", "", ip_acl(perm::kRead, "10.0.0.1"), 0}), Error::ok);
  const auto create = [&](NullableView path, std::int32_t flags = 0, AclViews acl = open_acl()) {
    return m.run(OpCode::create, CreateRequest{path, "", std::move(acl), flags});
  };
  EXPECT_EQ(create("/x", 99), Error::bad_arguments);
  EXPECT_EQ(create("/x", 5), Error::unimplemented);  // TTL without extendedTypesEnabled
  EXPECT_EQ(create({}), Error::marshalling_error);
  EXPECT_EQ(create("noslash"), Error::bad_arguments);
  EXPECT_EQ(create("/none/x", 0, std::vector<AclView>{}),
            Error::invalid_acl);  // the ACL list is checked before the parent
  EXPECT_EQ(create("/none/x"), Error::no_node);
  EXPECT_EQ(create("/shut/../x"), Error::no_node);
  EXPECT_EQ(create("/shut/."), Error::no_auth);  // the permission is checked before the rest of the path
  EXPECT_EQ(create("/n/."), Error::bad_arguments);
  EXPECT_EQ(create("/n"), Error::node_exists);
  EXPECT_EQ(create("/e/c"), Error::no_children_for_ephemerals);
  EXPECT_EQ(m.propose(OpCode::create, CreateRequest{"/x", "", open_acl(), 0}, 1, false), Error::session_expired);
  m.apply_all();
}

TEST(Create, sequential_names_use_the_parents_cversion_even_after_it_overflows) {
  Machine m;
  ASSERT_EQ(m.create("/q"), Error::ok);
  ASSERT_EQ(m.create("/q/s-", 2), Error::ok);
  EXPECT_EQ(m.last_path, "/q/s-0000000000");
  ASSERT_EQ(m.create("/q/s-", 2), Error::ok);
  EXPECT_EQ(m.last_path, "/q/s-0000000001");
  m.state.tree.set_child_stat("/q", m.state.tree.find("/q"), INT32_MAX, 1);
  ASSERT_EQ(m.propose(OpCode::create, CreateRequest{"/q/s-", "", open_acl(), 2}), Error::ok);
  // The number is printed like Java's %010d of a negative number.
  ASSERT_EQ(m.propose(OpCode::create, CreateRequest{"/q/s-", "", open_acl(), 2}), Error::ok);
  while (!m.pending.empty()) m.apply_one();
  EXPECT_TRUE(m.has("/q/s-2147483647"));
  EXPECT_TRUE(m.has("/q/s--2147483648") || m.has("/q/s-2147483648")) << m.last_path;
  EXPECT_EQ(m.last_path, "/q/s--2147483648");
}

TEST(Create, ttl_must_be_positive_and_fit_into_40_bits) {
  for (const auto& [ttl, expected] : {std::pair{std::int64_t{1}, Error::ok},
                                      {kTtlMsMax, Error::ok},
                                      {0, Error::bad_arguments},
                                      {-1, Error::bad_arguments},
                                      {kTtlMsMax + 1, Error::bad_arguments}}) {
    Machine m(extended());
    EXPECT_EQ(m.run(OpCode::create_ttl, CreateTtlRequest{"/t", "", open_acl(), 5, ttl}), expected) << ttl;
    if (expected == Error::ok) {
      EXPECT_EQ(ttl_ms(m.stat("/t").ephemeral_owner, m.rules.owner_rules), ttl);
      EXPECT_EQ(m.state.tree.ttls().size(), 1U);
    }
  }
}

TEST(Delete, refuses_for_path_permission_version_and_children) {
  Machine m;
  ASSERT_EQ(m.create("/p"), Error::ok);
  ASSERT_EQ(m.create("/p/c"), Error::ok);
  ASSERT_EQ(m.run(OpCode::create, CreateRequest{"/shut", "", ip_acl(perm::kCreate, "10.0.0.1"), 0}), Error::ok);
  ASSERT_EQ(m.create("/shut/c"), Error::ok);
  const auto remove = [&](NullableView path, std::int32_t version = -1) {
    return m.run(OpCode::remove, DeleteRequest{path, version});
  };
  for (const char* own : {"/", "/zookeeper", "/zookeeper/quota", "/zookeeper/config"})
    EXPECT_EQ(remove(own), Error::bad_arguments) << own;
  EXPECT_EQ(remove({}), Error::marshalling_error);
  EXPECT_EQ(remove("/none/x"), Error::no_node);
  EXPECT_EQ(remove("/none"), Error::no_node);
  EXPECT_EQ(remove("/shut/c"), Error::no_auth);
  EXPECT_EQ(remove("/p", 5), Error::bad_version);
  EXPECT_EQ(remove("/p"), Error::not_empty);
  EXPECT_EQ(remove("/p/c", 0), Error::ok);
  EXPECT_EQ(remove("/p"), Error::ok);
}

TEST(SetData, versions_skip_minus_one) {
  Machine m;
  ASSERT_EQ(m.create("/n"), Error::ok);
  m.state.tree.set_data("/n", m.state.tree.find("/n"), "", -2, 1, 1);
  ASSERT_EQ(m.run(OpCode::set_data, SetDataRequest{"/n", "x", -2}), Error::ok);
  EXPECT_EQ(m.stat("/n").version, 0);
  EXPECT_EQ(m.run(OpCode::set_data, SetDataRequest{"/n", "x", 7}), Error::bad_version);
}

TEST(Quota, soft_limits_warn_and_hard_ones_refuse) {
  Rules rules;
  rules.quotas = Rules::hard;
  Machine m(rules);
  ASSERT_EQ(m.create("/q"), Error::ok);
  for (const char* path : {"/zookeeper/quota/q"}) ASSERT_EQ(m.create(path), Error::ok);
  const auto limit = [&](std::string_view text) {
    return m.run(OpCode::create, CreateRequest{"/zookeeper/quota/q/zookeeper_limits", text, open_acl(), 0});
  };
  ASSERT_EQ(limit("count=2,bytes=-1=;byteHardLimit=-1;countHardLimit=3"), Error::ok);
  ASSERT_EQ(
      m.run(OpCode::create, CreateRequest{"/zookeeper/quota/q/zookeeper_stats", "count=1,bytes=0", open_acl(), 0}),
      Error::ok);
  EXPECT_EQ(m.create("/q/1"), Error::ok);
  EXPECT_EQ(m.create("/q/2"), Error::ok);
  EXPECT_EQ(m.create("/q/3"), Error::quota_exceeded);
  EXPECT_FALSE(m.notices.empty());
  EXPECT_EQ(m.create("/other"), Error::ok);
}

TEST(Quota, statistics_of_the_root_are_filled_once_and_not_updated) {
  Machine m;
  const char* stats = "/zookeeper/quota/zookeeper_stats";
  ASSERT_EQ(m.run(OpCode::create, CreateRequest{stats, "x", open_acl(), 0}), Error::ok);
  const auto text = [&] { return m.state.tree.node(m.state.tree.find(stats)).data().view(); };
  EXPECT_EQ(text(), "count=5,bytes=1");
  EXPECT_EQ(m.create("/a"), Error::ok);
  EXPECT_EQ(text(), "count=5,bytes=1");
}

TEST(Quota, limits_that_cannot_be_parsed_refuse_every_change) {
  Rules rules;
  rules.quotas = Rules::hard;
  Machine m(rules);
  for (const char* path : {"/q", "/zookeeper/quota/q"}) ASSERT_EQ(m.create(path), Error::ok);
  ASSERT_EQ(m.run(OpCode::create, CreateRequest{"/zookeeper/quota/q/zookeeper_limits", "count=x", open_acl(), 0}),
            Error::ok);
  EXPECT_EQ(m.create("/q/1"), Error::marshalling_error);
  EXPECT_EQ(m.create("/other"), Error::ok);
  ASSERT_EQ(m.run(OpCode::set_data, SetDataRequest{"/zookeeper/quota/q/zookeeper_limits", "count=9", -1}), Error::ok);
  EXPECT_EQ(m.create("/q/1"), Error::ok);
}

TEST(Multi, sees_its_own_and_pending_changes_and_is_rolled_back_completely) {
  Machine m;
  ASSERT_EQ(m.propose(OpCode::create, CreateRequest{"/a", "", open_acl(), 0}), Error::ok);
  const std::int64_t before = m.preparer.outstanding().tree_digest();
  MultiRequest bad{{{OpCode::create, CreateRequest{"/a/b", "", open_acl(), 0}},
                    {OpCode::set_data, SetDataRequest{"/a", "x", 0}},
                    {OpCode::remove, DeleteRequest{"/a/b", 3}},
                    {OpCode::create, CreateRequest{"/c", "", open_acl(), 0}}}};
  EXPECT_EQ(m.propose(OpCode::multi, bad), Error::ok);
  EXPECT_EQ(m.multi_errors, (std::vector{Error::ok, Error::ok, Error::bad_version, Error::runtime_inconsistency}));
  EXPECT_EQ(m.preparer.outstanding().tree_digest(), before);
  MultiRequest good{{{OpCode::create, CreateRequest{"/a/b", "", open_acl(), 0}},
                     {OpCode::remove, DeleteRequest{"/a/b", 0}},
                     {OpCode::remove, DeleteRequest{"/a", 0}}}};
  EXPECT_EQ(m.propose(OpCode::multi, good), Error::ok);
  EXPECT_EQ(m.propose(OpCode::set_data, SetDataRequest{"/a", "x", -1}), Error::no_node);
  m.apply_all();
  EXPECT_FALSE(m.has("/a"));
}

TEST(CloseSession, deletes_ephemerals_that_are_not_applied_yet) {
  Machine m;
  ASSERT_EQ(m.propose(OpCode::create, CreateRequest{"/e1", "", open_acl(), 1}, 7), Error::ok);
  ASSERT_EQ(m.propose(OpCode::create, CreateRequest{"/e2", "", open_acl(), 1}, 8), Error::ok);
  ASSERT_EQ(m.propose(OpCode::close_session, EmptyRequest{}, 7), Error::ok);
  ASSERT_EQ(m.propose(OpCode::create, CreateRequest{"/e1", "", open_acl(), 0}, 8), Error::ok);
  m.apply_all();
  EXPECT_EQ(m.stat("/e1").ephemeral_owner, 0);
  EXPECT_TRUE(m.has("/e2"));
}

TEST(CloseSession, deleted_ephemerals_do_not_exist_for_requests_prepared_later) {
  for (const auto list : {Rules::with_paths, Rules::without_paths}) {
    Rules rules;
    rules.close_session_txn = list;
    Machine m(rules);
    ASSERT_EQ(m.create("/p"), Error::ok);
    for (const char* path : {"/p/settled", "/p/deleted", "/p/set", "/p/again"})
      ASSERT_EQ(m.create(path, 1, 7), Error::ok);
    ASSERT_EQ(m.propose(OpCode::remove, DeleteRequest{"/p/deleted", -1}), Error::ok);
    ASSERT_EQ(m.propose(OpCode::set_data, SetDataRequest{"/p/set", "x", -1}), Error::ok);
    ASSERT_EQ(m.propose(OpCode::create, CreateRequest{"/p/made", "", open_acl(), 1}, 7), Error::ok);
    ASSERT_EQ(m.propose(OpCode::close_session, EmptyRequest{}, 7), Error::ok);
    // If client and server both close the session, there is a second closeSession.
    ASSERT_EQ(m.propose(OpCode::close_session, EmptyRequest{}, 7), Error::ok);
    for (const char* path : {"/p/settled", "/p/deleted", "/p/set", "/p/made"})
      EXPECT_EQ(m.propose(OpCode::set_data, SetDataRequest{path, "y", -1}), Error::no_node) << path;
    EXPECT_EQ(m.propose(OpCode::create, CreateRequest{"/p/again", "", open_acl(), 0}), Error::ok);
    EXPECT_EQ(m.propose(OpCode::remove, DeleteRequest{"/p", -1}), Error::not_empty);
    EXPECT_EQ(m.propose(OpCode::remove, DeleteRequest{"/p/again", -1}), Error::ok);
    EXPECT_EQ(m.propose(OpCode::remove, DeleteRequest{"/p", -1}), Error::ok);
    m.apply_all();
    EXPECT_FALSE(m.has("/p"));
    m.state.tree.check_invariants();
  }
}

TEST(CloseSession, more_ephemerals_than_a_list_can_hold_are_deleted_too) {
  Machine m;
  const std::string long_name(1000, 'n');
  for (int i = 0; i < 1100; ++i) ASSERT_EQ(m.create("/" + long_name + std::to_string(i), 1, 7), Error::ok);
  ASSERT_EQ(m.create("/other", 1, 8), Error::ok);
  ASSERT_EQ(m.propose(OpCode::close_session, EmptyRequest{}, 7), Error::ok);
  EXPECT_LT(m.pending.back().size(), 100U) << "no list";
  EXPECT_EQ(m.preparer.outstanding().size(), 2U) << "one record for all ephemerals and one for their parent";
  EXPECT_EQ(m.propose(OpCode::create, CreateRequest{"/behind", "", open_acl(), 0}), Error::ok);
  m.apply_all();
  EXPECT_EQ(m.state.tree.ephemerals_count(), 1);
  EXPECT_TRUE(m.has("/other"));
  EXPECT_EQ(m.state.tree.node(tree::kRoot).child_count, 3U);
  m.state.tree.check_invariants();
}

// Servers do not create such trees, but a fabricated log may contain one. Nodes that replay removes must also be
// removed live.
TEST(CloseSession, deletes_nodes_below_an_ephemeral_live_as_in_replay) {
  const auto end = [](auto phase, std::optional<std::vector<NullableView>> paths) {
    Machine m;
    m.state.phase = phase;
    const auto apply = [&](std::int64_t session, const TxnBody& body) {
      ++m.zxid;
      m.applier.apply(Txn{TxnHeader{session, 0, m.zxid, 1000 + m.zxid, 0}, body, std::nullopt});
    };
    const AclList open{Acl{perm::kAll, Id{"world", "anyone"}}};
    apply(7, CreateTxn{"/e", "", open, true, 1});
    apply(7, CreateTxn{"/e/own", "", open, true, 1});
    apply(8, CreateTxn{"/e/others", "", open, false, 2});
    apply(8, CreateTxn{"/e/others/below", "", open, true, 1});
    apply(7, CloseSessionTxn{std::move(paths)});
    m.state.tree.check_invariants();
    EXPECT_EQ(m.state.tree.find("/e"), tree::kNoNode);
    return m.state.tree.digest();
  };
  const std::vector<NullableView> paths{"/e", "/e/own"};
  const std::int64_t live = end(State::serving, std::nullopt);
  EXPECT_EQ(end(State::replaying, std::nullopt), live);
  EXPECT_EQ(end(State::serving, paths), live);
  EXPECT_EQ(end(State::replaying, paths), live);
}

TEST(SetWatches, send_missed_events_and_keep_the_other_watches) {
  Machine m;
  for (const char* path : {"/same", "/changed", "/gone", "/parent"}) ASSERT_EQ(m.create(path), Error::ok);
  const std::int64_t seen = m.zxid;
  ASSERT_EQ(m.run(OpCode::set_data, SetDataRequest{"/changed", "x", -1}), Error::ok);
  ASSERT_EQ(m.run(OpCode::remove, DeleteRequest{"/gone", -1}), Error::ok);
  ASSERT_EQ(m.create("/parent/c"), Error::ok);
  ASSERT_EQ(m.create("/born"), Error::ok);
  const SetWatchesRequest request{seen, std::vector<NullableView>{"/same", "/changed", "/gone"},
                                  std::vector<NullableView>{"/born", "/unborn"},
                                  std::vector<NullableView>{"/parent", "/same"}};
  EXPECT_EQ(m.read(OpCode::set_watches, request).err, Error::ok);
  using Events = std::vector<std::pair<int, std::string>>;
  EXPECT_EQ(m.caught_up, (Events{{3, "/changed"}, {2, "/gone"}, {1, "/born"}, {4, "/parent"}}));
  EXPECT_EQ(m.state.watch_count(), 3U);
}

TEST(SetWatches, accept_a_null_path_for_persistent_watches_only) {
  Machine m;
  using Names = std::vector<NullableView>;
  const Names none;
  const Names null{NullableView{}};
  EXPECT_EQ(m.read(OpCode::set_watches2, SetWatches2Request{0, none, none, none, null, null}).err, Error::ok);
  EXPECT_EQ(m.state.watch_count(), 2U)
      << "the recursive watch replaces the persistent one in the table of data watches";
  EXPECT_EQ(m.read(OpCode::set_watches2, SetWatches2Request{0, null, none, none, none, none}).err,
            Error::marshalling_error);
  EXPECT_EQ(m.read(OpCode::set_watches2, SetWatches2Request{0, none, none, none, none, std::nullopt}).err,
            Error::marshalling_error);
}

TEST(Watches, use_the_path_as_java_decodes_it_as_key) {
  Machine m;
  EXPECT_EQ(m.read(OpCode::exists, WatchedReadRequest{"/\xff", true}).err, Error::no_node);
  EXPECT_EQ(m.read(OpCode::add_watch, WatchTypeRequest{"/\xfe", 0}).err, Error::ok);
  EXPECT_EQ(m.state.data_watches.path_count(), 1U);
  EXPECT_TRUE(m.state.data_watches.contains("/\xef\xbf\xbd", watch::WatcherId{1}, std::nullopt));
  EXPECT_EQ(m.read(OpCode::remove_watches, WatchTypeRequest{"/\xed\xa0\x80", 3}).err, Error::ok);
  EXPECT_EQ(m.state.watch_count(), 0U);
}

TEST(Digests, are_listed_as_0_when_disabled) {
  Rules rules;
  rules.digests = tree::Digests::off;
  Machine m(rules);
  for (int n = 0; n < 256; ++n) ASSERT_EQ(m.create(fmt::format("/n{}", n)), Error::ok);
  ASSERT_EQ(m.state.digest_log.size(), 2U);
  EXPECT_EQ(m.state.digest_log.back().digest, 0);
}

TEST(GetAcl, hides_digest_hashes_from_clients_without_admin_permission) {
  Machine m;
  const AclViews acl =
      std::vector<AclView>{AclView{perm::kRead, "world", "anyone"}, AclView{perm::kAll, "digest", "user:secret"}};
  ASSERT_EQ(m.run(OpCode::create, CreateRequest{"/n", "", acl, 0}), Error::ok);
  const ReadResult result = m.read(OpCode::get_acl, PathRequest{"/n"});
  ASSERT_TRUE(result.body);
  EXPECT_EQ(std::get<AclReply>(*result.body).acl[1].id.id, "user:x");
  m.identities.push_back(Id{"digest", "user:secret"});
  const ReadResult own = m.read(OpCode::get_acl, PathRequest{"/n"});
  EXPECT_EQ(std::get<AclReply>(*own.body).acl[1].id.id, "user:secret");
}

}  // namespace
}  // namespace quoll::machine
