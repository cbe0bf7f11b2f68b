// One file's content, as readers see it and as it would be after a power failure.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "base/prng.h"

namespace quoll::sim {

// Sparse pages, shared by the two states until one of them changes.
class Inode {
 public:
  [[nodiscard]] std::int64_t size() const { return now_.size; }
  // The space on the disk: whole pages.
  [[nodiscard]] std::int64_t bytes_held() const { return static_cast<std::int64_t>(now_.pages.size()) * kPageBytes; }
  // How much space a write would add, and how many bytes can be written at an offset without adding space.
  [[nodiscard]] std::int64_t bytes_to_add(std::int64_t offset, std::size_t bytes) const;
  [[nodiscard]] std::size_t fits_without_more(std::int64_t offset) const;
  std::size_t read(std::int64_t offset, std::span<char> out) const { return read(now_, offset, out); }
  // The content from `offset` on that would survive a power failure.
  [[nodiscard]] std::string durable_from(std::int64_t offset) const;
  void write(std::int64_t offset, std::string_view bytes);
  void resize(std::int64_t bytes);
  void sync();
  // The effect of a failed sync: dirty pages stay not durable, but count as clean.
  void forget_dirty();
  void cut();
  void cut(base::Prng& chance);

  std::int64_t modified_ms = 0;

 private:
  static constexpr std::int64_t kPageBytes = 4096;
  static constexpr std::int64_t kSectorBytes = 512;
  using Page = std::shared_ptr<std::string>;
  struct State {
    std::map<std::int64_t, Page> pages;
    std::int64_t size = 0;
  };
  static std::size_t read(const State& state, std::int64_t offset, std::span<char> out);
  std::string& page_for_write(std::int64_t index);
  void clip(State& state) const;

  State now_;
  State durable_;
  std::set<std::int64_t> dirty_;
  bool size_dirty_ = false;
};

}  // namespace quoll::sim
