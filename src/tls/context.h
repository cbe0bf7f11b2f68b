// The keys, trust and rules that new TLS connections start with; read from files, and read again when those change.
//
// A connection keeps the keys it started with: OpenSSL counts the references. Not for several threads at once: whoever
// reloads must not race with whoever makes an Engine.
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
  // `disk` outlives the context. The error is a sentence naming the file or the option.
  static std::expected<std::shared_ptr<Context>, std::string> create(env::Disk& disk, Options options, Role role);

  // Whether one of the files (stores and password files) has another length or time than when it was last read. A file
  // that cannot be seen has not changed: it may be in the middle of being replaced.
  [[nodiscard]] bool changed() const;

  // Reads the files again. On an error the old keys stay in use, and changed() stays true only if the files change once
  // more.
  std::expected<void, std::string> reload();

  [[nodiscard]] const Options& options() const { return options_; }
  [[nodiscard]] Role role() const { return role_; }
  // OpenSSL's context as of now; for Engine.
  [[nodiscard]] SSL_CTX* current() const { return current_.get(); }

 private:
  struct Mark {  // what a file looked like
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
