// Transactions have a maximum size. A request whose transaction would exceed it fails, and nothing else happens.
#include <fmt/format.h>
#include <functional>

#include "machine/test_support.h"

namespace quoll::machine {
namespace {

struct Case {
  const char* what;
  OpCode op;
  RequestBody body;
};

std::vector<Case> cases(const std::string& data, const AclViews& acl) {
  const MultiRequest multi{{{OpCode::create, CreateRequest{"/m", data, acl, 0}},
                            {OpCode::create2, CreateRequest{"/m/s", data, acl, 3}},
                            {OpCode::set_data, SetDataRequest{"/m", data, 0}},
                            {OpCode::check, CheckVersionRequest{"/m", 1}},
                            {OpCode::create_container, CreateRequest{"/m/c", data, acl, 4}},
                            {OpCode::create_ttl, CreateTtlRequest{"/m/t", data, acl, 5, 1000}},
                            {OpCode::remove, DeleteRequest{"/m/c", -1}}}};
  return {{"create", OpCode::create, CreateRequest{"/c", data, acl, 0}},
          {"create in sequence", OpCode::create2, CreateRequest{"/c", data, acl, 2}},
          {"an ephemeral", OpCode::create, CreateRequest{"/c", NullableView(), acl, 1}},
          {"createContainer", OpCode::create_container, CreateRequest{"/c", data, acl, 4}},
          {"createTTL", OpCode::create_ttl, CreateTtlRequest{"/c", data, acl, 5, 1000}},
          {"setData", OpCode::set_data, SetDataRequest{"/there", data, -1}},
          {"setACL", OpCode::set_acl, SetAclRequest{"/there", acl, -1}},
          {"delete", OpCode::remove, DeleteRequest{"/there", -1}},
          {"deleteContainer", OpCode::delete_container, DeleteContainerRequest{"/container"}},
          {"multi", OpCode::multi, multi}};
}

Rules with_ttls() {
  Rules rules;
  rules.owner_rules.extended = true;
  return rules;
}

// A machine with everything that the cases need, created without a limit.
struct Limited {
  explicit Limited(std::size_t txn_bytes_max) : m(with_ttls(), txn_bytes_max) {
    Machine maker(with_ttls());
    EXPECT_EQ(maker.create("/there"), Error::ok);
    EXPECT_EQ(maker.run(OpCode::create_container, CreateRequest{"/container", "", open_acl(), 4}), Error::ok);
    for (const std::string& bytes : maker.history) m.applier.apply(sim::txn_of(bytes));
    m.zxid = maker.zxid;
    m.identities.push_back(Id{"digest", "bob:hash"});
  }
  // The result; for a multi, that of its first failed part.
  Error run(const Case& each) {
    const Error error = m.run(each.op, each.body, 7);
    if (each.op != OpCode::multi || error != Error::ok) return error;
    const auto failed = std::ranges::find_if(m.multi_errors, [](Error part) { return part != Error::ok; });
    return failed == m.multi_errors.end() ? Error::ok : *failed;
  }
  Machine m;
};

TEST(TxnSize, is_counted_exactly_while_a_transaction_is_prepared) {
  const std::string data(1000, 'x');
  const AclViews acl = std::vector<AclView>{AclView{31, "auth", ""}, AclView{31, "world", "anyone"}};
  for (const Case& each : cases(data, acl)) {
    SCOPED_TRACE(each.what);
    Limited free(1 << 20);
    ASSERT_EQ(free.run(each), Error::ok);
    const std::size_t bytes = free.m.history.back().size();
    Limited exact(bytes);
    EXPECT_EQ(exact.run(each), Error::ok);
    EXPECT_EQ(exact.m.history.back().size(), bytes);
    Limited less(bytes - 1);
    const std::int64_t digest = less.m.state.tree.digest();
    const std::int64_t nodes = less.m.state.tree.node_count();
    EXPECT_EQ(less.run(each), Error::bad_arguments);
    EXPECT_LT(less.m.history.back().size(), bytes);
    EXPECT_EQ(less.m.state.tree.digest(), digest);
    EXPECT_EQ(less.m.state.tree.node_count(), nodes);
    // The next case is independent: the state is as if this request had not been made.
    if (bytes < 200) continue;
    EXPECT_EQ(less.m.create("/next"), Error::ok);
    EXPECT_EQ(less.m.stat("/").cversion, 3);
  }
}

TEST(TxnSize, the_expansion_of_auth_is_counted_before_it_is_made) {
  Machine m;
  for (int i = 0; i < 900; ++i) m.identities.push_back(Id{"digest", fmt::format("{}:{:0200}", i, i)});
  std::vector<AclView> acl;
  for (int i = 0; i < 40000; ++i) acl.push_back(AclView{i, "auth", ""});
  EXPECT_EQ(m.run(OpCode::create, CreateRequest{"/a", "", acl, 0}), Error::bad_arguments);
  EXPECT_LT(m.history.back().size(), 100U);
  EXPECT_FALSE(m.has("/a"));
  // The parts of a multi share one limit.
  const AclViews one = std::vector<AclView>{AclView{31, "auth", ""}};
  std::vector<std::string> paths;
  for (int i = 0; i < 20; ++i) paths.push_back(fmt::format("/m{}", i));
  MultiRequest multi;
  for (const std::string& path : paths) multi.ops.push_back({OpCode::create, CreateRequest{path, "", one, 0}});
  EXPECT_EQ(m.run(OpCode::multi, multi), Error::bad_arguments);
  EXPECT_FALSE(m.has("/m0"));
  EXPECT_LT(m.history.back().size(), 100U);
}

TEST(TxnSize, of_a_failed_multi_includes_the_errors_of_its_parts) {
  constexpr std::size_t kBytesMax = 5000;
  Machine m({}, kBytesMax);
  const std::string data(2000, 'x');
  const auto run = [&](std::size_t checks) {
    MultiRequest multi;
    SubRequest& first = multi.ops.emplace_back();
    first.op = OpCode::create;
    first.body.emplace<CreateRequest>(CreateRequest{"/a", data, open_acl(), 0});
    for (std::size_t i = 0; i < checks; ++i) {
      SubRequest& sub = multi.ops.emplace_back();
      sub.op = OpCode::check;
      sub.body.emplace<CheckVersionRequest>(CheckVersionRequest{"/none", -1});
    }
    const Error error = m.run(OpCode::multi, multi);
    EXPECT_LE(m.history.back().size(), kBytesMax);
    EXPECT_FALSE(m.has("/a"));
    return error;
  };
  EXPECT_EQ(run(200), Error::ok) << "its parts tell";
  EXPECT_EQ(m.multi_errors[1], Error::no_node);
  EXPECT_EQ(run(300), Error::bad_arguments);
}

TEST(TxnSize, a_session_can_be_closed_even_if_its_list_would_be_too_large) {
  Machine m({}, 500);
  for (int i = 0; i < 20; ++i) ASSERT_EQ(m.create(fmt::format("/{:0100}", i), 1, 7), Error::ok);
  ASSERT_EQ(m.run(OpCode::close_session, EmptyRequest{}, 7), Error::ok);
  EXPECT_LT(m.history.back().size(), 100U) << "the transaction names no path";
  EXPECT_EQ(m.state.tree.ephemerals_count(), 0);
}

}  // namespace
}  // namespace quoll::machine
