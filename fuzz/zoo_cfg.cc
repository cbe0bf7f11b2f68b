// zoo.cfg: any text gives settings or error messages.
#include "config/load.h"
#include "fuzz/target.h"

using namespace quoll;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::view(data, size);
  const auto loaded = config::load(text, "zoo.cfg", {}, {});
  if (!loaded) {
    QUOLL_CHECK(!loaded.error().problems.empty(), "an error has a reason");
    for (const config::Problem& problem : loaded.error().problems) QUOLL_CHECK(!problem.text.empty(), "in words");
    return 0;
  }
  QUOLL_CHECK(!loaded->settings.storage.data_dir.empty(), "settings name a directory");
  QUOLL_CHECK(config::load(text, "zoo.cfg", {}, {}).has_value(), "the same text loads again");
  return 0;
}
