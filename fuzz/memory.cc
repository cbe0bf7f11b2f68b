#include "fuzz/memory.h"

#include <sanitizer/allocator_interface.h>

namespace quoll::fuzz {

namespace {

long long live = 0;
long long peak = 0;

void on_malloc(const volatile void*, std::size_t size) {
  live += static_cast<long long>(size);
  if (live > peak) peak = live;
}
void on_free(const volatile void* block) {
  if (block != nullptr) live -= static_cast<long long>(__sanitizer_get_allocated_size(block));
}

}  // namespace

PeakMemory::PeakMemory() {
  static const int installed = __sanitizer_install_malloc_and_free_hooks(on_malloc, on_free);
  static_cast<void>(installed);
  before_ = live;
  peak = live;
}

std::size_t PeakMemory::bytes() const {
  return static_cast<std::size_t>(peak - before_);
}

}  // namespace quoll::fuzz
