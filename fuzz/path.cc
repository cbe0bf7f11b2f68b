// Paths: a path that the check accepts satisfies all rules.
#include "types/path.h"

#include "base/utf8.h"
#include "fuzz/record_bytes.h"
#include "fuzz/target.h"

using namespace quoll;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view path = fuzz::view(data, size);
  // Java decodes malformed bytes as U+FFFD, and encodes that in its reply.
  const std::string read = base::java_decoded(path);
  QUOLL_CHECK(base::is_valid_utf8(read), "decoded text is valid UTF-8");
  QUOLL_CHECK(base::java_decoded(read) == read, "decoding again changes nothing");
  QUOLL_CHECK(base::escaped(path, 64).size() <= 64 * 4 + 16, "a log line has a limited length");
  base::java_round_trip(path);
  base::utf16_length(path);
  path::top_namespace(path);
  path::is_special(path);
  const bool is_good = path::invalid_reason(path).empty();
  if (base::is_valid_utf8(path) != (read == path)) QUOLL_CHECK(false, "decoding changes exactly the invalid text");
  if (!is_good) return 0;
  QUOLL_CHECK(read == path, "a valid path is UTF-8");
  QUOLL_CHECK(path.front() == '/' && (path.size() == 1 || path.back() != '/'),
              "it begins with / and does not end with /");
  QUOLL_CHECK(path.find('\0') == std::string_view::npos, "it has no NUL");
  // The rest takes quadratic time, and long paths would not find more.
  constexpr std::size_t kBytesMax = 1024;
  if (path.size() > kBytesMax) return 0;
  for (std::size_t at = 1; path.size() > 1 && at <= path.size();) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    const std::string_view name = path.substr(at, end - at);
    QUOLL_CHECK(!name.empty() && name != "." && name != "..", "each name is valid");
    QUOLL_CHECK(path::invalid_reason(path.substr(0, end)).empty(), "the parents of a valid path are valid");
    at = end + 1;
  }
  return 0;
}

std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size, unsigned int seed) {
  base::Prng chance(seed);
  if (chance.below(4) != 0) return LLVMFuzzerMutate(data, size, max_size);
  return fuzz::give(std::string(fuzz::view(data, size)) + fuzz::any_path(chance), data, max_size);
}
