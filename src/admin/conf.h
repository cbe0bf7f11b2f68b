// What `conf` and `configuration` say of the client ports.
#pragma once

#include "admin/words.h"

namespace quoll::admin {

// -1 if there is no such port, as Apache prints it.
int port_of(const Question& question, PortRole role);
// Of the first client port.
int backlog_of(const server::Options& options);

}  // namespace quoll::admin
