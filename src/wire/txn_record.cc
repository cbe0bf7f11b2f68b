#include "wire/txn_record.h"

#include <fmt/format.h>

#include "wire/jute.h"

namespace quoll::wire {

namespace {

// Java serializes each sub-transaction into a buffer inside the MultiTxn, so its length comes first.
void put_sub(const SubTxn& sub, Writer& writer) {
  writer.put(static_cast<std::int32_t>(sub.type));
  const std::size_t at = writer.out().size();
  writer.put(std::int32_t{0});
  std::visit([&](const auto& body) { writer.put(body); }, sub.body);
  writer.patch(at, base::narrow32(writer.out().size() - at - 4));
}

void put_body(const MultiTxn& multi, Writer& writer) {
  writer.put(base::narrow32(multi.txns.size()));
  for (const SubTxn& sub : multi.txns) put_sub(sub, writer);
}
void put_body(const CloseSessionTxn& close, Writer& writer) {
  if (close.paths) writer.put(close);
}
template <Record T>
void put_body(const T& body, Writer& writer) {
  writer.put(body);
}

// CreateTxnV0, from before 3.4, lacks the parent's cversion.
CreateTxn get_create(Reader& reader) {
  CreateTxn txn;
  reader.get(txn.path);
  reader.get(txn.data);
  reader.get(txn.acl);
  reader.get(txn.ephemeral);
  if (reader.ok() && reader.remaining() >= 4) reader.get(txn.parent_cversion);
  return txn;
}

template <typename T>
T get_record(Reader& reader) {
  T record;
  reader.get(record);
  return record;
}

std::optional<SubTxnBody> get_sub_body(OpCode type, Reader& reader) {
  switch (type) {
    case OpCode::create:
    case OpCode::create2:
      return get_create(reader);
    case OpCode::create_container:
      return get_record<CreateContainerTxn>(reader);
    case OpCode::create_ttl:
      return get_record<CreateTtlTxn>(reader);
    case OpCode::remove:
    case OpCode::delete_container:
      return get_record<DeleteTxn>(reader);
    case OpCode::set_data:
      return get_record<SetDataTxn>(reader);
    case OpCode::check:
      return get_record<CheckVersionTxn>(reader);
    case OpCode::error:
      return get_record<ErrorTxn>(reader);
    default:
      return std::nullopt;
  }
}

// A closeSession from before 3.6, or with closeSessionTxn.enabled=false, has no body: at most a digest follows the
// header.
CloseSessionTxn get_close_session(Reader& reader) {
  constexpr std::size_t kDigestBytes = 12;
  Reader with_body = reader;
  auto close = get_record<CloseSessionTxn>(with_body);
  if (!with_body.ok() || (with_body.remaining() != 0 && with_body.remaining() != kDigestBytes))
    return CloseSessionTxn{};
  reader = with_body;
  return close;
}

std::optional<MultiTxn> get_multi(Reader& reader) {
  MultiTxn multi;
  std::int32_t count = 0;
  reader.get(count);
  for (std::int32_t i = 0; i < count && reader.ok(); ++i) {
    std::int32_t type = 0;
    base::NullableView bytes;
    reader.get(type);
    reader.get(bytes);
    if (!reader.ok() || bytes.is_null()) return std::nullopt;
    Reader inner(bytes.view(), INT32_MAX);
    auto body = get_sub_body(static_cast<OpCode>(type), inner);
    if (!body || !inner.ok()) return std::nullopt;
    multi.txns.push_back(SubTxn{static_cast<OpCode>(type), std::move(*body)});
  }
  return multi;
}

std::optional<TxnBody> get_body(OpCode type, Reader& reader) {
  switch (type) {
    case OpCode::create_session:
      return get_record<CreateSessionTxn>(reader);
    case OpCode::close_session:
      return get_close_session(reader);
    case OpCode::set_acl:
      return get_record<SetAclTxn>(reader);
    case OpCode::reconfig:
      return get_record<SetDataTxn>(reader);
    case OpCode::multi:
      return get_multi(reader);
    default:
      break;
  }
  auto sub = get_sub_body(type, reader);
  if (!sub) return std::nullopt;
  return std::visit([](auto&& body) -> TxnBody { return std::forward<decltype(body)>(body); }, std::move(*sub));
}

}  // namespace

void append_txn(const Txn& txn, std::string& out) {
  Writer writer(out);
  writer.put(txn.header);
  std::visit([&](const auto& body) { put_body(body, writer); }, txn.body);
  if (txn.digest) writer.put(*txn.digest);
}

std::optional<TxnHeader> decode_txn_header(std::string_view bytes) {
  Reader reader(bytes);
  TxnHeader header;
  reader.get(header);
  if (!reader.ok()) return std::nullopt;
  return header;
}

std::expected<Txn, std::string> decode_txn(std::string_view bytes) {
  // No length limit: records that were accepted under an earlier jute.maxbuffer must stay readable.
  Reader reader(bytes, INT32_MAX);
  Txn txn;
  reader.get(txn.header);
  if (!reader.ok())
    return std::unexpected(fmt::format("a transaction of {} bytes is shorter than its header", bytes.size()));
  auto body = get_body(static_cast<OpCode>(txn.header.type), reader);
  if (!body || !reader.ok()) {
    return std::unexpected(fmt::format("transaction 0x{:x} of type {} cannot be decoded: error at byte {} of {}",
                                       static_cast<std::uint64_t>(txn.header.zxid), txn.header.type, reader.position(),
                                       bytes.size()));
  }
  txn.body = std::move(*body);
  if (reader.remaining() >= 12) {
    TxnDigest digest;
    reader.get(digest);
    txn.digest = digest;
  }
  return txn;
}

}  // namespace quoll::wire
