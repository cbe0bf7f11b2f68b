// TCP connections on the loop, plain or with TLS.
#pragma once

#include <boost/system/error_code.hpp>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "env/log.h"
#include "env/network.h"
#include "os/clocks.h"
#include "os/handshakes.h"
#include "os/loop.h"
#include "tls/context.h"

namespace quoll::os {

class TcpNetwork : public env::Network {
 public:
  // All references must outlive the network.
  TcpNetwork(Loop& loop, env::Log& log) : loop_(loop), log_(log) {}
  // The TLS settings for ports opened from now on with a Security other than plain. Without them such ports are
  // refused.
  void set_tls(std::shared_ptr<tls::Context> context) { tls_ = std::move(context); }
  // The same for the ports to which other servers connect.
  void set_quorum_tls(std::shared_ptr<tls::Context> context, std::set<std::uint16_t> ports) {
    quorum_tls_ = std::move(context);
    quorum_ports_ = std::move(ports);
  }
  // The same for one port.
  void set_port_tls(std::uint16_t port, std::shared_ptr<tls::Context> context) { port_tls_[port] = std::move(context); }
  // netty.server.outstandingHandshake.limit.
  void set_handshakes_max(int most) { handshakes_.set_limit(most); }
  [[nodiscard]] const Handshakes& handshakes() const { return handshakes_; }
  [[nodiscard]] const std::shared_ptr<tls::Context>& tls() const { return tls_; }

  // Where `port` is configured, for messages: "clientPort, zoo.cfg:3".
  void name_port(std::uint16_t port, std::string origin);

  [[nodiscard]] std::expected<std::unique_ptr<env::Listener>, std::string> listen(const env::ListenOptions& options,
                                                                                  env::Acceptor on_accept) override;
  [[nodiscard]] std::size_t queued_bytes() const override;

 private:
  [[nodiscard]] std::string listen_error(const env::ListenOptions& options,
                                         const boost::system::error_code& error) const;

  Loop& loop_;
  env::Log& log_;
  std::shared_ptr<tls::Context> tls_;
  std::shared_ptr<tls::Context> quorum_tls_;
  std::set<std::uint16_t> quorum_ports_;
  std::map<std::uint16_t, std::shared_ptr<tls::Context>> port_tls_;
  std::map<std::uint16_t, std::string> origins_;
  SystemClock clock_;
  Handshakes handshakes_{clock_, log_};
  Handshakes other_handshakes_{clock_, log_};  // not of clients
};

}  // namespace quoll::os
