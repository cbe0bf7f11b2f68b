// One simulated connection: two directions, each with bytes in flight and bytes that wait for space in the socket.
#pragma once

#include <array>
#include <memory>
#include <string>

#include "env/network.h"
#include "sim/network.h"

namespace quoll::sim {

class Link : public std::enable_shared_from_this<Link> {
 public:
  explicit Link(Network& network) : network_(network), queued_bytes_(network.queued_bytes_) {}
  ~Link() { *queued_bytes_ -= counted_bytes_; }

  enum Side : std::size_t { client = 0, server = 1 };
  struct End {
    env::ConnectionHandler* handler = nullptr;
    env::Address address;
    std::string in_flight;  // sent by this end and accepted by its socket
    std::string queued;     // not yet accepted by the socket
    bool paused = false;    // this end does not read
    bool closing = false;   // closes when everything has been sent
    bool finished = false;  // sends nothing more, but still reads
    bool closed = false;
    bool delivery_scheduled = false;  // a delivery of in_flight is scheduled
    bool end_told = false;            // the peer has been told that this end has closed
  };
  static Side other(Side side) { return side == client ? server : client; }
  End& end(Side side) { return ends_[side]; }

  void send(Side from, std::string_view bytes);
  void close(Side side);
  void finish(Side side);
  void close_after_sending(Side side);
  void pause(Side side) { ends_[side].paused = true; }
  void resume(Side side);
  void cut();
  void silence() { silent_ = true; }

 private:
  [[nodiscard]] bool ends(Side side) const { return ends_[side].closed || ends_[side].closing || ends_[side].finished; }
  void schedule_delivery(Side from);
  void deliver(Side from);
  void refill(Side from);
  // Updates the network's count of bytes queued at servers' ends.
  void count_queued();
  // Runs `call`; at the server's end it waits while the process is suspended.
  void at(Side side, std::move_only_function<void()> call);

  Network& network_;
  std::shared_ptr<std::size_t> queued_bytes_;
  std::size_t counted_bytes_ = 0;
  std::array<End, 2> ends_;
  bool silent_ = false;
  bool is_cut_ = false;
};

// One end of a link, owned by a client or by the server.
class LinkEnd : public env::Connection {
 public:
  LinkEnd(std::shared_ptr<Link> link, Link::Side side) : link_(std::move(link)), side_(side) {}
  ~LinkEnd() override { link_->close(side_); }
  void attach(env::ConnectionHandler& handler) override { link_->end(side_).handler = &handler; }
  void send(std::string_view bytes) override { link_->send(side_, bytes); }
  void close_after_sending() override { link_->close_after_sending(side_); }
  void pause_reading() override { link_->pause(side_); }
  void resume_reading() override { link_->resume(side_); }
  [[nodiscard]] std::size_t queued_bytes() const override { return link_->end(side_).queued.size(); }
  [[nodiscard]] const env::Address& peer() const override { return link_->end(Link::other(side_)).address; }
  [[nodiscard]] const env::Address& local() const override { return link_->end(side_).address; }
  [[nodiscard]] const env::TlsPeer* tls() const override { return nullptr; }
  [[nodiscard]] Link& link() const { return *link_; }
  [[nodiscard]] Link::Side side() const { return side_; }

 private:
  std::shared_ptr<Link> link_;
  Link::Side side_;
};

}  // namespace quoll::sim
