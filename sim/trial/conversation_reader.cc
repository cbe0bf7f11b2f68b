#include "sim/trial/conversation_reader.h"

#include <algorithm>

namespace quoll::sim {

Who ConversationReader::who_with(std::size_t logins) const {
  Who who{conversation->session, {Id{"ip", conversation->host}}};
  for (std::size_t i = 0; i < logins; ++i) {
    const Login& login = conversation->logins[i];
    const bool is_new = std::ranges::find(who.identities, login.id) == who.identities.end();
    if (!login.is_wrong && is_new) who.identities.push_back(login.id);
  }
  return who;
}

Who ConversationReader::who_asked(std::size_t k) const {
  const auto later = std::ranges::find_if(conversation->logins, [&](const Login& login) { return login.before > k; });
  return who_with(static_cast<std::size_t>(later - conversation->logins.begin()));
}

bool ConversationReader::receives(const Fired& fired, std::int64_t zxid) const {
  if (is_allowed(who_with(proven_by_then), fired.acl, perm::kRead)) return true;
  if (!is_allowed(who_with(proven), fired.acl, perm::kRead)) return false;
  return std::any_of(conversation->arrivals.begin() + static_cast<std::ptrdiff_t>(arrival),
                     conversation->arrivals.end(), [&](const Arrival& next) {
                       return next.kind == Arrival::event && next.zxid == zxid && next.event_type == fired.event.type &&
                              next.path == fired.event.path;
                     });
}

}  // namespace quoll::sim
