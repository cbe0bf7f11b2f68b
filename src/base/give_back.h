// A string's memory goes back to the heap.
#pragma once

#include <string>

namespace quoll::base {

// An empty string assigned or moved to it would leave it the memory that it has: only another's takes its place.
inline void give_back(std::string& bytes) {
  std::string().swap(bytes);
}

}  // namespace quoll::base
