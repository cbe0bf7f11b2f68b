// Long lists and many identities give the same answers as comparing each entry with each identity, at a bounded cost.
// In the tests of cost the sizes are such that comparing each with each would take hours.
#include "auth/access_list.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "auth/schemes.h"
#include "base/prng.h"

namespace quoll::auth {
namespace {

std::string some_id(std::string_view scheme, base::Prng& chance) {
  if (scheme == "world") return chance.below(8) == 0 ? "anyone" : "other";
  if (scheme == "ip") {
    if (chance.below(4) == 0) return fmt::format("1:2::{:x}/{}", chance.below(64), 118 + chance.below(11));
    return fmt::format("10.0.0.{}/{}", chance.below(64), 24 + chance.below(9));
  }
  if (chance.below(20) == 0) return "super";
  return fmt::format("u{}", chance.below(200));
}

Id some_identity(base::Prng& chance) {
  static constexpr std::array<std::string_view, 6> kSchemes{"ip", "digest", "sasl", "x509", "ensemble", "none"};
  const std::string scheme(kSchemes[chance.below(kSchemes.size())]);
  if (scheme == "ip" && chance.below(4) == 0) return {scheme, fmt::format("1:2:0:0:0:0:0:{:x}", chance.below(64))};
  if (scheme == "ip") return {scheme, fmt::format("10.0.0.{}", chance.below(64))};
  return {scheme, some_id(scheme, chance)};
}

Acl some_entry(base::Prng& chance) {
  static constexpr std::array<std::string_view, 7> kSchemes{"ip",    "digest",   "sasl", "x509",
                                                            "world", "ensemble", "none"};
  const std::string scheme(kSchemes[chance.below(kSchemes.size())]);
  return {static_cast<std::int32_t>(1U << chance.below(5)), Id{scheme, some_id(scheme, chance)}};
}

TEST(AccessList, lists_of_any_length_give_the_same_result_as_comparing_each_entry_with_each_identity) {
  Options options;
  options.sasl_enabled = options.x509_enabled = options.ensemble_enabled = true;
  Options with_names = options;
  with_names.any_sasl_user_id = "u7";
  with_names.x509_super_user = "u9";
  const Schemes plain(options, {1, 2});
  const Schemes named(with_names, {1, 2});
  base::Prng chance(1);
  int allowed = 0;
  constexpr int kTries = 20000;
  for (int i = 0; i < kTries; ++i) {
    AclList entries;
    for (std::uint64_t n = 1 + chance.below(chance.below(2) == 0 ? 6 : 60); n > 0; --n)
      entries.push_back(some_entry(chance));
    Identities identities;
    for (std::uint64_t n = chance.below(chance.below(2) == 0 ? 4 : 40); n > 0; --n)
      identities.push_back(some_identity(chance));
    const AccessList list(entries);
    for (const Schemes* const schemes : {&plain, &named}) {
      const auto perms = static_cast<std::int32_t>(1U << chance.below(5));
      const bool expected = schemes->allows(entries, perms, identities);
      ASSERT_EQ(schemes->allows(list, perms, identities), expected) << i;
      allowed += expected ? 1 : 0;
    }
  }
  EXPECT_GT(allowed, kTries / 10);
  EXPECT_LT(allowed, 2 * kTries * 9 / 10);
}

TEST(AccessList, a_check_does_not_cost_entries_times_identities) {
  const Schemes schemes(Options{}, {1, 2});
  AclList addresses;
  AclList digests;
  for (int i = 0; i < 34000; ++i) {
    addresses.push_back(Acl{31, Id{"ip", fmt::format("11.{}.{}.{}", i >> 16, (i >> 8) & 255, i & 255)}});
    digests.push_back(Acl{31, Id{"digest", fmt::format("v{}:hash", i)}});
  }
  Identities identities{Id{"ip", "10.0.0.1"}};
  for (int i = 0; i < 900; ++i) identities.push_back(Id{"digest", fmt::format("u{}:hash", i)});
  const AccessList of_addresses(addresses);
  const AccessList of_digests(digests);
  for (int i = 0; i < 5000; ++i) {
    ASSERT_FALSE(schemes.allows(of_addresses, perm::kRead, identities));
    ASSERT_FALSE(schemes.allows(of_digests, perm::kRead, identities));
  }
  EXPECT_TRUE(schemes.allows(of_addresses, perm::kRead, {Id{"ip", "11.0.1.2"}}));
  EXPECT_TRUE(schemes.allows(of_digests, perm::kRead, {Id{"digest", "v33999:hash"}}));
}

TEST(AccessList, the_result_for_many_identities_is_remembered_until_they_or_the_list_change) {
  const Schemes schemes(Options{}, {1, 2});
  AclList entries;
  for (int i = 0; i < 100; ++i) entries.push_back(Acl{perm::kRead, Id{"digest", fmt::format("v{}:hash", i)}});
  Identities identities;
  for (int i = 0; i < 100000; ++i) identities.push_back(Id{"digest", fmt::format("u{}:hash", i)});
  std::optional<AccessList> list(std::in_place, entries, 1);
  for (int i = 0; i < 1000000; ++i) ASSERT_FALSE(schemes.allows(*list, perm::kRead, identities));
  // Another entry instead of it.
  entries.push_back(Acl{perm::kRead, Id{"digest", "u7:hash"}});
  list.emplace(entries, 2);
  EXPECT_TRUE(schemes.allows(*list, perm::kRead, identities));
  EXPECT_FALSE(schemes.allows(*list, perm::kWrite, identities));
  entries.push_back(Acl{perm::kWrite, Id{"digest", "w:hash"}});
  list.emplace(entries, 3);
  EXPECT_FALSE(schemes.allows(*list, perm::kWrite, identities));
  identities.push_back(Id{"digest", "w:hash"});
  EXPECT_TRUE(schemes.allows(*list, perm::kWrite, identities));
}

TEST(AccessList, few_entries_are_looked_up_among_many_identities) {
  const Schemes schemes(Options{}, {1, 2});
  AclList entries;
  for (int i = 0; i < 16; ++i) entries.push_back(Acl{31, Id{"digest", fmt::format("v{}:hash", i)}});
  Identities identities;
  for (int i = 0; i < 100000; ++i) identities.push_back(Id{"digest", fmt::format("u{}:hash", i)});
  const AccessList list(entries);
  for (int i = 0; i < 100000; ++i) ASSERT_FALSE(schemes.allows(list, perm::kRead, identities));
  identities.push_back(Id{"digest", "v15:hash"});
  EXPECT_TRUE(schemes.allows(list, perm::kRead, identities));
}

TEST(FixUp, half_a_million_entries_are_made_unique_in_linear_time) {
  const Schemes schemes(Options{}, {1, 2});
  std::vector<std::string> ids;
  for (int i = 0; i < 500000; ++i) ids.push_back(fmt::format("u{}:hash", i / 2));
  std::vector<AclView> entries;
  for (const std::string& id : ids) entries.push_back(AclView{31, "digest", id});
  const auto fixed = schemes.fix_up(entries, {});
  ASSERT_TRUE(fixed);
  EXPECT_EQ(fixed->size(), 250000U);
  EXPECT_EQ(fixed->front().id.id, "u0:hash");
  EXPECT_EQ(fixed->back().id.id, "u249999:hash");
}

// Behaves like a short list, which another test compares with Apache's order.
TEST(FixUp, a_long_list_with_nulls_fails_like_a_short_one) {
  const Schemes schemes(Options{}, {1, 2});
  const std::vector<base::NullableView> texts{{}, "digest", "nope", "a:b", "c:d"};
  base::Prng chance(1);
  for (int i = 0; i < 20000; ++i) {
    std::vector<AclView> few;
    for (std::uint64_t n = 1 + chance.below(5); n > 0; --n) {
      few.push_back(AclView{static_cast<std::int32_t>(chance.below(2)), texts[chance.below(3)],
                            texts[chance.below(2) == 0 ? 0 : 3 + chance.below(2)]});
    }
    // Valid entries before it that equal none of its entries.
    std::vector<std::string> ids;
    for (int k = 0; k < 20; ++k) ids.push_back(fmt::format("u{}:x", k));
    std::vector<AclView> many;
    for (const std::string& id : ids) many.push_back(AclView{31, "digest", id});
    many.insert(many.end(), few.begin(), few.end());
    const auto short_list = schemes.fix_up(few, {});
    const auto long_list = schemes.fix_up(many, {});
    ASSERT_EQ(short_list.has_value(), long_list.has_value()) << i;
    if (short_list) {
      ASSERT_EQ(long_list->size(), short_list->size() + 20);
    } else {
      ASSERT_EQ(long_list.error(), short_list.error()) << i;
    }
  }
}

TEST(FixUp, expanding_auth_fails_as_soon_as_the_result_is_too_large) {
  const Schemes schemes(Options{}, {1, 2});
  Identities identities;
  for (int i = 0; i < 900; ++i) identities.push_back(Id{"digest", fmt::format("{}:{:0100}", i, i)});
  // The result would be too large for any memory.
  std::vector<AclView> entries;
  for (int i = 0; i < 40000; ++i) entries.push_back(AclView{i, "auth", ""});
  EXPECT_EQ(schemes.fix_up(entries, identities, 2000000).error(), Error::bad_arguments);
  entries.resize(2);
  EXPECT_EQ(schemes.fix_up(entries, identities, 2000000)->size(), 1800U);
}

}  // namespace
}  // namespace quoll::auth
