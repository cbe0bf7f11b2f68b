#include "client/search.h"

#include <algorithm>
#include <utility>

namespace quoll::client {

namespace {
// ClientCnxn.SendThread: minPingRwTimeout, maxPingRwTimeout.
constexpr std::int64_t kPauseMsMin = 100;
constexpr std::int64_t kPauseMsMax = 60'000;
}  // namespace

Search::Search(const World& world, Begin begin, Found found)
    : world_(world), begin_(std::move(begin)), found_(std::move(found)), pause_ms_(kPauseMsMin) {
  try_later();
}

void Search::try_later() {
  timer_ = world_.timers.after(pause_ms_, [this] {
    LinkOwner& owner = *this;
    link_ = begin_(owner);
  });
  pause_ms_ = std::min(2 * pause_ms_, kPauseMsMax);
}

void Search::on_link_open(const ConnectResponse& response) {
  const Found found = found_;
  found(std::move(link_), response);
}

// Nothing follows before the answer that has ended the search.
bool Search::on_link_frame(std::string_view, std::string&) {
  return true;
}

void Search::on_link_down(std::string_view) {
  link_.reset();
  try_later();
}

}  // namespace quoll::client
