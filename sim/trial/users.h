// The users of the simulated world, their passwords, and their identities in the scheme digest
// (user:base64(sha1(user:password)), precomputed).
#pragma once

#include <array>
#include <string_view>

namespace quoll::sim {

struct User {
  std::string_view secret;
  std::string_view identity;
};

// Stands for a login with an unknown scheme.
inline constexpr int kNobody = -1;

inline constexpr std::array kUsers = {
    User{"ann:a", "ann:i9V/d2HTT0sehGWzvQcFNipywIQ="},
    User{"bob:b", "bob:LcrmCNs/wfVD+i5a5yaz89GyjIM="},
    User{"cat:c", "cat:UN7gY/f5xbd8krhyFWstvhC2YJg="},
};

}  // namespace quoll::sim
