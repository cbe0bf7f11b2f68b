#include "auth/schemes.h"

#include <gtest/gtest.h>

#include "auth/ip_address.h"
#include "auth/names.h"

namespace quoll::auth {
namespace {

AclViews one(std::int32_t perms, base::NullableView scheme, base::NullableView id) {
  return AclViews{{AclView{perms, scheme, id}}};
}

TEST(Schemes, digest_is_user_and_base64_of_sha1) {
  EXPECT_EQ(digest_of("super:test", "SHA1"), "super:D/InIHSb7yEEbrWz8b9l71RjZJU=");
  EXPECT_TRUE(digest_of("a:b", "SHA-256"));
  EXPECT_FALSE(digest_of("a:b", "NOPE-1"));
}

TEST(Schemes, the_super_digest_adds_the_super_identity_first) {
  const Schemes schemes(Options{.super_digest = "super:D/InIHSb7yEEbrWz8b9l71RjZJU="});
  const auto ids = schemes.authenticate("digest", "super:test", "127.0.0.1", {});
  ASSERT_TRUE(ids);
  EXPECT_EQ(ids->front(), (Id{"super", ""}));
  EXPECT_EQ(ids->size(), 2u);
}

TEST(Schemes, unknown_schemes_and_null_data_fail) {
  const Schemes schemes{Options{}};
  for (const char* scheme : {"world", "auth", "super", "sasl", "x509", ""}) {
    EXPECT_FALSE(schemes.authenticate(scheme, "x", "127.0.0.1", {})) << scheme;
  }
  EXPECT_FALSE(schemes.authenticate("digest", {}, "127.0.0.1", {}));
  EXPECT_TRUE(schemes.authenticate("ip", {}, "127.0.0.1", {}));
  EXPECT_TRUE(schemes.authenticate("digest", "", "127.0.0.1", {}));
}

TEST(Schemes, an_ensemble_is_accepted_by_any_of_its_names_or_without_one) {
  const Schemes schemes(Options{.ensemble_enabled = true, .ensemble_names = {"ours", "also ours"}});
  for (const base::NullableView name : {base::NullableView("ours"), base::NullableView(""), base::NullableView()}) {
    const auto ids = schemes.authenticate("ensemble", name, "127.0.0.1", {});
    ASSERT_TRUE(ids) << name.str();
    EXPECT_TRUE(ids->empty());
  }
  EXPECT_FALSE(schemes.authenticate("ensemble", "theirs", "127.0.0.1", {}));
  EXPECT_TRUE(Schemes(Options{.ensemble_enabled = true}).authenticate("ensemble", "any", "127.0.0.1", {}));
}

TEST(Schemes, scheme_key_accepts_multiples_of_the_key_in_java_notation) {
  const Schemes schemes(Options{.key_enabled = true});
  const auto lets_in = [&](std::string_view value, std::string_view key) {
    return schemes.authenticate("key", value, "127.0.0.1", key).has_value();
  };
  EXPECT_TRUE(lets_in("14", "7"));
  EXPECT_EQ(*schemes.authenticate("key", "14", "127.0.0.1", "7"), (Identities{Id{"key", ""}}));
  EXPECT_TRUE(lets_in("+14", "+7"));
  EXPECT_TRUE(lets_in("5", "0"));
  for (const char* bad : {"15", "", "+", "+-14", "++14", "x", "99999999999"}) EXPECT_FALSE(lets_in(bad, "7")) << bad;
  EXPECT_TRUE(lets_in("-2147483648", "-1")) << "INT_MIN / -1 must not trap";
}

TEST(Schemes, one_matching_permission_of_one_matching_identity_is_enough) {
  const Schemes schemes{Options{}};
  const AclList acl{Acl{perm::kRead, Id{"digest", "a:h"}}, Acl{perm::kAdmin, Id{"ip", "10.0.0.0/8"}}};
  EXPECT_TRUE(schemes.allows(acl, perm::kRead | perm::kWrite, {Id{"digest", "a:h"}}));
  EXPECT_FALSE(schemes.allows(acl, perm::kWrite, {Id{"digest", "a:h"}}));
  EXPECT_TRUE(schemes.allows(acl, perm::kAdmin, {Id{"ip", "10.1.2.3"}}));
  EXPECT_FALSE(schemes.allows(acl, perm::kAdmin, {Id{"ip", "11.1.2.3"}}));
  EXPECT_TRUE(schemes.allows(acl, perm::kAll, {Id{"super", ""}}));
  EXPECT_TRUE(Schemes(Options{.skip_acl = true}).allows(acl, perm::kAll, {}));
}

TEST(Schemes, auth_expands_to_authenticated_identities_only) {
  const Schemes schemes{Options{}};
  const Identities ids{Id{"ip", "127.0.0.1"}, Id{"digest", "a:h"}};
  const auto fixed = schemes.fix_up(one(31, "auth", ""), ids);
  ASSERT_TRUE(fixed);
  EXPECT_EQ(*fixed, (AclList{Acl{31, Id{"digest", "a:h"}}}));
  EXPECT_EQ(schemes.fix_up(one(31, "auth", ""), {Id{"ip", "127.0.0.1"}}).error(), Error::invalid_acl);
}

TEST(Schemes, invalid_acl_lists_are_refused_as_apache_does) {
  const Schemes schemes{Options{}};
  EXPECT_EQ(schemes.fix_up(std::nullopt, {}).error(), Error::invalid_acl);
  EXPECT_EQ(schemes.fix_up(AclViews{std::vector<AclView>{}}, {}).error(), Error::invalid_acl);
  EXPECT_EQ(schemes.fix_up(one(1, {}, "x"), {}).error(), Error::invalid_acl);
  EXPECT_EQ(schemes.fix_up(one(1, "world", {}), {}).error(), Error::marshalling_error);
  EXPECT_EQ(schemes.fix_up(one(1, "world", "other"), {}).error(), Error::invalid_acl);
  EXPECT_EQ(schemes.fix_up(one(1, "sasl", "bob"), {}).error(), Error::invalid_acl);
  EXPECT_EQ(schemes.fix_up(one(1, "digest", "nocolon"), {}).error(), Error::invalid_acl);
  for (const std::int32_t perms : {0, -1, 32, 255}) EXPECT_TRUE(schemes.fix_up(one(perms, "world", "anyone"), {}));
  AclViews twice = one(1, "world", "anyone");
  twice->push_back(twice->front());
  EXPECT_EQ(schemes.fix_up(twice, {})->size(), 1u);
}

TEST(Schemes, a_null_compared_with_an_earlier_entry_is_a_marshalling_error) {
  const Schemes schemes{Options{}};
  const auto list = [](const AclView& first, const AclView& second) {
    return AclViews{std::vector<AclView>{first, second}};
  };
  const AclView odd{31, "nope", "x"};
  EXPECT_EQ(schemes.fix_up(list(odd, AclView{31, {}, "x"}), {}).error(), Error::marshalling_error);
  EXPECT_EQ(schemes.fix_up(list(odd, AclView{1, {}, "x"}), {}).error(), Error::invalid_acl);
  EXPECT_EQ(schemes.fix_up(list(odd, AclView{31, "nope", {}}), {}).error(), Error::marshalling_error);
  EXPECT_EQ(schemes.fix_up(list(odd, AclView{31, "none", {}}), {}).error(), Error::invalid_acl);
}

TEST(IpAddress, patterns_of_both_address_families) {
  for (const char* good : {"1.2.3.4", "10.0.0.0/8", "::1", "fe80::/10", "1:2:3:4:5:6:7:8", "1::"})
    EXPECT_TRUE(is_valid_ip_pattern(good)) << good;
  for (const char* bad : {"1.2.3", "1.2.3.4/33", "", "/8", "::ffff:1.2.3.4", "1:::2", "256.1.1.1", "12345::"})
    EXPECT_FALSE(is_valid_ip_pattern(bad)) << bad;
  EXPECT_TRUE(ip_matches("0:0:0:0:0:0:0:1", "::1"));
  EXPECT_TRUE(ip_matches("10.9.8.7", "10.0.0.0/8"));
  EXPECT_FALSE(ip_matches("127.0.0.1", "::1"));
}

// As Java's Integer.parseInt accepts them.
TEST(IpAddress, numbers_may_be_signed_and_a_negative_segment_means_its_low_bits) {
  for (const char* good : {"+1.2.3.-0", "1.2.3.4/+8", "1.2.3.4/-0", "::+1", "-1::"})
    EXPECT_TRUE(is_valid_ip_pattern(good)) << good;
  for (const char* bad : {"1.2.3.+-0", "1.2.3.-1", "1.2.3.4/+-0", "::+-1", "::--1", "::-", "::-1234"})
    EXPECT_FALSE(is_valid_ip_pattern(bad)) << bad;
  EXPECT_TRUE(ip_matches("0:0:0:0:0:0:0:ffff", "::-1"));
  EXPECT_TRUE(ip_matches("0:0:0:0:0:0:0:ff01", "::-ff"));
  EXPECT_FALSE(ip_matches("0:0:0:0:0:0:0:1", "::-1"));
}

TEST(IpAddress, digits_of_other_scripts_are_refused) {
  for (const char* bad : {"\uff11.2.3.4", "1.2.3.\u0664", "1.2.3.4/\u0668", "::\uff21"})
    EXPECT_FALSE(is_valid_ip_pattern(bad)) << bad;
}

TEST(IpAddress, prints_as_java_does) {
  EXPECT_EQ(java_host_address("::1"), "0:0:0:0:0:0:0:1");
  EXPECT_EQ(java_host_address("::ffff:127.0.0.1"), "127.0.0.1");
  EXPECT_EQ(java_host_address("127.0.0.1"), "127.0.0.1");
}

TEST(Names, kerberos_x509_and_digest) {
  EXPECT_TRUE(is_kerberos_name("bob"));
  EXPECT_TRUE(is_kerberos_name("zk/host@REALM"));
  EXPECT_FALSE(is_kerberos_name("x/y/z@R"));
  EXPECT_FALSE(is_kerberos_name("a@b@c"));
  EXPECT_TRUE(is_distinguished_name("CN=bob,O=x\\, y"));
  EXPECT_FALSE(is_distinguished_name("bob"));
  EXPECT_TRUE(is_digest_id("a:b"));
  EXPECT_TRUE(is_digest_id("a:b:"));
  EXPECT_FALSE(is_digest_id("a:"));
  EXPECT_FALSE(is_digest_id("a:b:c"));
}

}  // namespace
}  // namespace quoll::auth
