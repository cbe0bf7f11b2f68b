// The text of quotas: if it parses, printing and parsing again gives the same.
#include "tree/quota.h"

#include "fuzz/target.h"

using namespace quoll;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto track = tree::StatsTrack::parse(fuzz::view(data, size));
  if (!track) return 0;
  const std::string text = track->text();
  // The values that were missing are printed, too: that may make a text of the largest size longer than it may be.
  if (text.size() > tree::StatsTrack::kBytesMax) return 0;
  const auto again = tree::StatsTrack::parse(text);
  QUOLL_CHECK(again && again->text() == text, "a printed quota parses to the same");
  QUOLL_CHECK(again->count() == track->count() && again->bytes() == track->bytes() &&
                  again->count_hard_limit() == track->count_hard_limit() &&
                  again->byte_hard_limit() == track->byte_hard_limit(),
              "the limits are the same");
  return 0;
}
