#include "fuzz/record_bytes.h"

#include <iterator>

#include "types/requests.h"
#include "types/txn.h"

namespace quoll::fuzz {

namespace {

constexpr std::int64_t kNumbers[] = {0,
                                     1,
                                     2,
                                     3,
                                     -1,
                                     -2,
                                     4,
                                     5,
                                     6,
                                     7,
                                     15,
                                     31,
                                     32,
                                     1000,
                                     30000,
                                     INT32_MAX,
                                     INT32_MIN,
                                     INT64_MAX,
                                     INT64_MIN,
                                     0xff'ffff'ffff,
                                     1LL << 32,
                                     0xfffff,
                                     0x100000,
                                     1LL << 56,
                                     -4,
                                     -8,
                                     -10,
                                     -11,
                                     100,
                                     101,
                                     INT64_MAX - 1};

constexpr std::string_view kPaths[] = {"/",
                                       "/a",
                                       "/b",
                                       "/a/b",
                                       "/a/b/c",
                                       "/a/s-",
                                       "/a/s-0000000000",
                                       "/q",
                                       "/q/a",
                                       "/zookeeper",
                                       "/zookeeper/config",
                                       "/zookeeper/quota",
                                       "/zookeeper/quota/q",
                                       "/zookeeper/quota/q/zookeeper_limits",
                                       "/zookeeper/quota/q/zookeeper_stats",
                                       "/key",
                                       "",
                                       "a",
                                       "/a/",
                                       "//",
                                       "/a//b",
                                       "/.",
                                       "/a/..",
                                       "/a/./b",
                                       {"/a\0b", 4},
                                       "/\x01",
                                       "/\xc2\x85",
                                       "/\xed\xa0\x80",
                                       "/\xef\xbf\xbd",
                                       "/\xff\xfe",
                                       "/\xf0\x9f\x90\xbe"};

constexpr std::string_view kTexts[] = {"world",
                                       "anyone",
                                       "auth",
                                       "digest",
                                       "user:password",
                                       "user:tl+z3z0vO6PfPfEENfLF96E6pM0=",
                                       "super",
                                       "ip",
                                       "10.0.0.0/8",
                                       "1.2.3",
                                       "/33",
                                       "::ffff:1.2.3.4",
                                       "fe80::/10",
                                       "sasl",
                                       "bob@EXAMPLE.COM",
                                       "x509",
                                       "CN=bob,O=quoll",
                                       "ensemble",
                                       "key",
                                       "count=5,bytes=100",
                                       "count=-1,bytes=-1=;byteHardLimit=10;countHardLimit=2",
                                       "server.1=127.0.0.1:2888:3888:participant;2181",
                                       "",
                                       "0123456789abcdef",
                                       "\xc0\x80",
                                       "\xed\xa0\x80\xed\xb0\x80"};

template <typename T, std::size_t N>
const T& one_of(const T (&items)[N], Prng& chance) {
  return items[chance.below(N)];
}

// Calls f.operator()<T>() with the record type of a request's body; returns false if it has none.
template <typename F>
bool with_body(OpCode op, F&& f) {
  switch (op) {
    case OpCode::create:
    case OpCode::create2:
    case OpCode::create_container:
      return f.template operator()<CreateRequest>(), true;
    case OpCode::create_ttl:
      return f.template operator()<CreateTtlRequest>(), true;
    case OpCode::remove:
      return f.template operator()<DeleteRequest>(), true;
    case OpCode::delete_container:
      return f.template operator()<DeleteContainerRequest>(), true;
    case OpCode::set_data:
      return f.template operator()<SetDataRequest>(), true;
    case OpCode::set_acl:
      return f.template operator()<SetAclRequest>(), true;
    case OpCode::check:
      return f.template operator()<CheckVersionRequest>(), true;
    case OpCode::reconfig:
      return f.template operator()<ReconfigRequest>(), true;
    case OpCode::exists:
    case OpCode::get_data:
    case OpCode::get_children:
    case OpCode::get_children2:
      return f.template operator()<WatchedReadRequest>(), true;
    case OpCode::get_acl:
    case OpCode::sync:
    case OpCode::get_all_children_number:
    case OpCode::get_ephemerals:
      return f.template operator()<PathRequest>(), true;
    case OpCode::check_watches:
    case OpCode::remove_watches:
    case OpCode::add_watch:
      return f.template operator()<WatchTypeRequest>(), true;
    case OpCode::set_watches:
      return f.template operator()<SetWatchesRequest>(), true;
    case OpCode::set_watches2:
      return f.template operator()<SetWatches2Request>(), true;
    case OpCode::auth:
      return f.template operator()<AuthRequest>(), true;
    case OpCode::sasl:
      return f.template operator()<SaslRequest>(), true;
    case OpCode::create_session:
      return f.template operator()<CreateSessionRequest>(), true;
    default:
      return false;
  }
}

// The same for a transaction's body.
template <typename F>
bool with_txn(OpCode op, F&& f) {
  switch (op) {
    case OpCode::create:
    case OpCode::create2:
      return f.template operator()<CreateTxn>(), true;
    case OpCode::create_container:
      return f.template operator()<CreateContainerTxn>(), true;
    case OpCode::create_ttl:
      return f.template operator()<CreateTtlTxn>(), true;
    case OpCode::remove:
    case OpCode::delete_container:
      return f.template operator()<DeleteTxn>(), true;
    case OpCode::set_data:
    case OpCode::reconfig:
      return f.template operator()<SetDataTxn>(), true;
    case OpCode::set_acl:
      return f.template operator()<SetAclTxn>(), true;
    case OpCode::check:
      return f.template operator()<CheckVersionTxn>(), true;
    case OpCode::create_session:
      return f.template operator()<CreateSessionTxn>(), true;
    case OpCode::close_session:
      return f.template operator()<CloseSessionTxn>(), true;
    case OpCode::error:
      return f.template operator()<ErrorTxn>(), true;
    default:
      return false;
  }
}

constexpr OpCode kSubOps[] = {
    OpCode::create, OpCode::create2,  OpCode::create_container, OpCode::create_ttl, OpCode::remove, OpCode::set_data,
    OpCode::check,  OpCode::get_data, OpCode::get_children,     OpCode::error,      OpCode::set_acl};

void put_multi_header(std::int32_t type, bool done, Prng& chance, std::string& out) {
  wire::Writer writer(out);
  writer.put(MultiHeader{type, chance.below(50) == 0 ? !done : done, -1});
}

void put_any_multi(OpCode op, Prng& chance, std::string& out) {
  for (std::uint64_t n = chance.below(5); n > 0; --n) {
    const bool is_read = op == OpCode::multi_read && chance.below(8) != 0;
    const OpCode sub =
        is_read ? (chance.below(2) == 0 ? OpCode::get_data : OpCode::get_children) : one_of(kSubOps, chance);
    put_multi_header(static_cast<std::int32_t>(sub), false, chance, out);
    with_body(sub, [&]<typename T>() { put_any<T>(chance, out); });
  }
  put_multi_header(-1, true, chance, out);
}

void put_changed_multi(std::string_view body, Prng& chance, std::string& out) {
  wire::Reader in(body);
  const std::size_t chosen = chance.below(6);
  for (std::size_t i = 0; in.ok() && in.remaining() > 0; ++i) {
    const std::string_view before = in.rest();
    MultiHeader header;
    in.get(header);
    if (!in.ok() || header.done) {
      out += before;
      return;
    }
    std::string sub;
    wire::Writer(sub).put(header);
    const auto op = static_cast<OpCode>(header.type);
    if (!with_body(op, [&]<typename T>() { put_changed<T>(in, chance, 6, sub); })) {
      out += before;
      return;
    }
    // One item is left out or appears twice.
    const std::uint64_t times = i == chosen ? chance.below(3) : 1;
    for (std::uint64_t n = 0; n < times; ++n) out += sub;
  }
}

void put_any_sub_txns(Prng& chance, std::string& out) {
  const auto count = static_cast<std::int32_t>(chance.below(4));
  wire::Writer writer(out);
  writer.put(any_count(chance, count));
  for (std::int32_t i = 0; i < count; ++i) {
    const OpCode op = one_of(kSubOps, chance);
    writer.put(static_cast<std::int32_t>(op));
    std::string body;
    with_txn(op, [&]<typename T>() { put_any<T>(chance, body); });
    writer.put(body);
  }
}

}  // namespace

bool is_same_record(std::string_view came, std::string_view written) {
  constexpr std::string_view kNone{"\0\0\0\0", 4};
  if (came.size() < written.size()) return false;
  for (std::size_t i = 0; i < written.size(); ++i) {
    if (came[i] == written[i] || (written[i] == 1 && came[i] != 0)) continue;
    const bool is_negative = (came[i] & 0x80) != 0;
    if (!is_negative || written.substr(i, 4) != kNone) return false;
    i += 3;
  }
  return true;
}

std::int64_t any_number(Prng& chance) {
  return chance.below(8) == 0 ? static_cast<std::int64_t>(chance.next()) : one_of(kNumbers, chance);
}

std::string any_path(Prng& chance) {
  std::string path(one_of(kPaths, chance));
  if (chance.below(8) == 0) path += std::string(one_of(kPaths, chance));
  if (chance.below(64) == 0) {
    for (std::uint64_t n = chance.below(400); n > 0; --n) path += "/d";
  }
  return path;
}

std::string any_text(Prng& chance) {
  switch (chance.below(8)) {
    case 0:
    case 1:
    case 2:
      return std::string(one_of(kTexts, chance));
    case 3: {
      std::string bytes(chance.below(20), '\0');
      for (char& byte : bytes) byte = static_cast<char>(chance.next());
      return bytes;
    }
    case 4:
      return std::string(chance.below(3000), 'x');
    default:
      return any_path(chance);
  }
}

std::int32_t any_count(Prng& chance, std::int32_t count) {
  switch (chance.below(24)) {
    case 0:
      return count + 1;
    case 1:
      return -1;
    case 2:
      return static_cast<std::int32_t>(any_number(chance));
    default:
      return count;
  }
}

void put_any_text(Prng& chance, std::string& out) {
  const std::string text = any_text(chance);
  wire::Writer(out).put(any_count(chance, static_cast<std::int32_t>(text.size())));
  out += text;
}

OpCode any_opcode(Prng& chance) {
  return chance.below(40) == 0 ? static_cast<OpCode>(any_number(chance)) : one_of(kOpCodes, chance);
}

void put_any_request(OpCode op, Prng& chance, std::string& out) {
  if (op == OpCode::multi || op == OpCode::multi_read) return put_any_multi(op, chance, out);
  with_body(op, [&]<typename T>() { put_any<T>(chance, out); });
}

void put_changed_request(OpCode op, std::string_view body, Prng& chance, std::string& out) {
  if (op == OpCode::multi || op == OpCode::multi_read) return put_changed_multi(body, chance, out);
  wire::Reader in(body);
  with_body(op, [&]<typename T>() { put_changed<T>(in, chance, 3, out); });
  out += in.rest();
}

void put_any_txn(std::int64_t zxid, Prng& chance, std::string& out) {
  const OpCode op = any_opcode(chance);
  wire::Writer writer(out);
  writer.put(TxnHeader{any_number(chance), 1, zxid, any_number(chance), static_cast<std::int32_t>(op)});
  if (op == OpCode::multi) {
    put_any_sub_txns(chance, out);
  } else {
    with_txn(op, [&]<typename T>() { put_any<T>(chance, out); });
  }
  if (chance.below(2) == 0) writer.put(TxnDigest{kDigestVersion, any_number(chance)});
}

void put_changed_txn(std::string_view txn, Prng& chance, std::string& out) {
  wire::Reader in(txn, INT32_MAX);
  TxnHeader header;
  in.get(header);
  if (!in.ok()) {
    out += txn;
    return;
  }
  if (chance.below(8) == 0) header.client_id = any_number(chance);
  if (chance.below(16) == 0) header.zxid = chance.below(2) == 0 ? Zxid{header.zxid}.next().value() : any_number(chance);
  const auto op = static_cast<OpCode>(header.type);
  if (chance.below(16) == 0) header.type = static_cast<std::int32_t>(any_opcode(chance));
  wire::Writer(out).put(header);
  if (op == OpCode::multi) {
    put_any_sub_txns(chance, out);
    return;
  }
  with_txn(op, [&]<typename T>() { put_changed<T>(in, chance, 4, out); });
  // The rest is the digest. It is dropped in half of the cases, because it rarely matches a changed transaction.
  if (chance.below(2) == 0) out += in.rest();
}

}  // namespace quoll::fuzz
