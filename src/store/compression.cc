#include "store/compression.h"

#include <array>
#include <snappy.h>
#include <zlib.h>

#include "wire/jute.h"

namespace quoll::store {

namespace {

constexpr std::string_view kSnappyMagic{"\x82SNAPPY\0", 8};
constexpr std::size_t kSnappyHeaderBytes = 16;
constexpr std::size_t kSnappyBlockBytes = 32 * 1024;
constexpr std::size_t kSnappyBlockBytesMax = std::size_t{64} << 20;
// Deflate makes at most 258 bytes of two bits, snappy at most 64 of three bytes.
constexpr std::int64_t kDeflateRatioMax = 1040;
constexpr std::int64_t kSnappyRatioMax = 24;
constexpr std::int64_t kSpareBytes = 1024;
constexpr std::string_view kGzipMagic{"\x1f\x8b", 2};

class Plain : public Compressor {
 public:
  void write(std::string_view bytes, std::string& out) override { out.append(bytes); }
  void finish(std::string&) override {}
};

class Gzip : public Compressor {
 public:
  Gzip() {
    constexpr int kGzipWindow = 15 + 16;
    deflateInit2(&stream_, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY);
  }
  ~Gzip() override { deflateEnd(&stream_); }
  Gzip(const Gzip&) = delete;
  Gzip& operator=(const Gzip&) = delete;
  void write(std::string_view bytes, std::string& out) override { run(bytes, Z_NO_FLUSH, out); }
  void finish(std::string& out) override { run({}, Z_FINISH, out); }

 private:
  void run(std::string_view bytes, int flush, std::string& out) {
    std::array<char, 64 * 1024> buffer;
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream_.avail_in = static_cast<uInt>(bytes.size());
    do {
      stream_.next_out = reinterpret_cast<Bytef*>(buffer.data());
      stream_.avail_out = buffer.size();
      deflate(&stream_, flush);
      out.append(buffer.data(), buffer.size() - stream_.avail_out);
    } while (stream_.avail_out == 0);
  }
  z_stream stream_{};
};

class Snappy : public Compressor {
 public:
  void write(std::string_view bytes, std::string& out) override {
    start(out);
    waiting_.append(bytes);
    std::size_t at = 0;
    for (; waiting_.size() - at >= kSnappyBlockBytes; at += kSnappyBlockBytes)
      put(std::string_view(waiting_).substr(at, kSnappyBlockBytes), out);
    waiting_.erase(0, at);
  }
  void finish(std::string& out) override {
    start(out);
    if (!waiting_.empty()) put(waiting_, out);
    waiting_.clear();
  }

 private:
  void start(std::string& out) {
    if (started_) return;
    started_ = true;
    out.append(kSnappyMagic);
    wire::Writer writer(out);
    writer.put(std::int32_t{1});  // version
    writer.put(std::int32_t{1});  // the oldest version that can read it
  }
  static void put(std::string_view block, std::string& out) {
    std::string compressed;
    snappy::Compress(block.data(), block.size(), &compressed);
    wire::Writer(out).put(std::string_view(compressed));
  }
  bool started_ = false;
  std::string waiting_;
};

std::unexpected<env::DiskError> bad(std::string text) {
  return std::unexpected(env::DiskError{0, std::move(text)});
}

class Gunzip : public ByteSource {
 public:
  explicit Gunzip(std::unique_ptr<ByteSource> from) : from_(std::move(from)) {
    constexpr int kGzipWindow = 15 + 16;
    inflateInit2(&stream_, kGzipWindow);
  }
  ~Gunzip() override { inflateEnd(&stream_); }
  Gunzip(const Gunzip&) = delete;
  Gunzip& operator=(const Gunzip&) = delete;
  env::DiskResult<std::size_t> read(std::span<char> out) override {
    stream_.next_out = reinterpret_cast<Bytef*>(out.data());
    stream_.avail_out = static_cast<uInt>(out.size());
    while (stream_.avail_out == out.size() && !ended_) {
      if (stream_.avail_in == 0) {
        const auto got = from_->read(input_);
        if (!got) return std::unexpected(got.error());
        if (*got == 0) return bad("the gzip stream ends too early");
        stream_.next_in = reinterpret_cast<Bytef*>(input_.data());
        stream_.avail_in = static_cast<uInt>(*got);
      }
      const int result = inflate(&stream_, Z_NO_FLUSH);
      if (result == Z_STREAM_END) ended_ = true;
      if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) return bad("the gzip stream is damaged");
    }
    return out.size() - stream_.avail_out;
  }

 private:
  std::unique_ptr<ByteSource> from_;
  std::array<char, 256 * 1024> input_;
  z_stream stream_{};
  bool ended_ = false;
};

class Unsnappy : public ByteSource {
 public:
  explicit Unsnappy(std::unique_ptr<ByteSource> from) : from_(std::move(from)) {}
  env::DiskResult<std::size_t> read(std::span<char> out) override {
    if (at_ == block_.size()) {
      const auto more = next_block();
      if (!more) return std::unexpected(more.error());
      if (!*more) return std::size_t{0};
    }
    const std::size_t count = std::min(out.size(), block_.size() - at_);
    std::copy_n(block_.data() + at_, count, out.data());
    at_ += count;
    return count;
  }

 private:
  // Returns false at the end. Several streams may follow each other, and blocks may be empty.
  env::DiskResult<bool> next_block() {
    block_.clear();
    at_ = 0;
    while (block_.empty()) {
      const auto head = from_.peek(kSnappyHeaderBytes);
      if (!head) return std::unexpected(head.error());
      if (head->empty()) return false;
      if (head->starts_with(kSnappyMagic)) {
        if (head->size() < kSnappyHeaderBytes) return bad("the snappy stream ends too early");
        from_.skip(kSnappyHeaderBytes);
      } else if (const auto block = unpack_block(*head); !block) {
        return std::unexpected(block.error());
      }
    }
    return true;
  }
  env::DiskResult<void> unpack_block(std::string_view head) {
    std::int32_t length = 0;
    wire::Reader reader(head);
    reader.get(length);
    if (!reader.ok() || length <= 0 || static_cast<std::size_t>(length) > kSnappyBlockBytesMax)
      return bad("the snappy stream is damaged");
    from_.skip(4);
    const auto body = from_.peek(static_cast<std::size_t>(length));
    if (!body) return std::unexpected(body.error());
    if (body->size() < static_cast<std::size_t>(length)) return bad("the snappy stream ends too early");
    std::size_t plain_bytes = 0;
    if (!snappy::GetUncompressedLength(body->data(), static_cast<std::size_t>(length), &plain_bytes) ||
        plain_bytes > kSnappyBlockBytesMax ||
        static_cast<std::int64_t>(plain_bytes) > std::int64_t{length} * kSnappyRatioMax + kSpareBytes ||
        !snappy::Uncompress(body->data(), static_cast<std::size_t>(length), &block_)) {
      return bad("the snappy stream is damaged");
    }
    from_.skip(static_cast<std::size_t>(length));
    return {};
  }

  BufferedSource from_;
  std::string block_;
  std::size_t at_ = 0;
};

}  // namespace

std::string_view suffix_of(Options::Compression compression) {
  switch (compression) {
    case Options::gz:
      return ".gz";
    case Options::snappy:
      return ".snappy";
    case Options::none:
      break;
  }
  return "";
}

std::unique_ptr<Compressor> make_compressor(Options::Compression compression) {
  if (compression == Options::gz) return std::make_unique<Gzip>();
  if (compression == Options::snappy) return std::make_unique<Snappy>();
  return std::make_unique<Plain>();
}

env::DiskResult<PlainSource> make_decompressor(std::unique_ptr<env::File> file) {
  std::array<char, 8> first{};
  const auto got = file->read(0, first);
  if (!got) return std::unexpected(got.error());
  const std::string_view magic(first.data(), *got);
  auto source = std::make_unique<FileSource>(std::move(file), 0);
  if (magic.starts_with(kGzipMagic))
    return PlainSource{std::make_unique<Gunzip>(std::move(source)), kDeflateRatioMax, kSpareBytes};
  if (magic == kSnappyMagic)
    return PlainSource{std::make_unique<Unsnappy>(std::move(source)), kSnappyRatioMax, kSpareBytes};
  return PlainSource{std::move(source), 1, 0};
}

}  // namespace quoll::store
