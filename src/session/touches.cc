#include "session/touches.h"

namespace quoll::session {

bool Touches::touch(SessionId id, std::int32_t timeout_ms) {
  if (!closing_.empty() && closing_.contains(id)) return false;
  touched_.insert_or_assign(id, timeout_ms);
  return true;
}

void Touches::set_closing(SessionId id) {
  closing_.insert(id);
}

void Touches::remove(SessionId id) {
  touched_.erase(id);
  closing_.erase(id);
}

void Touches::clear() {
  touched_.clear();
  closing_.clear();
}

}  // namespace quoll::session
