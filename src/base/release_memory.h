// Releases a string's memory to the heap.
#pragma once

#include <string>

namespace quoll::base {

// Assigning or moving an empty string into `bytes` would keep its capacity, so the buffers are swapped with those of a
// new string.
inline void release_memory(std::string& bytes) {
  std::string().swap(bytes);
}

}  // namespace quoll::base
