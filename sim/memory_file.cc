#include "sim/memory_file.h"

#include <algorithm>

namespace quoll::sim {

std::size_t Inode::read(const State& state, std::int64_t offset, std::span<char> out) {
  if (offset >= state.size) return 0;
  const auto count =
      static_cast<std::size_t>(std::min<std::int64_t>(static_cast<std::int64_t>(out.size()), state.size - offset));
  for (std::size_t done = 0; done < count;) {
    const std::int64_t at = offset + static_cast<std::int64_t>(done);
    const auto within = static_cast<std::size_t>(at % kPageBytes);
    const std::size_t part = std::min(count - done, static_cast<std::size_t>(kPageBytes) - within);
    const auto page = state.pages.find(at / kPageBytes);
    if (page == state.pages.end()) {
      std::fill_n(out.data() + done, part, '\0');
    } else {
      std::copy_n(page->second->data() + within, part, out.data() + done);
    }
    done += part;
  }
  return count;
}

std::string Inode::durable_from(std::int64_t offset) const {
  std::string bytes(static_cast<std::size_t>(std::max<std::int64_t>(0, durable_.size - offset)), '\0');
  read(durable_, offset, bytes);
  return bytes;
}

std::int64_t Inode::bytes_to_add(std::int64_t offset, std::size_t bytes) const {
  std::int64_t added = 0;
  const std::int64_t end = offset + static_cast<std::int64_t>(bytes);
  for (std::int64_t index = offset / kPageBytes; index * kPageBytes < end; ++index) {
    if (!now_.pages.contains(index)) added += kPageBytes;
  }
  return added;
}

std::size_t Inode::fits_without_more(std::int64_t offset) const {
  std::int64_t index = offset / kPageBytes;
  while (now_.pages.contains(index)) ++index;
  return static_cast<std::size_t>(std::max<std::int64_t>(0, index * kPageBytes - offset));
}

std::string& Inode::page_for_write(std::int64_t index) {
  dirty_.insert(index);
  Page& page = now_.pages[index];
  if (page == nullptr) {
    page = std::make_shared<std::string>(kPageBytes, '\0');
  } else if (page.use_count() > 1) {
    page = std::make_shared<std::string>(*page);
  }
  return *page;
}

void Inode::write(std::int64_t offset, std::string_view bytes) {
  for (std::int64_t at = offset; !bytes.empty();) {
    const auto within = static_cast<std::size_t>(at % kPageBytes);
    const std::size_t part = std::min(bytes.size(), static_cast<std::size_t>(kPageBytes) - within);
    std::copy_n(bytes.data(), part, page_for_write(at / kPageBytes).data() + within);
    bytes.remove_prefix(part);
    at += static_cast<std::int64_t>(part);
    if (at > now_.size) {
      now_.size = at;
      size_dirty_ = true;
    }
  }
}

void Inode::resize(std::int64_t bytes) {
  if (bytes == now_.size) return;
  size_dirty_ = true;
  if (bytes < now_.size) {
    for (auto page = now_.pages.lower_bound(bytes / kPageBytes); page != now_.pages.end(); ++page)
      dirty_.insert(page->first);
    if (bytes % kPageBytes != 0 && now_.pages.contains(bytes / kPageBytes)) page_for_write(bytes / kPageBytes);
  }
  now_.size = bytes;
  clip(now_);
}

// Bytes after the end must be removed, because they would appear if the file grew again.
void Inode::clip(State& state) const {
  state.pages.erase(state.pages.lower_bound((state.size + kPageBytes - 1) / kPageBytes), state.pages.end());
  const std::int64_t within = state.size % kPageBytes;
  const auto last = state.pages.find(state.size / kPageBytes);
  if (within == 0 || last == state.pages.end()) return;
  if (last->second.use_count() > 1) last->second = std::make_shared<std::string>(*last->second);
  std::fill(last->second->begin() + within, last->second->end(), '\0');
}

void Inode::sync() {
  for (const std::int64_t index : dirty_) {
    const auto page = now_.pages.find(index);
    if (page == now_.pages.end()) {
      durable_.pages.erase(index);
    } else {
      durable_.pages[index] = page->second;
      // Writing a page after the old end also makes the new length durable.
      durable_.size = std::max(durable_.size, std::min(now_.size, (index + 1) * kPageBytes));
    }
  }
  if (size_dirty_) durable_.size = now_.size;
  clip(durable_);
  forget_dirty();
}

void Inode::forget_dirty() {
  dirty_.clear();
  size_dirty_ = false;
}

void Inode::cut() {
  now_ = durable_;
  forget_dirty();
}

void Inode::cut(base::Prng& chance) {
  State after = durable_;
  if (size_dirty_ && chance.below(2) == 0) after.size = now_.size;
  for (const std::int64_t index : dirty_) {
    const auto page = now_.pages.find(index);
    auto mixed = after.pages.contains(index) ? std::make_shared<std::string>(*after.pages[index])
                                             : std::make_shared<std::string>(kPageBytes, '\0');
    for (std::int64_t at = 0; at < kPageBytes; at += kSectorBytes) {
      if (chance.below(2) != 0) continue;
      if (page == now_.pages.end()) {
        std::fill_n(mixed->begin() + at, kSectorBytes, '\0');
      } else {
        std::copy_n(page->second->begin() + at, kSectorBytes, mixed->begin() + at);
      }
    }
    after.pages[index] = std::move(mixed);
  }
  clip(after);
  now_ = durable_ = after;
  forget_dirty();
}

}  // namespace quoll::sim
