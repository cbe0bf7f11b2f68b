// Shared by all fuzz targets: libFuzzer's two entry points, and the input as a view.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/prng.h"

extern "C" {
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);
std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size, unsigned int seed);
}

namespace quoll::fuzz {

inline std::string_view view(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

// The end of a custom mutator: `made` replaces the input, if it fits.
inline std::size_t give(std::string_view made, std::uint8_t* data, std::size_t max_size) {
  const std::size_t size = made.size() < max_size ? made.size() : max_size;
  std::memcpy(data, made.data(), size);
  return size;
}

// libFuzzer's own mutations of a piece of the input.
inline std::string mutated(std::string_view bytes, std::size_t max_size) {
  std::string out(bytes.substr(0, max_size));
  const std::size_t size = out.size();
  out.resize(max_size);
  out.resize(LLVMFuzzerMutate(reinterpret_cast<std::uint8_t*>(out.data()), size, max_size));
  return out;
}

}  // namespace quoll::fuzz
