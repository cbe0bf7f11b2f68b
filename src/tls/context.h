// The key, the trusted certificates and the TLS settings for new connections, loaded from files and reloaded when they
// change.
//
// A connection keeps the key with which it started (OpenSSL counts references). Not thread-safe: reload() must not run
// while another thread creates an Engine.
#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>

#include "env/disk.h"
#include "tls/openssl.h"
#include "tls/options.h"

namespace quoll::tls {

class Context {
 public:
  // `disk` must outlive the context. The error is a sentence that names the file or the option.
  static std::expected<std::shared_ptr<Context>, std::string> create(env::Disk& disk, Options options, Role role);

  // True if one of the files (stores and password files) differs in length or modification time from when it was last
  // read. A missing file does not count as changed: it may be about to be replaced.
  [[nodiscard]] bool changed() const;

  // Reads the files again. On an error the old key stays in use, and changed() returns false until the files change
  // again.
  std::expected<void, std::string> reload();

  [[nodiscard]] const Options& options() const { return options_; }
  [[nodiscard]] Role role() const { return role_; }
  // The current OpenSSL context; used by Engine.
  [[nodiscard]] SSL_CTX* current() const { return current_.get(); }

 private:
  struct Mark {  // the length and modification time of a file
    std::int64_t bytes = -1;
    std::int64_t modified_ms = -1;
    friend bool operator==(const Mark&, const Mark&) = default;
  };
  static constexpr std::size_t kFiles = 4;

  Context(env::Disk& disk, Options options, Role role);
  [[nodiscard]] std::array<const std::string*, kFiles> files() const;
  [[nodiscard]] std::array<Mark, kFiles> marks() const;

  env::Disk& disk_;
  Options options_;
  Role role_;
  SslContextPtr current_;
  std::array<Mark, kFiles> marks_;
};

}  // namespace quoll::tls
