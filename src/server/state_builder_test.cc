// The digests that a snapshot and the log contain are compared with the tree that is built from them.
#include "server/state_builder.h"

#include "server/test_support.h"
#include "wire/txn_record.h"

namespace quoll::server {
namespace {

StatPersisted stat_of(std::int64_t zxid) {
  StatPersisted stat;
  stat.czxid = stat.mzxid = stat.pzxid = zxid;
  return stat;
}

// A snapshot with /first, which transaction 1 created, and a log in which transaction 2 creates /second and
// transaction 3 creates /third.
class StateBuilders : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(s.start());
    StateBuilder exact(s.server->core());
    load(exact, {"/first"}, {});
    digests_[1] = digest_of(exact);
    for (const std::int64_t zxid : {2, 3}) {
      StateBuilder builder(s.server->core());
      load(builder, {"/first"}, {});
      for (std::int64_t each = 2; each <= zxid; ++each) ASSERT_TRUE(replay(builder, each, std::nullopt));
      digests_[zxid] = digest_of(builder);
    }
  }

  static std::int64_t digest_of(StateBuilder& builder) { return builder.take()->tree.digest(); }

  static void load(StateBuilder& builder, const std::vector<std::string>& paths, const store::SnapshotEnd& end) {
    ASSERT_TRUE(builder.on_node("", "", -1, {}));
    for (const std::string& path : paths) ASSERT_TRUE(builder.on_node(path, "", -1, stat_of(path == "/first" ? 1 : 2)));
    builder.on_snapshot_end(Zxid{1}, end);
  }

  // The snapshot's walk ended at `last`, and its digest is the one of `of`.
  [[nodiscard]] store::SnapshotEnd end(std::int64_t last, std::int64_t of) const {
    return {.digest = store::SnapshotDigest{.zxid = of, .digest = digests_.at(of)}, .last_processed = Zxid{last}};
  }

  static bool replay(StateBuilder& builder, std::int64_t zxid, std::optional<std::int64_t> digest) {
    Txn txn;
    txn.header = {.client_id = 1, .zxid = zxid, .type = static_cast<std::int32_t>(OpCode::create)};
    CreateTxn create;
    create.path = zxid == 2 ? "/second" : "/third";
    create.data = "";
    create.acl = open_acl_unsafe();
    create.parent_cversion = static_cast<std::int32_t>(zxid);
    txn.body = create;
    if (digest) txn.digest = TxnDigest{kDigestVersion, *digest};
    std::string bytes;
    wire::append_txn(txn, bytes);
    return builder.on_transaction({txn.header, bytes}).has_value();
  }

  [[nodiscard]] bool replay(StateBuilder& builder, std::int64_t zxid) const {
    return replay(builder, zxid, digests_.at(zxid));
  }

  ServerWorld s;
  std::map<std::int64_t, std::int64_t> digests_;
};

TEST_F(StateBuilders, a_tree_that_matches_all_digests_counts_no_mismatch) {
  StateBuilder builder(s.server->core());
  load(builder, {"/first"}, end(1, 1));
  ASSERT_TRUE(replay(builder, 2));
  ASSERT_TRUE(replay(builder, 3));
  EXPECT_EQ(builder.take()->digest_mismatches, 0U);
}

// Apache's server writes the digest of the last transaction that is complete, while the next one changes the tree.
TEST_F(StateBuilders, a_snapshot_may_hold_a_part_of_the_transaction_after_its_digest) {
  StateBuilder builder(s.server->core());
  load(builder, {"/first", "/second"}, end(1, 1));
  ASSERT_TRUE(replay(builder, 2));
  ASSERT_TRUE(replay(builder, 3));
  EXPECT_EQ(builder.take()->digest_mismatches, 0U);
}

TEST_F(StateBuilders, a_digest_may_be_older_than_the_last_transaction_of_its_snapshot) {
  StateBuilder builder(s.server->core());
  load(builder, {"/first", "/second"}, end(2, 1));
  ASSERT_TRUE(replay(builder, 2));
  ASSERT_TRUE(replay(builder, 3));
  EXPECT_EQ(builder.take()->digest_mismatches, 0U);
}

TEST_F(StateBuilders, a_tree_that_differs_from_the_snapshots_digest_is_counted_if_no_transaction_follows) {
  StateBuilder builder(s.server->core());
  load(builder, {"/first", "/other"}, end(1, 1));
  EXPECT_EQ(builder.take()->digest_mismatches, 1U);
}

TEST_F(StateBuilders, a_tree_that_differs_is_counted_at_each_transaction_that_does_not_heal_it) {
  StateBuilder builder(s.server->core());
  load(builder, {"/first", "/other"}, end(1, 1));
  ASSERT_TRUE(replay(builder, 2));
  ASSERT_TRUE(replay(builder, 3));
  EXPECT_EQ(builder.take()->digest_mismatches, 2U);
}

TEST_F(StateBuilders, a_tree_that_differs_is_counted_if_the_transactions_after_it_have_no_digests) {
  StateBuilder builder(s.server->core());
  load(builder, {"/first", "/other"}, end(1, 1));
  ASSERT_TRUE(replay(builder, 2, std::nullopt));
  EXPECT_EQ(builder.take()->digest_mismatches, 1U);
}

}  // namespace
}  // namespace quoll::server
