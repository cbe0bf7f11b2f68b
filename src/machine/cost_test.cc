// The cost of preparing and applying. The sizes are such that a test would not end in time if a part of a multi cost as
// much as its parent contains.
#include <fmt/format.h>

#include "machine/test_support.h"
#include "sim/colliding_paths.h"

namespace quoll::machine {
namespace {

constexpr std::size_t kNoLimit = std::size_t{1} << 30;
constexpr int kParts = 100000;

class Parts {
 public:
  Parts& create(std::string_view path, NullableView data, const AclViews& acl) {
    SubRequest& sub = multi_.ops.emplace_back();
    sub.op = OpCode::create;
    sub.body.emplace<CreateRequest>(CreateRequest{path, data, acl, 0});
    return *this;
  }
  Parts& create(const std::vector<std::string>& paths) {
    for (const std::string& path : paths) create(path, "", open_acl());
    return *this;
  }
  Parts& remove(std::string_view path) {
    SubRequest& sub = multi_.ops.emplace_back();
    sub.op = OpCode::remove;
    sub.body.emplace<DeleteRequest>(DeleteRequest{path, -1});
    return *this;
  }
  Error run(Machine& m) { return m.run(OpCode::multi, multi_); }

 private:
  MultiRequest multi_;
};

std::vector<std::string> paths_below(std::string_view parent, int count) {
  std::vector<std::string> paths;
  for (int i = 0; i < count; ++i) paths.push_back(fmt::format("{}/{}", parent, i));
  return paths;
}

TEST(Cost, creates_below_a_znode_of_the_same_multi_do_not_copy_its_data) {
  Machine m({}, kNoLimit);
  const std::string data(std::size_t{16} << 20, 'x');
  const auto paths = paths_below("/p", kParts);
  EXPECT_EQ(Parts().create("/p", data, open_acl()).create(paths).run(m), Error::ok);
  EXPECT_EQ(m.state.tree.node(m.state.tree.find("/p")).child_count, static_cast<std::uint32_t>(kParts));
  // The same again, rolled back by the last part.
  const auto others = paths_below("/q", kParts);
  Parts failing;
  failing.create("/q", data, open_acl()).create(others).create("/p", "", open_acl());
  EXPECT_EQ(failing.run(m), Error::ok);
  EXPECT_EQ(m.multi_errors.back(), Error::node_exists);
  EXPECT_FALSE(m.has("/q"));
}

TEST(Cost, creates_below_a_znode_of_the_same_multi_do_not_walk_its_acl) {
  Machine m({}, kNoLimit);
  std::vector<std::string> addresses;
  for (int i = 0; i < kParts; ++i) addresses.push_back(fmt::format("11.{}.{}.{}", i >> 16, (i >> 8) & 255, i & 255));
  std::vector<AclView> acl;
  for (const std::string& address : addresses) acl.push_back(AclView{31, "ip", address});
  acl.push_back(AclView{31, "ip", "10.0.0.0/8"});
  const auto paths = paths_below("/p", kParts);
  EXPECT_EQ(Parts().create("/p", "", acl).create(paths).run(m), Error::ok);
  EXPECT_EQ(m.multi_errors.front(), Error::ok);
  EXPECT_EQ(m.state.tree.node(m.state.tree.find("/p")).child_count, static_cast<std::uint32_t>(kParts));
}

TEST(Cost, creates_and_deletes_below_a_large_znode_do_not_hash_its_data) {
  Machine m({}, kNoLimit);
  const std::string data(std::size_t{16} << 20, 'x');
  ASSERT_EQ(m.run(OpCode::create, CreateRequest{"/p", data, open_acl(), 0}), Error::ok);
  Parts parts;
  for (int i = 0; i < kParts; ++i) parts.create("/p/c", "", open_acl()).remove("/p/c");
  EXPECT_EQ(parts.run(m), Error::ok);
  EXPECT_EQ(m.stat("/p").cversion, kParts);
  m.state.tree.check_invariants();
}

TEST(Cost, set_acl_and_close_session_do_not_hash_the_data_of_large_znodes) {
  Machine m({}, kNoLimit);
  const std::string data(std::size_t{16} << 20, 'x');
  ASSERT_EQ(m.run(OpCode::create, CreateRequest{"/p", data, open_acl(), 0}), Error::ok);
  for (int i = 0; i < 20000; ++i) {
    ASSERT_EQ(m.propose(OpCode::set_acl, SetAclRequest{"/p", open_acl(), -1}), Error::ok);
    ASSERT_EQ(m.propose(OpCode::create, CreateRequest{fmt::format("/p/{}", i), "", open_acl(), 1}, 7), Error::ok);
  }
  m.apply_all();
  EXPECT_EQ(m.run(OpCode::close_session, EmptyRequest{}, 7), Error::ok);
  EXPECT_EQ(m.state.tree.ephemerals_count(), 0);
  m.state.tree.check_invariants();
}

TEST(Cost, parts_with_their_own_acl_cost_as_much_as_the_acl) {
  Machine m({}, kNoLimit);
  constexpr int kLists = 2000;
  constexpr int kEntries = 200;
  std::vector<std::string> ids;
  for (int i = 0; i < kLists * kEntries; ++i) ids.push_back(fmt::format("u{}:hash", i));
  const auto paths = paths_below("", kLists);
  Parts parts;
  for (int i = 0; i < kLists; ++i) {
    std::vector<AclView> acl;
    for (int k = 0; k < kEntries; ++k)
      acl.push_back(AclView{31, "digest", ids[static_cast<std::size_t>(i) * kEntries + static_cast<std::size_t>(k)]});
    parts.create(paths[static_cast<std::size_t>(i)], "", acl);
  }
  EXPECT_EQ(parts.run(m), Error::ok);
  EXPECT_EQ(m.state.tree.acls().size(), static_cast<std::size_t>(kLists) + 1);
}

// The test leaves the tables' key at zero: any key is good enough.
TEST(Cost, paths_that_collide_without_a_hash_key_cost_the_same_as_others) {
  Machine m({}, kNoLimit);
  const auto paths = sim::CollidingPaths().make(200000);
  for (const std::string& path : paths) m.state.data_watches.add(path, watch::WatcherId{1}, watch::Mode::standard);
  EXPECT_EQ(m.state.data_watches.size(), paths.size());
  tree::Tree& tree = m.state.tree;
  for (const std::string& path : paths) {
    ASSERT_EQ(tree.find(path), tree::kNoNode);
    tree.add(path, tree::kRoot, "", tree::kOpenAcl, {});
  }
  Outstanding changes(tree);
  for (const std::string& path : paths) changes.put_removed(path, 1);
  for (const std::string& path : paths) {
    ASSERT_FALSE(changes.exists(path));
    tree.remove(path, tree.find(path));
    EXPECT_EQ(m.state.data_watches.trigger(path).size(), 1U);
  }
}

}  // namespace
}  // namespace quoll::machine
