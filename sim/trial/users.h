// The few people of the simulated world, their passwords, and the identities that the scheme digest makes of them
// (user:base64(sha1(user:password)), worked out elsewhere).
#pragma once

#include <array>
#include <string_view>

namespace quoll::sim {

struct User {
  std::string_view secret;
  std::string_view identity;
};

// A user that no scheme knows.
inline constexpr int kNobody = -1;

inline constexpr std::array kUsers = {
    User{"ann:a", "ann:i9V/d2HTT0sehGWzvQcFNipywIQ="},
    User{"bob:b", "bob:LcrmCNs/wfVD+i5a5yaz89GyjIM="},
    User{"cat:c", "cat:UN7gY/f5xbd8krhyFWstvhC2YJg="},
};

}  // namespace quoll::sim
