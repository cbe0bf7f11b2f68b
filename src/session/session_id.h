// Session ids and the passwords that belong to them. The password is a function of the id alone, bit for bit Apache's,
// so that a session can move between servers of both kinds.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "types/ids.h"

namespace quoll::session {

// First id that a server hands out: 40 bits of wall-clock milliseconds below the server id's byte, never the container
// mark (INT64_MIN).
SessionId first_session_id(std::int64_t wall_ms, ServerId server);

// 16 bytes: java.util.Random(id ^ 0xB3415C00).nextBytes.
std::string password_of(SessionId id);

// In constant time. A session id of 0 has no password.
bool is_password_of(SessionId id, std::string_view password);

}  // namespace quoll::session
