// The exception that ends a load: the server did something wrong.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>

namespace zkload {

struct Failure : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace zkload
