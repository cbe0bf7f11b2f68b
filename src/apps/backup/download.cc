#include "apps/backup/download.h"

#include <charconv>
#include <fmt/format.h>
#include <unistd.h>

#include "http/response_parser.h"
#include "os/console_log.h"
#include "os/dialer.h"
#include "os/files.h"
#include "os/loop.h"

namespace quoll::apps::backup {

namespace {

constexpr std::size_t kTextBytesMax = std::size_t{64} << 10;

class Asking : public env::DialHandler {
 public:
  Asking(os::Loop& loop, env::Dialer& dialer, const Download& what,
         const std::function<bool(std::string_view)>& on_body)
      : loop_(loop),
        what_(what),
        on_body_(on_body),
        parser_([this](std::string_view bytes) { return take(bytes); }),
        connection_(dialer.dial({.host = what.from.host,
                                 .port = what.from.port,
                                 .timeout_ms = what.silent_ms_max,
                                 .security = what.tls ? env::Security::tls : env::Security::plain},
                                *this)) {
    wait();
  }

  void on_connected() override {
    std::string request = fmt::format("GET {} HTTP/1.1\r\nHost: {}:{}\r\nConnection: close\r\n", what_.target,
                                      what_.from.host, what_.from.port);
    if (!what_.authorization.empty()) request += fmt::format("Authorization: {}\r\n", what_.authorization);
    connection_->send(request + "\r\n");
  }
  void on_data(std::string_view bytes) override {
    is_silent_ = false;
    parser_.put(bytes);
    if (parser_.state() == http::ResponseParser::State::complete ||
        parser_.state() == http::ResponseParser::State::failed)
      loop_.stop();
  }
  void on_closed(std::string_view why) override {
    why_ = why;
    parser_.end();
    loop_.stop();
  }

  [[nodiscard]] std::expected<Downloaded, std::string> result(const std::vector<std::string>& fields) {
    if (parser_.state() != http::ResponseParser::State::complete)
      return std::unexpected(fmt::format("{}:{}: {}", what_.from.host, what_.from.port,
                                         why_.empty() ? "the answer is no answer of an HTTP server" : why_));
    Downloaded done{parser_.status(), std::move(text_), {}};
    for (const std::string& field : fields) done.fields.push_back(parser_.field(field));
    return done;
  }

 private:
  bool take(std::string_view bytes) {
    if (parser_.status() == 200) {
      if (on_body_(bytes)) return true;
      why_ = "given up";
      return false;
    }
    text_.append(bytes.substr(0, kTextBytesMax - text_.size()));
    return true;
  }
  void wait() {
    timer_ = loop_.after(what_.silent_ms_max, [this] {
      if (!std::exchange(is_silent_, true)) return wait();
      why_ = fmt::format("it has sent nothing for {} s", what_.silent_ms_max / 1000);
      loop_.stop();
    });
  }

  os::Loop& loop_;
  const Download& what_;
  const std::function<bool(std::string_view)>& on_body_;
  std::string text_;
  std::string why_;
  bool is_silent_ = true;
  http::ResponseParser parser_;
  std::unique_ptr<env::Timer> timer_;
  std::unique_ptr<env::Connection> connection_;
};

}  // namespace

std::optional<Address> address_of(std::string_view text, std::uint16_t preset) {
  Address address{std::string(text), preset};
  const std::size_t colon = text.rfind(':');
  const bool has_port =
      colon != std::string_view::npos && !text.ends_with(']') && (text.starts_with('[') || text.find(':') == colon);
  if (has_port) {
    const std::string_view port = text.substr(colon + 1);
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), address.port);
    if (error != std::errc() || end != port.data() + port.size() || address.port == 0) return std::nullopt;
    address.host = text.substr(0, colon);
  }
  if (address.host.starts_with('[') && address.host.ends_with(']'))
    address.host = address.host.substr(1, address.host.size() - 2);
  if (address.host.empty()) return std::nullopt;
  return address;
}

std::expected<Downloaded, std::string> download(const Download& what, const std::vector<std::string>& fields,
                                                const std::function<bool(std::string_view)>& on_body) {
  os::Loop loop;
  os::ConsoleLog log(env::Level::error, STDERR_FILENO);
  os::PosixDisk disk;
  os::TcpDialer dialer(loop);
  if (what.tls) {
    const auto context = tls::Context::create(disk, *what.tls, tls::Role::client);
    if (!context) return std::unexpected(context.error());
    dialer.set_tls(*context, log);
  }
  Asking asking(loop, dialer, what, on_body);
  loop.run();
  return asking.result(fields);
}

}  // namespace quoll::apps::backup
