#include "sim/trial/allocations.h"

#include <cstdlib>
#include <new>

namespace {

quoll::sim::Allocations so_far;

void* allocate(std::size_t bytes, std::size_t alignment) {
  ++so_far.count;
  so_far.bytes += static_cast<std::int64_t>(bytes);
  void* const block = alignment <= alignof(std::max_align_t)
                          ? std::malloc(bytes == 0 ? 1 : bytes)
                          : std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
  if (block == nullptr) std::abort();
  return block;
}

}  // namespace

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

namespace quoll::sim {

Allocations allocations() {
  return so_far;
}

}  // namespace quoll::sim
