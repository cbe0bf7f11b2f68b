// The one table of operations: what each opcode is called and which functions carry it. Everything else about an
// operation stands in its own file of this folder.
#pragma once

#include <string_view>

#include "machine/prepare.h"
#include "machine/read.h"

namespace quoll::machine::ops {

struct Operation {
  OpCode code;
  std::string_view name;              // ZooKeeper's own (Request.op2String)
  std::string_view tag;               // as `cons` shows the last one (lop)
  Prepared (*prepare)(Preparation&);  // a write; nullptr otherwise
  ReadResult (*read)(Reading&);       // a read; nullptr otherwise
};

// nullptr: no such operation.
const Operation* find(OpCode code);

}  // namespace quoll::machine::ops
