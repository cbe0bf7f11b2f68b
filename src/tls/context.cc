#include "tls/context.h"

#include "tls/ssl_context.h"

namespace quoll::tls {

Context::Context(env::Disk& disk, Options options, Role role) : disk_(disk), options_(std::move(options)), role_(role) {
  if (options_.handshake_timeout_ms < 1) options_.handshake_timeout_ms = Options{}.handshake_timeout_ms;
}

std::expected<std::shared_ptr<Context>, std::string> Context::create(env::Disk& disk, Options options, Role role) {
  std::shared_ptr<Context> context(new Context(disk, std::move(options), role));
  if (const auto loaded = context->reload(); !loaded) return std::unexpected(loaded.error());
  return context;
}

bool Context::changed() const {
  const auto now = marks();
  for (std::size_t i = 0; i < kFiles; ++i) {
    if (now[i] != Mark{} && now[i] != marks_[i]) return true;
  }
  return false;
}

std::expected<void, std::string> Context::reload() {
  // The files are examined before they are read, so that a change during the read is noticed by the next changed().
  marks_ = marks();
  auto made = make_ssl_context(disk_, options_, role_);
  if (!made) return std::unexpected(made.error());
  current_ = std::move(*made);
  return {};
}

std::array<const std::string*, Context::kFiles> Context::files() const {
  return {&options_.key_store.path, &options_.key_store.password_path, &options_.trust_store.path,
          &options_.trust_store.password_path};
}

std::array<Context::Mark, Context::kFiles> Context::marks() const {
  std::array<Mark, kFiles> marks;
  const auto paths = files();
  for (std::size_t i = 0; i < kFiles; ++i) {
    if (paths[i]->empty()) continue;
    const auto seen = disk_.stat(*paths[i]);
    if (seen && *seen) marks[i] = {.bytes = (*seen)->bytes, .modified_ms = (*seen)->modified_ms};
  }
  return marks;
}

}  // namespace quoll::tls
