// manifest.json of a backup: any text is decoded or refused with a reason, what is decoded is encoded and decoded to
// the same, and no file that it names lies outside of the directory.
#include "apps/backup/manifest.h"

#include "fuzz/target.h"

using namespace quoll;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace apps::backup;
  const auto manifest = decode_manifest(fuzz::view(data, size));
  if (!manifest) {
    QUOLL_CHECK(!manifest.error().empty(), "an error has a reason");
    return 0;
  }
  for (const FileFacts& file : manifest->files)
    QUOLL_CHECK(!file.name.contains('/') && !file.name.starts_with('.'), "a file of the directory");
  const auto again = decode_manifest(encode_manifest(*manifest));
  QUOLL_CHECK(again.has_value() && *again == *manifest, "what is decoded is encoded to the same");
  return 0;
}

std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size, unsigned int) {
  return LLVMFuzzerMutate(data, size, max_size);
}
