#include "wire/jute.h"

#include <gtest/gtest.h>

#include "types/requests.h"
#include "types/txn.h"
#include "wire/client_frames.h"
#include "wire/txn_record.h"

namespace quoll::wire {
namespace {

using namespace std::string_view_literals;

TEST(Jute, numbers_are_big_endian_and_null_is_minus_one) {
  std::string out;
  Writer writer(out);
  writer.put(std::int32_t{1});
  writer.put(std::int64_t{-2});
  writer.put(true);
  writer.put(base::NullableView());
  writer.put(base::NullableView(""));
  EXPECT_EQ(out, "\0\0\0\1\xff\xff\xff\xff\xff\xff\xff\xfe\1\xff\xff\xff\xff\0\0\0\0"sv);
}

TEST(Jute, a_record_decodes_to_what_was_encoded_and_every_truncation_is_detected) {
  CreateRequest request{"/a", base::NullableView(), AclViews{{AclView{31, "world", "anyone"}}}, 1};
  std::string out;
  Writer(out).put(request);
  Reader reader(out);
  CreateRequest back;
  reader.get(back);
  ASSERT_TRUE(reader.ok());
  EXPECT_EQ(back.path.view(), "/a");
  EXPECT_TRUE(back.data.is_null());
  EXPECT_EQ(back.acl->front().id.view(), "anyone");
  for (std::size_t cut = 0; cut < out.size(); ++cut) {
    Reader short_reader(std::string_view(out).substr(0, cut));
    short_reader.get(back);
    EXPECT_FALSE(short_reader.ok()) << cut;
  }
}

TEST(Jute, an_oversized_count_is_refused_before_memory_is_reserved) {
  std::string out;
  Writer(out).put(std::int32_t{INT32_MAX});
  Reader reader(out);
  Paths paths;
  reader.get(paths);
  EXPECT_FALSE(reader.ok());
}

TEST(TxnRecord, a_multi_with_a_digest_decodes_to_what_was_encoded) {
  Txn txn{TxnHeader{1, 2, 3, 4, static_cast<int>(OpCode::multi)}, MultiTxn{}, TxnDigest{2, 99}};
  auto& multi = std::get<MultiTxn>(txn.body);
  multi.txns.push_back(SubTxn{OpCode::create, CreateTxn{"/a", "x", open_acl_unsafe(), false, 7}});
  multi.txns.push_back(SubTxn{OpCode::error, ErrorTxn{-101}});
  std::string bytes;
  append_txn(txn, bytes);
  const auto back = decode_txn(bytes);
  ASSERT_TRUE(back) << back.error();
  const auto& back_multi = std::get<MultiTxn>(back->body);
  ASSERT_EQ(back_multi.txns.size(), 2u);
  EXPECT_EQ(std::get<CreateTxn>(back_multi.txns[0].body).parent_cversion, 7);
  EXPECT_EQ(back->digest->tree_digest, 99);
}

TEST(ClientFrames, a_connect_request_may_lack_its_read_only_byte) {
  std::string out;
  Writer writer(out);
  writer.put(ConnectRequest{0, 0, 4000, 0, "0123456789abcdef", std::nullopt});
  EXPECT_FALSE(decode_connect(out)->read_only.has_value());
  writer.put(true);
  EXPECT_EQ(decode_connect(out)->read_only, true);
  EXPECT_FALSE(decode_connect(std::string_view(out).substr(0, 40)));
}

TEST(ClientFrames, reads_and_writes_do_not_mix_in_a_multi) {
  std::string out;
  Writer writer(out);
  writer.put(MultiHeader{4, false, -1});
  writer.put(WatchedReadRequest{"/a", false});
  writer.put(MultiHeader{2, false, -1});
  writer.put(DeleteRequest{"/a", -1});
  writer.put(MultiHeader{});
  Reader reader(out);
  EXPECT_FALSE(decode_body(OpCode::multi, reader));
}

TEST(Jute, encoding_names_writes_nothing_into_spare_capacity) {
  std::string out = "before";
  out.reserve(1000);
  Writer(out).put(std::vector<std::string_view>{"a", "", "bc"});
  EXPECT_EQ(out, std::string("before\0\0\0\3\0\0\0\1a\0\0\0\0\0\0\0\2bc", 6 + 4 + 5 + 4 + 6));
}

}  // namespace
}  // namespace quoll::wire
