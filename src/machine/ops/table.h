// The table of operations: each opcode's name and functions. Everything else about an operation is in its own file in
// this folder.
#pragma once

#include <string_view>

#include "machine/prepare.h"
#include "machine/read.h"

namespace quoll::machine::ops {

struct Operation {
  OpCode code;
  std::string_view name;              // ZooKeeper's name (Request.op2String)
  std::string_view tag;               // the name that `cons` prints as last operation (lop)
  Prepared (*prepare)(Preparation&);  // for writes; otherwise nullptr
  ReadResult (*read)(Reading&);       // for reads; otherwise nullptr
};

// nullptr if there is no such operation.
const Operation* find(OpCode code);

}  // namespace quoll::machine::ops
