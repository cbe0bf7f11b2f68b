// All record types with a list of fields: the first byte selects the type, the rest is decoded. If that succeeds,
// encoding and decoding again gives the same record, and the same bytes except for bools.
#include <array>

#include "fuzz/record_bytes.h"
#include "fuzz/target.h"
#include "types/replies.h"
#include "types/requests.h"
#include "types/txn.h"

using namespace quoll;

namespace {

template <typename... T>
struct Records {
  static constexpr std::size_t kCount = sizeof...(T);
  template <typename F>
  static void with(std::size_t which, F&& f) {
    std::size_t i = 0;
    ((i++ == which ? f.template operator()<T>() : void()), ...);
  }
};

using All =
    Records<ConnectRequest, RequestHeader, AclView, CreateRequest, CreateTtlRequest, DeleteRequest,
            DeleteContainerRequest, SetDataRequest, SetAclRequest, CheckVersionRequest, ReconfigRequest,
            WatchedReadRequest, PathRequest, WatchTypeRequest, SetWatchesRequest, SetWatches2Request, AuthRequest,
            SaslRequest, CreateSessionRequest, EmptyRequest, MultiHeader, ConnectResponse, ReplyHeader, WatcherEvent,
            PathReply, PathStatReply, StatReply, DataReply, AclReply, NamesReply, NamesStatReply, StringReply,
            StringsReply, CountReply, ErrorReply, ClientInfo, WhoAmIReply, SaslReply, Id, Acl, StatPersisted, Stat,
            TxnHeader, TxnDigest, CreateTxn, CreateContainerTxn, CreateTtlTxn, DeleteTxn, SetDataTxn, SetAclTxn,
            CheckVersionTxn, CreateSessionTxn, CloseSessionTxn, ErrorTxn>;

template <typename T>
void round_trip(std::string_view bytes) {
  wire::Reader reader(bytes);
  T record;
  reader.get(record);
  if (!reader.ok()) return;
  std::string once;
  wire::Writer(once).put(record);
  QUOLL_CHECK(once.size() <= reader.position(), "the encoding is not longer than the input");
  wire::Reader again(once);
  T copy;
  again.get(copy);
  QUOLL_CHECK(again.ok() && again.remaining() == 0, "an encoded record decodes");
  std::string twice;
  wire::Writer(twice).put(copy);
  QUOLL_CHECK(twice == once, "decoding gives the same record");
  QUOLL_CHECK(fuzz::is_same_record(bytes, once), "encoding gives the bytes of the input");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes = fuzz::view(data + 1, size - 1);
  All::with(data[0] % All::kCount, [&]<typename T>() { round_trip<T>(bytes); });
  return 0;
}

std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size, unsigned int seed) {
  base::Prng chance(seed);
  if (chance.below(2) == 0 || size == 0) return LLVMFuzzerMutate(data, size, max_size);
  const bool is_new = chance.below(2) == 0;
  const auto which = static_cast<std::uint8_t>(is_new ? chance.below(All::kCount) : data[0]);
  std::string made(1, static_cast<char>(which));
  wire::Reader in(fuzz::view(data + 1, size - 1));
  All::with(which % All::kCount, [&]<typename T>() {
    if (is_new) {
      fuzz::put_any<T>(chance, made);
    } else {
      fuzz::put_changed<T>(in, chance, 4, made);
    }
  });
  return fuzz::give(made, data, max_size);
}
