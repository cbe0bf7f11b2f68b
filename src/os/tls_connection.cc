#include "os/tls_connection.h"

#include <string>

#include "base/give_back.h"

namespace quoll::os {

namespace {
// Buffers that grew for a burst are given back.
constexpr std::size_t kKeptBytes = 64 * 1024;
}  // namespace

TlsConnection::TlsConnection(std::unique_ptr<env::Connection> lower, std::unique_ptr<tls::Engine> engine)
    : lower_(std::move(lower)), engine_(std::move(engine)) {
  lower_->attach(*this);
}

void TlsConnection::flush() {
  std::string& out = engine_->to_send();
  if (out.empty()) return;
  lower_->send(out);
  out.clear();
  if (out.capacity() > kKeptBytes) base::give_back(out);
}

void TlsConnection::deliver() {
  flush();
  std::string received = std::move(engine_->received());
  engine_->received().clear();
  if (!received.empty() && handler_ != nullptr) handler_->on_data(received);
  if (handler_ == nullptr) return;
  if (engine_->state() == tls::State::failed) handler_->on_closed(engine_->failure());
  if (engine_->state() == tls::State::closed) handler_->on_closed("the client closed the connection");
}

void TlsConnection::send(std::string_view bytes) {
  engine_->write(bytes);
  flush();
}

void TlsConnection::close_after_sending() {
  handler_ = nullptr;
  engine_->close();
  flush();
  lower_->close_after_sending();
}

void TlsConnection::on_data(std::string_view bytes) {
  engine_->feed(bytes);
  deliver();
}

void TlsConnection::on_closed(std::string_view why) {
  if (handler_ != nullptr) handler_->on_closed(why);
}

void TlsConnection::on_drained() {
  if (handler_ != nullptr) handler_->on_drained();
}

}  // namespace quoll::os
