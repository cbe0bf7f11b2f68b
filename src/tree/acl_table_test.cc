#include "tree/acl_table.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <map>

#include "base/prng.h"

namespace quoll::tree {
namespace {

AclList of(std::string_view address) {
  return {Acl{1, Id{"ip", std::string(address)}}};
}

TEST(AclTable, is_empty_after_all_lists_are_released) {
  AclTable table;
  const AclList list{Acl{1, Id{"ip", "10.0.0.1"}}};
  const AclId id = table.acquire(list);
  EXPECT_EQ(table.acquire(list), id);
  table.release(id);
  EXPECT_EQ(table.size(), 1u);
  table.release(id);
  EXPECT_EQ(table.size(), 0u);
  EXPECT_EQ(table.acquire(open_acl_unsafe()), kOpenAcl);
}

TEST(AclTable, gives_each_list_in_use_one_id) {
  AclTable table({1, 2});
  std::map<AclList, std::pair<AclId, int>> model;
  base::Prng chance(1);
  for (int i = 0; i < 20000; ++i) {
    const AclList list = of(fmt::format("10.0.0.{}", chance.below(50)));
    auto& [id, users] = model[list];
    if (chance.below(2) == 0) {
      const AclId got = table.acquire(list);
      if (users++ > 0) {
        ASSERT_EQ(got, id);
      }
      id = got;
      ASSERT_EQ(table.get(id).entries(), list);
    } else if (users > 0) {
      table.release(id);
      --users;
    }
  }
  std::size_t in_use = 0;
  for (const auto& [list, entry] : model) in_use += entry.second > 0 ? 1 : 0;
  EXPECT_EQ(table.size(), in_use);
  AclId last = kOpenAcl;
  table.for_each([&](AclId id, const AclList& list) {
    EXPECT_EQ(model[list].first, id);
    EXPECT_GT(id, last) << "in the order of ids, which no hash decides";
    last = id;
    --in_use;
  });
  EXPECT_EQ(in_use, 0U);
}

TEST(AclTable, reuses_no_id_while_ids_are_held) {
  AclTable table;
  const AclId first = table.acquire(of("10.0.0.1"));
  table.hold_ids();
  table.release(first);
  EXPECT_EQ(table.size(), 0U);
  const AclId second = table.acquire(of("10.0.0.2"));
  EXPECT_NE(second, first);
  table.release_ids();
  EXPECT_EQ(table.acquire(of("10.0.0.3")), first);
}

}  // namespace
}  // namespace quoll::tree
