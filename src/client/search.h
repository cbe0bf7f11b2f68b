// The search for a server with a quorum, while the session is connected to one without, which only reads.
#pragma once

#include <functional>
#include <memory>

#include "client/link.h"

namespace quoll::client {

// Tries one server after another, with pauses that grow, as org.apache.zookeeper.ClientCnxn does. Apache's client asks
// with the four-letter word isro, which servers may refuse to answer; this one offers the session itself, for writing,
// which only a server with a quorum accepts. Until then the session goes on where it is.
class Search : private LinkOwner {
 public:
  using Begin = std::function<std::unique_ptr<Link>(LinkOwner& owner)>;
  using Found = std::function<void(std::unique_ptr<Link> link, const ConnectResponse& response)>;
  // `begin` dials the next server. `found` gets the connection of the first one that answers; it may destroy the
  // search.
  Search(const World& world, Begin begin, Found found);

 private:
  void on_link_open(const ConnectResponse& response) override;
  bool on_link_frame(std::string_view payload, std::string& why) override;
  void on_link_down(std::string_view why) override;
  void try_later();

  const World world_;
  const Begin begin_;
  const Found found_;
  std::int64_t pause_ms_;
  std::unique_ptr<env::Timer> timer_;
  std::unique_ptr<Link> link_;
};

}  // namespace quoll::client
