#include "machine/read.h"

#include "machine/ops/table.h"

namespace quoll::machine {

ReadResult read(Reading& reading) {
  const ops::Operation* const operation = ops::find(reading.request.op);
  if (operation == nullptr || operation->read == nullptr) return Error::unimplemented;
  return operation->read(reading);
}

}  // namespace quoll::machine
