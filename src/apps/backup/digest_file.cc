#include "apps/backup/digest_file.h"

#include <array>
#include <fmt/format.h>
#include <openssl/evp.h>

#include "base/check.h"

namespace quoll::apps::backup {

namespace {

constexpr std::size_t kChunkBytes = std::size_t{1} << 20;

// Hands the file to `take`, piece by piece.
env::DiskResult<void> read_all(env::Disk& disk, const std::string& path, const OnBytes& on_bytes,
                               const std::function<env::DiskResult<void>(std::string_view)>& take) {
  const auto file = disk.open(path, env::OpenMode::read);
  if (!file) return std::unexpected(file.error());
  std::string piece(kChunkBytes, '\0');
  std::int64_t offset = 0;
  while (true) {
    const auto got = (*file)->read(offset, piece);
    if (!got) return std::unexpected(got.error());
    if (*got == 0) return {};
    if (auto taken = take(std::string_view(piece).substr(0, *got)); !taken) return taken;
    offset += static_cast<std::int64_t>(*got);
    on_bytes(static_cast<std::int64_t>(*got));
  }
}

}  // namespace

struct Sha256::Impl {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  ~Impl() { EVP_MD_CTX_free(context); }
  Impl() = default;
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
};

Sha256::Sha256() : impl_(std::make_unique<Impl>()) {
  QUOLL_CHECK(impl_->context != nullptr && EVP_DigestInit_ex(impl_->context, EVP_sha256(), nullptr) == 1,
              "OpenSSL has SHA-256");
}
Sha256::~Sha256() = default;

void Sha256::add(std::string_view bytes) {
  QUOLL_CHECK(EVP_DigestUpdate(impl_->context, bytes.data(), bytes.size()) == 1, "SHA-256 takes any bytes");
}

std::string Sha256::finish() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  QUOLL_CHECK(EVP_DigestFinal_ex(impl_->context, digest.data(), &length) == 1, "SHA-256 ends once");
  std::string text;
  for (unsigned i = 0; i < length; ++i) text += fmt::format("{:02x}", digest[i]);
  return text;
}

env::DiskResult<std::unique_ptr<DigestFile>> DigestFile::create(env::Disk& disk, const std::string& directory,
                                                                const std::string& name) {
  auto file = disk.open(directory + "/" + name, env::OpenMode::create_new);
  if (!file) return std::unexpected(file.error());
  return std::unique_ptr<DigestFile>(new DigestFile(std::move(*file), name));
}

env::DiskResult<void> DigestFile::write(std::string_view bytes) {
  pending_ += bytes;
  return pending_.size() >= kChunkBytes ? flush() : env::DiskResult<void>();
}

env::DiskResult<void> DigestFile::flush() {
  if (auto written = file_->write(bytes_, pending_); !written) return written;
  digest_.add(pending_);
  bytes_ += static_cast<std::int64_t>(pending_.size());
  pending_.clear();
  return {};
}

env::DiskResult<FileFacts> DigestFile::close() {
  if (auto written = flush(); !written) return std::unexpected(written.error());
  if (auto synced = file_->sync(); !synced) return std::unexpected(synced.error());
  file_.reset();
  return FileFacts{name_, bytes_, digest_.finish()};
}

env::DiskResult<FileFacts> facts_of(env::Disk& disk, const std::string& directory, const std::string& name,
                                    const OnBytes& on_bytes) {
  FileFacts facts{name, 0, {}};
  Sha256 digest;
  const auto done = read_all(disk, directory + "/" + name, on_bytes, [&](std::string_view bytes) {
    digest.add(bytes);
    facts.bytes += static_cast<std::int64_t>(bytes.size());
    return env::DiskResult<void>();
  });
  if (!done) return std::unexpected(done.error());
  facts.sha256 = digest.finish();
  return facts;
}

env::DiskResult<FileFacts> copy_file(env::Disk& disk, const std::string& from, const std::string& directory,
                                     const std::string& name, const OnBytes& on_bytes) {
  auto out = DigestFile::create(disk, directory, name);
  if (!out) return std::unexpected(out.error());
  const auto done = read_all(disk, from, on_bytes, [&](std::string_view bytes) { return (*out)->write(bytes); });
  if (!done) return std::unexpected(done.error());
  return (*out)->close();
}

}  // namespace quoll::apps::backup
