#include "session/session_id.h"

#include "base/constant_time.h"

namespace quoll::session {

namespace {
constexpr std::uint64_t kPasswordMask = 0xB3415C00;
constexpr std::size_t kPasswordBytes = 16;
}  // namespace

SessionId first_session_id(std::int64_t wall_ms, ServerId server) {
  // Apache counts time from the machine's boot, so it may issue the same ids again after a reboot. Counting from 2020
  // keeps ids unique until 2054.
  constexpr std::int64_t k2020Ms = 1577836800000;
  auto bits = (static_cast<std::uint64_t>(wall_ms - k2020Ms) << 24) >> 8;
  bits |= static_cast<std::uint64_t>(server.value()) << 56;
  const auto id = static_cast<std::int64_t>(bits);
  return SessionId{id == INT64_MIN ? id + 1 : id};
}

ServerId server_of(SessionId id) {
  return ServerId{static_cast<ServerId::rep>(static_cast<std::uint64_t>(id.value()) >> 56)};
}

std::string password_of(SessionId id) {
  // The linear congruential generator of java.util.Random, 48 bits. nextBytes takes four bytes from each 32-bit draw,
  // lowest first.
  constexpr std::uint64_t kMultiplier = 0x5DEECE66DULL;
  constexpr std::uint64_t kMask = (1ULL << 48) - 1;
  std::uint64_t seed = ((static_cast<std::uint64_t>(id.value()) ^ kPasswordMask) ^ kMultiplier) & kMask;
  std::string password;
  while (password.size() < kPasswordBytes) {
    seed = (seed * kMultiplier + 0xB) & kMask;
    const auto draw = static_cast<std::uint32_t>(seed >> 16);
    for (int shift = 0; shift < 32; shift += 8) password.push_back(static_cast<char>(draw >> shift));
  }
  return password;
}

bool is_password_of(SessionId id, std::string_view password) {
  return base::equal_in_constant_time(password, password_of(id)) && id.value() != 0;
}

}  // namespace quoll::session
