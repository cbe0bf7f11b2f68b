// JAAS files: any text parses, or gives an error with a line number.
#include "sasl/jaas.h"

#include "fuzz/target.h"

using namespace quoll;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto file = sasl::JaasFile::parse(fuzz::view(data, size));
  if (!file) {
    QUOLL_CHECK(file.error().starts_with("line "), "an error has a line number");
    return 0;
  }
  for (const sasl::Section& section : file->sections()) {
    QUOLL_CHECK(!section.modules.empty() && section.line > 0, "a section has a module and a line");
    QUOLL_CHECK(file->find(section.name) != nullptr, "a section is found by its name");
    const auto users = sasl::digest_users(section);
    if (!users) QUOLL_CHECK(!users.error().empty(), "an error has a reason");
  }
  return 0;
}
