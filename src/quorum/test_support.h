// An ensemble on the simulated network, whose members differ in their ports.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "quorum/event_queue.h"
#include "quorum/options.h"
#include "sim/world.h"
#include "zab/events.h"

namespace quoll::quorum::testing {

inline std::uint16_t election_port(std::int64_t id) {
  return static_cast<std::uint16_t>(3000 + id);
}
inline std::uint16_t quorum_port(std::int64_t id) {
  return static_cast<std::uint16_t>(2000 + id);
}

// Server `self` of members 1 to `count`.
inline Options options_of(std::int64_t self, std::int64_t count) {
  Options options;
  options.self = ServerId{self};
  for (std::int64_t id = 1; id <= count; ++id)
    options.members[ServerId{id}] = {{{"host" + std::to_string(id), quorum_port(id), election_port(id)}}};
  return options;
}

enum class SaslIs { required, optional };

// All servers log in as "server" with this password.
inline std::shared_ptr<const Authentication> sasl_of(const std::string& password, SaslIs is = SaslIs::required) {
  auto made = std::make_shared<Authentication>();
  made->accepts.users = {{"server", password}};
  made->is_required = is == SaslIs::required;
  made->connects_as = sasl::Login{"server", password};
  made->nonces = [next = '\0'](std::size_t bytes) mutable { return std::string(bytes, ++next); };
  return made;
}

// What the owner was told.
struct Told {
  Tell tell() {
    return [this](const zab::Event& event) { events.push_back(event); };
  }
  template <typename E>
  [[nodiscard]] std::vector<E> of() const {
    std::vector<E> found;
    for (const zab::Event& event : events) {
      if (const auto* const one = std::get_if<E>(&event)) found.push_back(*one);
    }
    return found;
  }
  template <typename E>
  [[nodiscard]] std::size_t count() const {
    return of<E>().size();
  }
  std::vector<zab::Event> events;
};

// The other end of a connection, played by the test.
struct Raw : env::DialHandler {
  void on_connected() override { is_connected = true; }
  void on_data(std::string_view bytes) override { heard += bytes; }
  void on_closed(std::string_view why) override { closed = why; }
  std::string heard;
  std::string closed;
  bool is_connected = false;
  std::unique_ptr<env::Connection> connection;
};

}  // namespace quoll::quorum::testing
