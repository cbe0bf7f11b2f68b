#include "sim/trial/allocations.h"

#include <cstdlib>
#include <new>

namespace {

quoll::sim::Allocations so_far;

[[maybe_unused]] void* allocate(std::size_t bytes, std::size_t alignment) {
  ++so_far.count;
  so_far.bytes += static_cast<std::int64_t>(bytes);
  void* const block = alignment <= alignof(std::max_align_t)
                          ? std::malloc(bytes == 0 ? 1 : bytes)
                          : std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
  if (block == nullptr) std::abort();
  return block;
}

}  // namespace

// AddressSanitizer has its own operators, which must not be mixed with these: with it nothing is counted.
#ifndef __has_feature
#define __has_feature(feature) 0
#endif
#if !defined(__SANITIZE_ADDRESS__) && !__has_feature(address_sanitizer)
// The other forms of operator new and delete call these.
void* operator new(std::size_t bytes) {
  return allocate(bytes, 1);
}
void* operator new(std::size_t bytes, std::align_val_t alignment) {
  return allocate(bytes, static_cast<std::size_t>(alignment));
}
void operator delete(void* block) noexcept {
  std::free(block);
}
void operator delete(void* block, std::size_t) noexcept {
  std::free(block);
}
void operator delete(void* block, std::align_val_t) noexcept {
  std::free(block);
}
void operator delete(void* block, std::size_t, std::align_val_t) noexcept {
  std::free(block);
}
#endif

namespace quoll::sim {

Allocations allocations() {
  return so_far;
}

}  // namespace quoll::sim
