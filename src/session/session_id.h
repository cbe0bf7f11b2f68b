// Session ids and session passwords. As in Apache, the password is a function of the id alone, so that a session can
// move between servers of both kinds.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "types/ids.h"

namespace quoll::session {

// The first id that a server issues: the server id in the top byte, then 40 bits of wall-clock milliseconds. It is
// never the owner value of containers (INT64_MIN).
SessionId first_session_id(std::int64_t wall_ms, ServerId server);

// The server that has issued the id: its top byte.
ServerId server_of(SessionId id);

// 16 bytes: java.util.Random(id ^ 0xB3415C00).nextBytes.
std::string password_of(SessionId id);

// Compares in constant time. A session id of 0 has no password.
bool is_password_of(SessionId id, std::string_view password);

}  // namespace quoll::session
