#include "store/session_secret.h"

#include <fmt/format.h>

#include "store/file_names.h"
#include "store/small_file.h"

namespace quoll::store {

std::expected<std::string, std::string> session_secret(env::Disk& disk, const std::string& directory, std::size_t bytes,
                                                       const SecretSource& source) {
  const std::string path = fmt::format("{}/{}", directory, kSessionSecretName);
  auto there = read_small_file(disk, path);
  if (!there) return std::unexpected(there.error());
  if (*there && (*there)->size() == bytes) return **there;
  if (*there)
    return std::unexpected(fmt::format(
        "{} has {} bytes instead of {}: it is not the secret of quoll.sessionPasswords. Restore it, or remove "
        "it: then no client can reattach to an earlier session",
        path, (*there)->size(), bytes));
  std::string secret = source(bytes);
  const auto written = replace_small_file(disk, directory, path, secret, env::OpenMode::create_private);
  if (!written) return std::unexpected(written.error().text);
  return secret;
}

}  // namespace quoll::store
