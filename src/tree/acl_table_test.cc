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
  auto hold = table.hold();
  table.release(first);
  EXPECT_EQ(table.size(), 0U);
  const AclId second = table.acquire(of("10.0.0.2"));
  EXPECT_NE(second, first);
  hold.reset();
  EXPECT_EQ(table.acquire(of("10.0.0.3")), first);
}

TEST(AclTable, what_is_in_use_when_a_hold_begins_can_be_read_until_it_ends) {
  AclTable table;
  std::vector<AclId> ids;
  for (int i = 0; i < 6; ++i) ids.push_back(table.acquire(of(std::to_string(i))));
  table.release(ids[0]);
  const auto held = [&](AclId end) {
    std::size_t count = 0;
    for (AclId id = kOpenAcl + 1; id < end; ++id) count += table.held(id) != nullptr ? 1U : 0U;
    return count;
  };
  const auto first = table.hold();
  const AclId first_end = table.end_id();
  EXPECT_EQ(table.held_count(), 5U);
  table.release(ids[1]);
  table.acquire(of("new"));
  // A second hold begins and ends within the first.
  const AclId second_end = table.end_id();
  const std::size_t second_count = table.held_count();
  auto second = table.hold();
  table.release(ids[2]);
  table.acquire(of("newer"));
  EXPECT_EQ(held(second_end), second_count);
  second.reset();
  table.release(ids[3]);
  EXPECT_EQ(held(first_end), 5U);
  EXPECT_EQ(*table.held(ids[1]), of("1"));
  EXPECT_EQ(table.size(), 4U);
}

TEST(AclTable, a_hold_may_outlive_the_table) {
  auto table = std::make_unique<AclTable>();
  const auto hold = table->hold();
  *table = AclTable();
  const AclId id = table->acquire(of("10.0.0.1"));
  table->release(id);
  EXPECT_EQ(table->acquire(of("10.0.0.2")), id) << "nobody holds the new one";
  table.reset();
}

}  // namespace
}  // namespace quoll::tree
