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
  explicit Link(Network& network) : network_(network) {}
  ~Link();
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  enum Side : std::size_t { client = 0, server = 1 };
  struct End {
    env::ConnectionHandler* handler = nullptr;
    env::Address address;
    Host* host = nullptr;  // nullptr: a client outside of all machines
    std::int64_t boot = 0;
    std::string in_flight;      // sent by this end and accepted by its socket
    std::string queued;         // not yet accepted by the socket
    std::size_t unacked = 0;    // delivered, but no acknowledgement has come back
    std::int64_t again_us = 0;  // when what was lost is sent again
    bool paused = false;        // this end does not read
    bool closing = false;       // closes when everything has been sent
    bool finished = false;      // sends nothing more, but still reads
    bool closed = false;
    bool is_reset = false;            // it knows that there is no connection any more, and the peer may not
    bool delivery_scheduled = false;  // a delivery of in_flight is scheduled
    bool awaits_ack = false;
    bool end_told = false;  // the peer has been told that this end has closed
  };
  static Side other(Side side) { return side == client ? server : client; }
  End& end(Side side) { return ends_[side]; }
  // The end belongs to a machine's process: its events wait while the process is suspended.
  void place(Side side, Host& host);
  // Nothing arrives at the client's end before on_connected.
  void set_dialled(env::DialHandler& handler);
  [[nodiscard]] bool is_dialled() const { return dialled_by_ != nullptr; }

  void send(Side from, std::string_view bytes);
  // The dialled connection is open, unless its end has been destroyed or has failed meanwhile.
  void connect();
  // Tells why it is not, unless it is open by now.
  void fail_to_connect(const std::string& why);
  void close(Side side);
  void finish(Side side);
  void close_after_sending(Side side);
  void pause(Side side) { ends_[side].paused = true; }
  void resume(Side side);
  void cut();
  void silence() { silent_ = true; }
  // Runs `call`; at a machine's end it waits while the process is suspended.
  void at(Side side, std::move_only_function<void()> call);
  // The name of the machine, or the client's address.
  [[nodiscard]] const std::string& host_name(Side side) const;
  [[nodiscard]] const Route& route_from(Side from) const;
  // What happens now to a packet from this side; `silent` if the other machine has no power.
  [[nodiscard]] Route::Passage passage_from(Side from) const;
  // Whether the machine of this end still has it.
  [[nodiscard]] bool lives(Side side) const;

 private:
  [[nodiscard]] bool ends(Side side) const { return ends_[side].closed || ends_[side].closing || ends_[side].finished; }
  void schedule_delivery(Side from);
  void arrive(Side from);
  void deliver(Side from);
  void refill(Side from);
  void tell_drained(Side side);
  void await_ack(Side from);
  // Tells this side alone that there is no connection.
  void reset(Side side);
  // Updates the count of bytes queued at this machine's ends.
  void count_queued(Side side);

  Network& network_;
  std::array<End, 2> ends_;
  struct Counted {
    std::shared_ptr<std::size_t> total;
    std::size_t bytes = 0;
  };
  std::array<Counted, 2> counted_;
  env::DialHandler* dialled_by_ = nullptr;
  bool is_connected_ = false;
  bool silent_ = false;
  bool is_cut_ = false;
};

// One end of a link, owned by a client or by a process.
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
