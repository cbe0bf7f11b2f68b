// reconfig: a standalone server refuses it.
#include "machine/ops/common.h"
#include "machine/ops/ops.h"

namespace quoll::machine::ops {

Prepared prepare_reconfig(Preparation& p) {
  if (p.rules.reconfig == Rules::disabled) return std::unexpected(Error::reconfig_disabled);
  if (!p.session_open) return std::unexpected(Error::session_expired);
  return std::unexpected(Error::unimplemented);
}

}  // namespace quoll::machine::ops
