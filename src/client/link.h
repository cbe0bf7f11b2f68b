// One connection to one server: dials, sends the connect request, splits the input into frames, collects output, pings,
// and notices a server that has fallen silent. What the frames mean is its owner's business.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "client/options.h"
#include "env/env.h"
#include "env/posted_call.h"
#include "types/replies.h"
#include "types/requests.h"

namespace quoll::client {

// What a link needs from the world.
struct World {
  env::Clock& clock;
  env::Timers& timers;
  env::Random& random;
  env::Dialer& dialer;
};

class LinkOwner {
 public:
  virtual ~LinkOwner() = default;
  // The server has answered the connect request.
  virtual void on_link_open(const ConnectResponse& response) = 0;
  // A whole frame. False: it makes no sense, and the connection ends with `why`.
  virtual bool on_link_frame(std::string_view payload, std::string& why) = 0;
  // The connection is over; no further calls follow. The owner may destroy the link.
  virtual void on_link_down(std::string_view why) = 0;
};

class Link : private env::DialHandler {
 public:
  // `connect_timeout_ms` is for everything up to the answer to `greeting`, a whole frame.
  Link(const World& world, LinkOwner& owner, const Options& options, const Endpoint& server,
       std::int64_t connect_timeout_ms, std::string greeting);

  // From now on `owner` hears of it.
  void hand_over(LinkOwner& owner) { owner_ = &owner; }
  // Where the owner appends frames; they are sent together, at the end of the event.
  std::string& out();
  // Bytes that are not sent yet.
  [[nodiscard]] std::size_t queued_bytes() const;
  // The session's timeout is known: from now on the link pings at a third of it, and ends when nothing has come for two
  // thirds.
  void keep_alive(std::int64_t session_timeout_ms);
  // "127.0.0.1:2181".
  [[nodiscard]] std::string server() const;
  [[nodiscard]] const Endpoint& endpoint() const { return server_; }
  // When the connect request was sent, by Clock::elapsed_us.
  [[nodiscard]] std::int64_t greeted_us() const { return greeted_us_; }
  // A ping has been answered: when the oldest unanswered one was sent. nullopt: none is unanswered.
  std::optional<std::int64_t> take_ping();
  // Sends what is queued, and closes.
  void close_after_sending();

 private:
  void on_connected() override;
  void on_data(std::string_view bytes) override;
  void on_closed(std::string_view why) override;
  // Takes whole frames from the front; returns how many bytes they had.
  std::size_t take_frames(std::string_view bytes);
  bool take_frame(std::string_view payload);
  void flush();
  void end(std::string why);
  void end_later(std::string why);
  void watch_silence();
  void on_tick();

  const World world_;
  LinkOwner* owner_;
  const Endpoint server_;
  const std::size_t reply_bytes_max_;
  const std::string greeting_;
  std::string in_;   // the beginning of a frame
  std::string out_;  // not handed to the connection yet
  bool is_open_ = false;
  bool is_broken_ = false;  // what comes from the server makes no sense any more
  bool is_over_ = false;
  std::int64_t session_timeout_us_ = 0;
  std::int64_t sent_us_ = 0;
  std::int64_t heard_us_ = 0;
  std::int64_t greeted_us_ = 0;
  std::deque<std::int64_t> pings_us_;  // not answered yet
  env::PostedCall flush_;
  env::PostedCall end_;
  std::unique_ptr<env::Timer> timer_;
  std::unique_ptr<env::Connection> connection_;
};

}  // namespace quoll::client
