#include "tree/tree.h"

#include <gtest/gtest.h>

#include "base/prng.h"
#include "types/path.h"

namespace quoll::tree {
namespace {

StatPersisted stat_at(std::int64_t zxid, std::int64_t owner = 0) {
  return StatPersisted{zxid, zxid, zxid, zxid, 0, 0, 0, owner, zxid};
}

NodeId add(Tree& tree, std::string_view path, std::string_view data = "", std::int64_t owner = 0) {
  return tree.add(path, tree.find(path::parent(path)), data, kOpenAcl, stat_at(7, owner));
}

TEST(Tree, a_new_tree_counts_five_nodes) {
  Tree tree({}, Digests::on);
  EXPECT_EQ(tree.node_count(), 5);
  EXPECT_NE(tree.find("/zookeeper/config"), kNoNode);
  EXPECT_EQ(tree.stat_of(kRoot).cversion, -1);
  EXPECT_EQ(tree.stat_of(kRoot).num_children, 1);
  tree.check_invariants();
}

TEST(Tree, the_digest_of_a_new_tree_and_of_one_node_equal_apaches) {
  // Known value: a new Apache 3.9.5 server takes a snapshot with digest 1371985504 (root and /zookeeper, all numbers
  // 0).
  Tree tree({}, Digests::on);
  EXPECT_EQ(tree.digest(), 1371985504);
}

TEST(Tree, a_path_of_two_thousand_levels_can_be_found_printed_and_removed) {
  Tree tree({}, Digests::on);
  const std::int64_t empty = tree.digest();
  const auto walked = [&] {
    int nodes = 0;
    for (NodeId id = kRoot; id != kNoNode; id = tree.next_depth_first(id)) ++nodes;
    return nodes;
  };
  const int before = walked();
  std::string path;
  for (int i = 0; i < 2000; ++i) {
    path += "/a";
    add(tree, path);
  }
  const NodeId deepest = tree.find(path);
  ASSERT_NE(deepest, kNoNode);
  EXPECT_EQ(tree.path_of(deepest), path);
  EXPECT_EQ(tree.descendants(tree.find("/a")), 1999);
  EXPECT_EQ(walked(), before + 2000);
  for (; !path.empty(); path.resize(path.size() - 2)) tree.remove(path, tree.find(path));
  EXPECT_EQ(tree.digest(), empty);
  tree.check_invariants();
}

TEST(Tree, a_name_as_long_as_a_frame_can_be_found_and_printed) {
  Tree tree({}, Digests::on);
  const std::string path = "/" + std::string(1'048'000, 'n');
  add(tree, path);
  EXPECT_EQ(tree.path_of(tree.find(path)), path);
  EXPECT_EQ(tree.find(path.substr(0, path.size() - 1)), kNoNode);
  tree.check_invariants();
}

TEST(Tree, children_are_listed_oldest_first_even_after_removals) {
  Tree tree({}, Digests::on);
  add(tree, "/a");
  for (const char* path : {"/a/1", "/a/2", "/a/3"}) add(tree, path);
  tree.remove("/a/1", tree.find("/a/1"));
  add(tree, "/a/4");
  std::string names;
  tree.for_each_child(tree.find("/a"), [&](NodeId, const Node& node) { names += node.name(); });
  EXPECT_EQ(names, "234");
  EXPECT_EQ(tree.descendants(tree.find("/a")), 3);
  tree.check_invariants();
}

TEST(Tree, null_data_differs_from_empty_data) {
  Tree tree({}, Digests::on);
  const NodeId id = tree.add("/n", kRoot, {}, kOpenAcl, stat_at(1));
  EXPECT_TRUE(tree.node(id).data().is_null());
  tree.set_data("/n", id, "", 1, 2, 2);
  EXPECT_FALSE(tree.node(id).data().is_null());
}

TEST(Tree, ephemerals_are_listed_under_their_session) {
  Tree tree({}, Digests::on);
  add(tree, "/e", "", 42);
  ASSERT_NE(tree.ephemerals_of(42), nullptr);
  EXPECT_EQ(tree.ephemerals_count(), 1);
  tree.remove("/e", tree.find("/e"));
  EXPECT_EQ(tree.ephemerals_of(42), nullptr);
}

TEST(Tree, walks_continue_after_their_current_node_is_removed) {
  Tree tree({}, Digests::on);
  for (const char* path : {"/a", "/a/1", "/a/2", "/b"}) add(tree, path);
  const Tree::Cursor first = tree.begin_walk();
  const Tree::Cursor second = tree.begin_walk();
  EXPECT_EQ(*first, kRoot);
  *first = tree.find("/a/2");
  *second = tree.find("/b");
  tree.remove("/a/2", *first);
  EXPECT_EQ(*first, tree.find("/b"));
  tree.remove("/b", *first);
  EXPECT_EQ(*first, kNoNode);
  EXPECT_EQ(*second, kNoNode);
}

TEST(Tree, a_walk_ends_with_its_cursor_or_with_its_tree) {
  Tree tree({}, Digests::on);
  for (const char* path : {"/a", "/b"}) add(tree, path);
  Tree::Cursor cursor = tree.begin_walk();
  EXPECT_TRUE(tree.is_walked_by(cursor));
  cursor.reset();
  tree.remove("/a", tree.find("/a"));
  cursor = tree.begin_walk();
  tree = Tree({}, Digests::on);
  EXPECT_FALSE(tree.is_walked_by(cursor));
  add(tree, "/b");
  *cursor = tree.find("/b");
  tree.remove("/b", *cursor);
  EXPECT_NE(*cursor, kNoNode) << "another tree's ids mean nothing here";
}

TEST(Tree, random_adds_and_removes_keep_all_invariants) {
  Tree tree({}, Digests::on);
  base::Prng prng(1);
  std::vector<std::string> paths{""};
  for (int i = 0; i < 20000; ++i) {
    if (prng.below(3) > 0 || paths.size() < 2) {
      std::string path = paths[prng.below(paths.size())] + "/n" + std::to_string(prng.below(50));
      if (tree.find(path) != kNoNode) continue;
      add(tree, path, "data");
      paths.push_back(path);
    } else {
      const std::size_t at = 1 + prng.below(paths.size() - 1);
      const NodeId id = tree.find(paths[at]);
      if (tree.node(id).child_count > 0) continue;
      tree.remove(paths[at], id);
      paths[at] = paths.back();
      paths.pop_back();
    }
  }
  tree.check_invariants();
}

}  // namespace
}  // namespace quoll::tree
