#include "store/snapshot_trailer.h"

#include <zlib.h>

#include "store/snapshot_format.h"
#include "wire/jute.h"

namespace quoll::store {

namespace {

using Failure = std::unexpected<std::string>;
using Result = std::expected<void, std::string>;

constexpr std::size_t kSealBytes = 13;
constexpr std::size_t kLastZxidBytes = 8 + kSealBytes;

class Trailer {
 public:
  Trailer(std::string_view bytes, std::uint32_t adler) : left_(bytes), adler_(adler) {}

  std::expected<SnapshotEnd, std::string> parse() {
    SnapshotEnd end;
    if (auto done = seal(); !done) return Failure(done.error());
    // Either addition may be missing; the number of bytes tells which are there.
    if (left_.size() > kLastZxidBytes) {
      if (auto done = digest(end); !done) return Failure(done.error());
    }
    if (!left_.empty()) {
      std::int64_t zxid = 0;
      if (auto done = get(zxid); !done) return Failure(done.error());
      if (auto done = seal(); !done) return Failure(done.error());
      end.last_processed = Zxid{zxid};
    }
    if (!left_.empty()) return Failure("there are bytes after its end");
    return end;
  }

 private:
  std::expected<std::string_view, std::string> take(std::size_t count) {
    if (left_.size() < count) return Failure("it ends in the middle of a field behind its znodes");
    const std::string_view bytes = left_.substr(0, count);
    left_.remove_prefix(count);
    adler_ = static_cast<std::uint32_t>(adler32_z(adler_, reinterpret_cast<const Bytef*>(bytes.data()), count));
    return bytes;
  }

  template <typename T>
  Result get(T& value) {
    const auto bytes = take(sizeof(T));
    if (!bytes) return Failure(bytes.error());
    wire::Reader(*bytes).get(value);
    return {};
  }

  std::expected<std::string_view, std::string> text() {
    std::int32_t length = 0;
    if (auto done = get(length); !done) return Failure(done.error());
    if (length < -1 || length > kFieldBytesMax) return Failure("a string behind its znodes has no possible length");
    return take(length < 0 ? 0 : static_cast<std::size_t>(length));
  }

  Result seal() {
    const std::uint32_t expected = adler_;
    std::int64_t found = 0;
    if (auto done = get(found); !done) return done;
    const auto mark = text();
    if (!mark) return Failure(mark.error());
    const bool is_right = found == static_cast<std::int64_t>(expected);
    if (!is_right || *mark != "/") return Failure("its checksum is wrong");
    return {};
  }

  Result digest(SnapshotEnd& end) {
    SnapshotDigest digest;
    if (auto done = get(digest.zxid); !done) return done;
    if (auto done = get(digest.version); !done) return done;
    if (digest.version < kDigestVersion) {
      if (const auto hex = text(); !hex) return Failure(hex.error());
    } else if (auto done = get(digest.digest); !done) {
      return done;
    }
    if (auto done = seal(); !done) return done;
    if (digest.zxid > 0 && digest.version == kDigestVersion) end.digest = digest;
    return {};
  }

  std::string_view left_;
  std::uint32_t adler_;
};

}  // namespace

std::expected<SnapshotEnd, std::string> parse_trailer(std::string_view bytes, std::uint32_t adler) {
  return Trailer(bytes, adler).parse();
}

}  // namespace quoll::store
